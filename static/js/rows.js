// More rows for a numbered list of a Django formset: <ol data-rows="prefix"> and a hidden <button data-add-row="prefix">.
// With data-rows-few it begins with one empty row at most.

document.querySelectorAll("[data-add-row]").forEach((button) => {
  const prefix = button.dataset.addRow;
  const list = document.querySelector(`[data-rows="${prefix}"]`);
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const limit = document.getElementById(`id_${prefix}-MAX_NUM_FORMS`);
  const form = list.closest("form");

  function add() {
    const number = Number(total.value);
    if (number >= Number(limit.value)) return;
    const row = list.lastElementChild.cloneNode(true);
    row.querySelectorAll("ul.errorlist, .invalid-feedback").forEach((error) => error.remove());
    row.querySelectorAll("[name]").forEach((field) => {
      field.name = field.name.replace(/-\d+-/, `-${number}-`);
      field.id = `id_${field.name}`;
      field.value = "";
    });
    row.querySelectorAll("label[for]").forEach((label) => {
      label.htmlFor = label.htmlFor.replace(/-\d+-/, `-${number}-`);
    });
    row.querySelectorAll("details").forEach((details) => {
      details.open = false;
      delete details.dataset.begun;
    });
    const title = row.querySelector("legend, [data-row-title]");
    title.textContent = (title.dataset.rowTitle || "第#条意见").replace("#", number + 1);
    list.append(row);
    total.value = number + 1;
    row.querySelector("textarea").focus();
  }

  // With this button at hand one empty row is enough, where the page asks for no more.
  const isEmpty = (row) => !Array.from(row.querySelectorAll("textarea, select, input")).some((field) => field.value);
  while ("rowsFew" in list.dataset && list.children.length > 1 && isEmpty(list.lastElementChild)) {
    list.lastElementChild.remove();
    total.value = list.children.length;
  }

  button.hidden = false;
  button.addEventListener("click", add);
  // Text brought back by keep.js may need more rows than the page has.
  form.addEventListener("keep:restore", (event) => {
    const kept = Object.keys(event.detail).filter((name) => name.startsWith(`${prefix}-`) && name.endsWith("-text"));
    while (Number(total.value) < kept.length && Number(total.value) < Number(limit.value)) add();
  });
});
