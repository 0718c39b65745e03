// Points beside their paragraphs: a press on a paragraph's number opens a field below it. The fields belong to the form
// #verdict at the foot of the page; “退回…” takes them along. Without this module the number leads to the return page.

const form = document.getElementById("verdict");
const template = document.getElementById("point-template");
const total = form.querySelector('[name="points-TOTAL_FORMS"]');
const count = form.querySelector("[data-point-count]");
const boxes = () => Array.from(document.querySelectorAll("[data-point-box]"));
const field = (box, name) => box.querySelector(`[data-name="${name}"]`);
const textOf = (paragraph) => {
  const text = document.querySelector(`#p${paragraph} [data-text]`);
  return text ? text.textContent : "";
};
const isWorded = (box) => ![textOf(field(box, "paragraph").value), ""].includes(field(box, "suggested").value.trim());
const isSaid = (box) => Boolean(field(box, "text").value.trim()) || isWorded(box);

function number() {
  boxes().forEach((box, index) => {
    const paragraph = field(box, "paragraph").value;
    box.querySelector("legend").textContent = `意见${index + 1}：第${paragraph}段`;
    box.querySelectorAll("[data-name]").forEach((one) => {
      one.name = `points-${index}-${one.dataset.name}`;
      one.id = `id_${one.name}`;
      one.setAttribute("form", "verdict");
    });
    box.querySelectorAll("label[data-for]").forEach((label) => {
      label.htmlFor = `id_points-${index}-${label.dataset.for}`;
    });
  });
  total.value = boxes().length;
  tell();
}

function tell() {
  const said = boxes().filter(isSaid).length;
  count.textContent = said ? `（${said} 条意见）` : "";
}

function open(paragraph) {
  const box = template.content.firstElementChild.cloneNode(true);
  field(box, "paragraph").value = paragraph;
  const wording = box.querySelector("[data-wording]");
  wording.hidden = !textOf(paragraph);
  wording.addEventListener("toggle", () => {
    const suggested = field(box, "suggested");
    if (wording.open && !suggested.value) suggested.value = textOf(paragraph);
  });
  box.querySelector("[data-remove]").addEventListener("click", () => {
    box.remove();
    number();
    form.dispatchEvent(new Event("change"));
  });
  let place = document.getElementById(`p${paragraph}`);
  while (place.nextElementSibling && place.nextElementSibling.matches("[data-point-box]")) place = place.nextElementSibling;
  place.after(box);
  number();
  return box;
}

document.querySelectorAll("[data-point]").forEach((link) => {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const box = open(link.dataset.point);
    field(box, "text").focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  });
});
document.addEventListener("input", (event) => {
  if (event.target.closest("[data-point-box]")) tell();
});

// On a phone the paper has the screen: the field of the opinion opens when it is pressed, or holds something.
const opinion = form.querySelector("details.verdict-comment");
const small = window.matchMedia("(max-width: 640px)");
function fold() {
  const field = opinion.querySelector("textarea");
  opinion.open = !small.matches || Boolean(field.value) || Boolean(opinion.querySelector(".invalid-feedback"));
}
fold();
small.addEventListener("change", fold);
opinion.addEventListener("toggle", () => {
  if (opinion.open && small.matches) opinion.querySelector("textarea").focus();
});
opinion.querySelector("textarea").addEventListener("input", (event) => {
  if (!event.isTrusted && event.target.value) opinion.open = true; // brought back
});

// Text brought back by keep.js needs its fields first, in the order in which they were numbered.
form.addEventListener("keep:restore", (event) => {
  boxes().forEach((box) => box.remove());
  const kept = event.detail;
  for (let index = 0; `points-${index}-paragraph` in kept; index += 1) {
    const paragraph = kept[`points-${index}-paragraph`];
    if (!document.getElementById(`p${paragraph}`)) continue;
    const box = open(paragraph);
    if (kept[`points-${index}-suggested`]) box.querySelector("[data-wording]").open = true;
  }
});

// A pass does not send points on: ask, rather than lose them.
form.addEventListener("submit", (event) => {
  const said = boxes().filter(isSaid).length;
  const question = `您写了 ${said} 条段落意见。通过以后，这些意见不会发给撰稿人。确定通过吗？`;
  if (said && event.submitter && "passes" in event.submitter.dataset && !window.confirm(question)) event.preventDefault();
});
