// 字数 while writing: characters without white space, as the server counts them.
// <textarea data-count="id of the element that shows it">
document.querySelectorAll("[data-count]").forEach((field) => {
  const shown = document.getElementById(field.dataset.count);
  const count = () => {
    shown.textContent = Array.from(field.value.replace(/\s/g, "")).length;
  };
  field.addEventListener("input", count);
  field.addEventListener("recount", count);
  count();
});
