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
