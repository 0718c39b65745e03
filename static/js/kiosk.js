// A keypad for a touch screen without a keyboard. Without it the PIN is typed on whatever keyboard there is.
const pad = document.querySelector("[data-keys]");
let field = document.querySelector("[data-pin][autofocus]") || document.querySelector("[data-pin]");

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-pin]")) field = event.target;
});

function press(key) {
  if (key === "←") field.value = field.value.slice(0, -1);
  else if (key === "清除") field.value = "";
  else if (field.value.length < field.maxLength) field.value += key;
}

if (pad && field) {
  for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "清除", "0", "←"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = key;
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps its focus
    button.addEventListener("click", () => press(key));
    pad.append(button);
  }
  pad.hidden = false;
}
