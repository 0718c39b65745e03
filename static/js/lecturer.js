// Choosing a lecturer's card fills in what it says; without a script the button below the choice does it.
const choice = document.querySelector("select[name=lecturer]");
const button = document.querySelector("[data-fill-lecturer]");
const PARTS = ["name", "unit", "title", "political_status", "qualification"];

if (choice && button) {
  button.hidden = true;
  choice.addEventListener("change", () => {
    const card = choice.selectedOptions[0];
    if (!card || !card.value) return;
    PARTS.forEach((part) => {
      const field = choice.form.elements["lecturer_" + part];
      const text = card.getAttribute("data-" + part.replace("_", "-"));
      if (!field || text === null) return;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
}
