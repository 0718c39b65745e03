// 小标题: buttons that put “一、”“（一）” with the next number before the line of the cursor, or take it away. The text
// stays plain; without this module the numbers are typed.
const DIGITS = "一二三四五六七八九";
const MARKS = [null, /^[一二三四五六七八九十]+、/, /^（[一二三四五六七八九十]+）/];

function numeral(number) {
  const tens = Math.floor(number / 10);
  const ten = tens ? (tens > 1 ? DIGITS[tens - 1] : "") + "十" : "";
  return ten + (number % 10 ? DIGITS[(number % 10) - 1] : "");
}

function nextNumber(linesAbove, level) {
  let number = 1;
  linesAbove.forEach((text) => {
    if (MARKS[level].test(text)) number += 1;
    else if (level === 2 && MARKS[1].test(text)) number = 1;
  });
  return number;
}

// Through the browser's own editing where it can, so that 撤销 works.
function replace(area, start, end, text) {
  area.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text) && area.value.slice(start, start + text.length) !== text) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function mark(area, level) {
  area.focus();
  const here = area.selectionStart;
  const start = area.value.lastIndexOf("\n", here - 1) + 1;
  const end = area.value.indexOf("\n", here) < 0 ? area.value.length : area.value.indexOf("\n", here);
  const plain = area.value.slice(start, end).trim().replace(MARKS[1], "").replace(MARKS[2], "");
  const above = area.value.slice(0, start).split("\n").map((text) => text.trim());
  const number = level ? numeral(nextNumber(above, level)) : "";
  replace(area, start, end, ["", number + "、", "（" + number + "）"][level] + plain);
}

document.querySelectorAll("[data-headings]").forEach((bar) => {
  const area = document.getElementById(bar.dataset.headings);
  area.before(bar); // between its label and the text
  bar.hidden = false;
  bar.querySelectorAll("[data-level]").forEach((button) => {
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the cursor stays where it is
    button.addEventListener("click", () => mark(area, Number(button.dataset.level)));
  });
});
