// On the return page: a field for wording, once opened, begins with the paragraph chosen in its row, and goes along when
// another is chosen before anything was changed in it.

function textOf(row) {
  const chosen = row.querySelector("select").value;
  const text = chosen && document.querySelector(`#p${chosen} [data-text]`);
  return text ? text.textContent : "";
}

function begin(row) {
  const wording = row.querySelector("details.wording");
  const field = wording.querySelector("textarea");
  if (!wording.open || (field.value && field.value !== wording.dataset.begun)) return;
  field.value = wording.dataset.begun = textOf(row);
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches("details.wording")) begin(event.target.closest("fieldset"));
  },
  true
);
document.addEventListener("change", (event) => {
  const row = event.target.closest("[data-rows] fieldset");
  if (row && event.target.matches("select")) begin(row);
});
