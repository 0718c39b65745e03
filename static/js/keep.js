// Forms marked data-keep="<user id>": what was typed is kept in this browser until the server has taken it, so that an
// expired login, a lost signal or a closed page costs nothing. Only the same person is ever offered it back, and only
// what the server does not have: autosave.js says by "keep:saved" that it has taken everything.

const MAX_AGE = 7 * 24 * 3600 * 1000;
const SKIPPED = ["hidden", "file", "password", "submit", "button"];

const fieldsOf = (form) =>
  Array.from(form.elements).filter((field) => field.name && !field.disabled && !SKIPPED.includes(field.type));
const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

function read(form) {
  const values = {};
  fieldsOf(form).forEach((field) => {
    if (isChoice(field)) values[field.name + "=" + field.value] = field.checked;
    else values[field.name] = field.value;
  });
  return values;
}

function write(form, values) {
  fieldsOf(form).forEach((field) => {
    const value = values[isChoice(field) ? field.name + "=" + field.value : field.name];
    if (value === undefined) return;
    if (isChoice(field)) field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// Does it hold anything the page does not show already?
function holdsMore(values, form) {
  const shown = read(form);
  return Object.keys(values).some((name) => (name in shown ? values[name] !== shown[name] : Boolean(values[name])));
}

function load(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    return kept && Date.now() - kept.at < MAX_AGE ? kept : null;
  } catch (error) {
    return null;
  }
}

function store(key, form) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: read(form) }));
    form.dataset.kept = "yes";
  } catch (error) {
    form.dataset.kept = "no"; // no room or no permission: the page works as if this module were not there
  }
}

function offer(form, key, kept) {
  const box = document.createElement("div");
  box.className = "message message-warning keep-offer";
  const text = document.createElement("p");
  text.textContent = "这台设备上留有您 " + new Date(kept.at).toLocaleString("zh-CN") + " 填写、还没有保存的内容。";
  const restore = document.createElement("button");
  restore.className = "btn btn-primary btn-small";
  restore.textContent = "恢复刚才的内容";
  const drop = document.createElement("button");
  drop.className = "btn btn-small";
  drop.textContent = "不要了";
  restore.type = drop.type = "button";
  restore.addEventListener("click", () => {
    bringBack(form, kept);
    box.remove();
  });
  drop.addEventListener("click", () => {
    localStorage.removeItem(key);
    box.remove();
  });
  const actions = document.createElement("div");
  actions.className = "actions";
  actions.append(restore, drop);
  box.append(text, actions);
  // A form at the foot of the page has no room for it.
  const place = form.classList.contains("sticky-foot") ? document.querySelector("main") : form;
  place.prepend(box);
}

// page.js forgets it when the page after a successful submission says so.
const SENT = "keep:sent";

// What stands beside a form marked data-aside, or was put off by a button marked so, comes back by itself.
const AGAIN = "keep:again";

function setAside(event) {
  const aside = event.target.matches("[data-aside]") || (event.submitter && event.submitter.matches("[data-aside]"));
  if (aside && !event.defaultPrevented) document.dispatchEvent(new CustomEvent("keep:aside"));
  return aside;
}

function comesAgain(key) {
  const keys = JSON.parse(sessionStorage.getItem(AGAIN) || "[]");
  sessionStorage.setItem(AGAIN, JSON.stringify(keys.filter((one) => one !== key)));
  return keys.includes(key);
}

function bringBack(form, kept) {
  form.dispatchEvent(new CustomEvent("keep:restore", { detail: kept.values }));
  write(form, kept.values);
}

// Several forms of one page are told apart by where they are sent.
function keyOf(form) {
  const target = new URL(form.getAttribute("action") || location.href, location.href).pathname;
  return "keep:" + form.dataset.keep + ":" + target;
}

document.querySelectorAll("form[data-keep]").forEach((form) => {
  let key = keyOf(form);
  let blank = JSON.stringify(read(form));
  const kept = load(key);
  // The modules that make room for what is kept may come after this one.
  if (comesAgain(key) && kept) document.addEventListener("DOMContentLoaded", () => bringBack(form, kept));
  else if (kept && holdsMore(kept.values, form)) offer(form, key, kept);
  let timer = 0;
  // A field may stand elsewhere on the page and name its form.
  document.addEventListener("input", (event) => {
    if (!event.isTrusted || event.target.form !== form) return;
    clearTimeout(timer);
    timer = setTimeout(() => store(key, form), 400);
  });
  document.addEventListener("keep:aside", () => {
    if (JSON.stringify(read(form)) === blank) return;
    store(key, form);
    sessionStorage.setItem(AGAIN, JSON.stringify([...JSON.parse(sessionStorage.getItem(AGAIN) || "[]"), key]));
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (setAside(event) && !form.matches("[data-aside]")) return; // put off: nothing was sent
    if (JSON.stringify(read(form)) !== blank || load(key)) store(key, form);
    sessionStorage.setItem(SENT, key);
  });
  form.addEventListener("keep:saved", (event) => {
    // An offer still open is about other words than these: it stays until the person has decided.
    if (form.querySelector(".keep-offer")) return;
    localStorage.removeItem(key);
    key = keyOf(form);
    if (!event.detail.whole) return store(key, form);
    clearTimeout(timer);
    localStorage.removeItem(key);
    blank = JSON.stringify(read(form));
  });
});
