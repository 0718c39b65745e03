// A copy button, shown only where pressing it does something. Without HTTPS a browser has no clipboard: the text is
// then selected and copied the old way, and stays selected when even that is refused.

function select(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(text) {
  select(text);
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text.textContent);
      return true;
    }
  } catch (error) {
    // Refused: try the old way.
  }
  return document.execCommand("copy");
}

document.querySelectorAll("[data-copy]").forEach((button) => {
  const text = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.textContent = (await copy(text)) ? "已复制" : "已选中，请长按复制";
  });
});
