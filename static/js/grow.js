// A field as high as what stands in it: wording while it is typed (data-grow), and what a refusal shows again (readonly).

const GROWS = "textarea[data-grow], textarea[readonly]";
const MOST = 14; // lines of a field that is typed in; the buttons below it stay near

function grow(field) {
  if (!field.offsetParent) return;
  const style = getComputedStyle(field);
  const frame = field.offsetHeight - field.clientHeight + parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
  const line = parseFloat(style.lineHeight) || 1.5 * parseFloat(style.fontSize);
  if (!field.dataset.least) field.dataset.least = field.rows;
  field.rows = 1;
  const lines = Math.ceil((field.scrollHeight - frame + (field.offsetHeight - field.clientHeight)) / line);
  field.rows = Math.max(field.dataset.least, field.readOnly ? lines : Math.min(MOST, lines));
}

const growAll = () => document.querySelectorAll(GROWS).forEach(grow);
growAll();
document.addEventListener("input", (event) => {
  if (event.target.matches(GROWS)) grow(event.target);
});
// Another module may fill a field when it is opened: after that.
document.addEventListener("toggle", () => requestAnimationFrame(growAll), true);
