// “全部打勾” and “全不选” for a long list of boxes. Without them every box is ticked by hand.
const give = (attribute, checked) =>
  document.querySelectorAll(`[${attribute}]`).forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      document.querySelectorAll(`input[name="${button.getAttribute(attribute)}"]`).forEach((box) => {
        box.checked = checked;
      });
    });
  });
give("data-tick-all", true);
give("data-tick-none", false);
