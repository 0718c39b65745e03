// The plan's table as a spreadsheet: move rows, add rows, paste a block of cells. Without script the form does it.
const table = document.querySelector("[data-plan-table]");
const body = table.tBodies[0];
const total = document.querySelector("input[name='rows-TOTAL_FORMS']");
const rows = () => Array.from(body.querySelectorAll("[data-row]"));

table.querySelectorAll("[data-needs-script]").forEach((part) => (part.hidden = false));

// Cells show all of their text.
function grow(cell) {
  cell.style.height = "auto";
  cell.style.height = `${cell.scrollHeight}px`;
}
body.querySelectorAll("textarea").forEach(grow);
body.addEventListener("input", (event) => {
  if (event.target.tagName === "TEXTAREA") grow(event.target);
});

function renumber() {
  rows().forEach((row, index) => (row.querySelector("[data-position]").value = index + 1));
}

function addRow() {
  const index = Number(total.value);
  const row = rows()[0].cloneNode(true);
  row.querySelectorAll(".invalid-feedback, .stored-cell, .row-mark").forEach((error) => error.remove());
  row.querySelectorAll("input, textarea").forEach((cell) => {
    cell.name = cell.name.replace(/rows-\d+-/, `rows-${index}-`);
    if (cell.id) cell.id = cell.id.replace(/rows-\d+-/, `rows-${index}-`);
    cell.classList.remove("is-invalid");
    if (cell.type === "checkbox") cell.checked = false;
    else cell.value = "";
  });
  body.append(row);
  total.value = index + 1;
  renumber();
  return row;
}

// Text brought back by keep.js may need more rows than the page has.
table.closest("form").addEventListener("keep:restore", (event) => {
  const kept = Object.keys(event.detail).map((name) => /^rows-(\d+)-topic$/.exec(name));
  const needed = Math.max(0, ...kept.filter(Boolean).map((match) => Number(match[1]) + 1));
  while (Number(total.value) < needed) addRow();
});

document.querySelector("[data-add]").addEventListener("click", (event) => {
  event.preventDefault();
  addRow().querySelector("textarea").focus();
});

body.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (event.target.closest("[data-up]") && row.previousElementSibling) row.previousElementSibling.before(row);
  else if (event.target.closest("[data-down]") && row.nextElementSibling) row.nextElementSibling.after(row);
  else return;
  renumber();
});

body.addEventListener("change", (event) => {
  if (event.target.type === "checkbox") event.target.closest("[data-row]").classList.toggle("removed", event.target.checked);
});

// A block copied from a spreadsheet: rows by line breaks, cells by tabs, quoted cells may hold line breaks.
function parse(text) {
  const lines = [[]];
  const cells = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r?\n|$)/g;
  let match;
  while ((match = cells.exec(text)) !== null) {
    lines[lines.length - 1].push(match[1] !== undefined ? match[1].replace(/""/g, '"') : match[2]);
    if (match[3] === "") break;
    if (match[3] !== "\t") lines.push([]);
  }
  return lines.filter((line) => line.some((cell) => cell.trim()));
}

body.addEventListener("paste", (event) => {
  const text = event.clipboardData.getData("text/plain");
  const target = event.target.closest("textarea");
  if (!target || !text.includes("\t")) return;
  event.preventDefault();
  const startRow = rows().indexOf(target.closest("[data-row]"));
  const startColumn = Array.from(target.closest("[data-row]").querySelectorAll("textarea")).indexOf(target);
  parse(text).forEach((line, offset) => {
    const row = rows()[startRow + offset] || addRow();
    const cells = row.querySelectorAll("textarea");
    line.forEach((value, column) => {
      const cell = cells[startColumn + column];
      if (!cell) return;
      cell.value = value.trim();
      grow(cell);
    });
  });
});
