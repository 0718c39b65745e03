// A print button, shown only where pressing it does something.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// What is folded on the screen belongs on the paper.
window.addEventListener("beforeprint", () => {
  document.querySelectorAll("main details:not([open])").forEach((folded) => {
    folded.open = true;
    window.addEventListener("afterprint", () => { folded.open = false; }, { once: true });
  });
});
