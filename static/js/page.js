// Small helps on every page. Everything works without them.

// A second press on the same button does nothing while the first is on its way.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "1";
});

// Coming back with the back button, forms can be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// Show the names of chosen files beside our own button.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.type !== "file" || !input.dataset.names) return;
  const names = Array.from(input.files, (file) => file.name).join("、");
  document.getElementById(input.dataset.names).textContent = names || "还没有选择文件";
});

// “确认” before something that cannot simply be undone, once the form has all it asks for.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  const sent = button && button.form && !button.form.noValidate && !button.formNoValidate ? button.form : null;
  if (sent && !sent.checkValidity()) return; // the browser says what is missing
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

// Leaving a form with unsaved text asks first.
let dirty = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-guard]")) dirty = true;
});
document.addEventListener("submit", () => {
  dirty = false;
});
document.addEventListener("keep:saved", (event) => {
  if (event.detail.whole) dirty = false;
});
window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

// Another person has signed in with this browser: a page made for somebody else is not left standing, nor brought back.
const WHO = "signed-in";
const owner = document.body.dataset.user;

function giveWay() {
  dirty = false;
  location.replace(location.pathname + location.search);
}

try {
  if (owner) localStorage.setItem(WHO, owner);
  window.addEventListener("storage", (event) => {
    if (owner && event.key === WHO && event.newValue !== owner) giveWay();
  });
  window.addEventListener("pageshow", (event) => {
    if (owner && event.persisted && localStorage.getItem(WHO) !== owner) giveWay();
  });
} catch (error) {
  // No storage: the server still refuses what another person's page sends.
}
document.addEventListener("keep:stranger", giveWay);

// What keep.js kept of a form has done its work once the next page says the server has taken it.
const sent = sessionStorage.getItem("keep:sent");
if (sent && document.querySelector(".message-success")) localStorage.removeItem(sent);
// On the way to the login page the words were not taken: say so.
const keptHere = document.querySelector("[data-kept-here]");
if (keptHere && sent && localStorage.getItem(sent)) keptHere.hidden = false;
else sessionStorage.removeItem("keep:sent");
