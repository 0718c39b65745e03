// A button that writes a usual answer into its field: <button data-fill="field id" data-text="…" hidden>
document.querySelectorAll("[data-fill]").forEach((button) => {
  const field = document.getElementById(button.dataset.fill);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = (field.value.trim() + " " + button.dataset.text).trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
});
