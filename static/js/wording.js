// On the return page: a field for wording, once opened, begins with the paragraph chosen in its row.

document.addEventListener(
  "toggle",
  (event) => {
    const wording = event.target;
    if (!wording.matches("details.wording") || !wording.open) return;
    const row = wording.closest("fieldset");
    const field = wording.querySelector("textarea");
    const chosen = row.querySelector("select").value;
    const text = chosen && document.querySelector(`#p${chosen} [data-text]`);
    if (text && !field.value) field.value = text.textContent;
  },
  true
);
