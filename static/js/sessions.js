// Helps on the pages of a session. Everything works without them.

// “再加几行” without a round trip: the empty line of the template, numbered on.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-more]");
  if (!button) return;
  const prefix = button.dataset.more;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const empty = document.getElementById(`${prefix}-empty`);
  if (!total || !empty) return;
  event.preventDefault();
  for (let added = 0; added < 3; added += 1) {
    const line = document.createElement("template");
    line.innerHTML = empty.innerHTML.replace(/__prefix__/g, total.value);
    document.querySelector(".agenda-form").append(line.content);
    total.value = Number(total.value) + 1;
  }
});

// Agenda lines go up and down by a button; their numbers follow. Without this script the numbers are typed.
const sortable = document.querySelector("[data-reorder]");
const linesOf = (form) => [...form.querySelectorAll("fieldset.agenda-line")];
const isFilled = (line) => [...line.querySelectorAll("select, input")].some(
  (field) => !field.name.endsWith("-role") && !field.name.endsWith("-position") && field.value !== "",
);
const renumber = (form) => {
  let number = 0;
  linesOf(form).forEach((line) => {
    const position = line.querySelector('input[name$="-position"]');
    if (position) position.value = isFilled(line) ? String((number += 1)) : "";
  });
};
const addMoves = (line) => {
  if (line.querySelector(".agenda-move")) return;
  const moves = document.createElement("div");
  moves.className = "agenda-move";
  [["up", "↑", "上移"], ["down", "↓", "下移"]].forEach(([way, sign, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.dataset.move = way;
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    moves.append(button);
  });
  line.append(moves);
};
if (sortable) {
  sortable.classList.add("is-sortable");
  linesOf(sortable).forEach(addMoves);
  new MutationObserver(() => linesOf(sortable).forEach(addMoves)).observe(sortable, { childList: true });
  sortable.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const line = button.closest("fieldset");
    const lines = linesOf(sortable);
    const beside = lines[lines.indexOf(line) + (button.dataset.move === "up" ? -1 : 1)];
    if (!beside) return;
    if (button.dataset.move === "up") beside.before(line);
    else beside.after(line);
    renumber(sortable);
    button.focus();
  });
}

// How many boxes are ticked.
const tickCount = document.querySelector("[data-tick-count]");
if (tickCount) {
  document.addEventListener("change", () => {
    tickCount.textContent = document.querySelectorAll('input[name="person"]:checked').length;
  });
}

// A page that waits for its time opens by itself.
const waiting = document.querySelector("[data-reload-after]");
if (waiting) setTimeout(() => window.location.reload(), Number(waiting.dataset.reloadAfter) * 1000);

// The browser's own print dialog.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
