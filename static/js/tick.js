// “全部打勾” for a long list of boxes. Without it every box is ticked by hand.
document.querySelectorAll("[data-tick-all]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.querySelectorAll(`input[name="${button.dataset.tickAll}"]`).forEach((box) => {
      box.checked = true;
    });
  });
});
