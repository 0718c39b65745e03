// 自动保存: <form data-autosave="address"> is sent to the server three seconds after the last keystroke, when the page
// is left or hidden, and again when the signal returns. keep.js keeps the same text in this browser as a second net;
// both are told by the event "keep:saved". The hidden fields pen and pen_serial say which page writes, so that a lost
// answer makes no second draft and an older page never overwrites a newer one.

const QUIET = 3000;
const FIRST_WAIT = 4000;
const LONGEST_WAIT = 60000;
const SMALL_ENOUGH = 60000; // what a browser still sends when its page is gone

const form = document.querySelector("form[data-autosave]");
const shown = document.getElementById("autosave");

let address = form && form.dataset.autosave;
let timer = 0;
let wait = FIRST_WAIT;
let dirty = false;
let busy = false;
let stopped = false;
let renewed = false;

function tell(text, tone, link) {
  shown.textContent = text;
  shown.className = "autosave small" + (tone ? " autosave-" + tone : "");
  if (link) shown.append(link);
}

function anchor(text, target) {
  const link = document.createElement("a");
  link.textContent = text;
  link.href = target;
  return link;
}

function later(delay) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    timer = 0;
    save();
  }, delay);
}

// Everything but the files, with the next number of this page.
function content() {
  form.elements.pen_serial.value = Number(form.elements.pen_serial.value) + 1;
  const data = new FormData(form);
  ["uploads", "remove", "short"].forEach((name) => data.delete(name));
  return data;
}

// A choice alone begins no draft; something written does.
const isBegun = () => form.hasAttribute("action");
const isWritten = (field) => field.value.trim() !== field.defaultValue.trim();
const says = () => isWritten(form.elements.title) || isWritten(form.elements.body);

function stored(answer) {
  address = answer.autosave;
  form.elements.version.value = answer.version;
  if (form.getAttribute("action") !== answer.edit) {
    form.setAttribute("action", answer.edit);
    history.replaceState(history.state, "", answer.edit);
  }
  wait = FIRST_WAIT;
  renewed = false;
  form.dispatchEvent(new CustomEvent("keep:saved", { bubbles: true, detail: { whole: !dirty && !answer.complaints.length } }));
  if (answer.complaints.length) tell("没有全部自动保存。" + answer.complaints.join(" "), "bad");
  else if (answer.saved_at) tell(answer.saved_at + " 已自动保存", "good");
}

function keptHere() {
  return form.dataset.kept === "no" ? "本机存不下，请先把正文复制到别处" : "文字已存在本机";
}

function waitForSignal() {
  dirty = true;
  tell("没有网络，" + keptHere() + (form.dataset.kept === "no" ? "" : "，恢复后自动保存"), "wait");
  later(wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function askToLogIn() {
  dirty = true;
  const back = encodeURIComponent(form.getAttribute("action") || location.pathname);
  tell("登录已过期，" + keptHere() + "，请", "bad", anchor("重新登录", "/login/?next=" + back));
  later(LONGEST_WAIT);
}

function stop(text) {
  stopped = true;
  clearTimeout(timer);
  tell(text, "bad");
}

// The form's token is old after a new login: take the new one, but only for the person this page was made for.
async function comeBack() {
  const answer = await fetch(form.dataset.writingAs, { redirect: "manual", headers: { Accept: "application/json" } });
  if (answer.type === "opaqueredirect" || !answer.ok) return askToLogIn();
  const now = await answer.json();
  if (String(now.who) !== form.elements.who.value) {
    stop("现在登录的是另一位同志，没有保存。");
    document.dispatchEvent(new CustomEvent("keep:stranger"));
    return undefined;
  }
  if (renewed) return stop("没有自动保存：您现在不能修改这份材料。");
  renewed = true;
  form.elements.csrfmiddlewaretoken.value = now.token;
  return later(0);
}

async function take(answer) {
  if (answer.type === "opaqueredirect") return askToLogIn();
  if (answer.ok) return stored(await answer.json());
  dirty = true;
  if (answer.status === 403) return comeBack();
  if (answer.status >= 500 || answer.status === 429) return waitForSignal();
  const told = await answer.json().catch(() => ({}));
  if (answer.status === 409) return stop("这份材料在别处改过，这里写的还没有保存。按“保存草稿”对照两边的文字。");
  return stop((told.message || "自动保存没有成功，请按“保存草稿”。") + keptHere() + "。");
}

async function save(leaving) {
  clearTimeout(timer);
  timer = 0;
  if (!dirty || stopped || (busy && !leaving) || !(isBegun() || says())) return;
  busy = true;
  dirty = false;
  const sent = content();
  const request = { method: "POST", body: sent, redirect: "manual", headers: { Accept: "application/json" } };
  if (leaving && form.elements.body.value.length * 3 < SMALL_ENOUGH) request.keepalive = true;
  try {
    const answer = await fetch(address, request);
    // When a later writing is on its way already, its answer counts.
    if (sent.get("pen_serial") === form.elements.pen_serial.value || !answer.ok) await take(answer);
  } catch (error) {
    waitForSignal();
  }
  busy = false;
  if (dirty && !stopped && !timer) later(QUIET);
}

function touched() {
  dirty = true;
  if (!stopped) later(QUIET);
}

if (form) {
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  window.addEventListener("online", () => later(0));
  window.addEventListener("offline", () => dirty && waitForSignal());
  document.addEventListener("visibilitychange", () => save(document.visibilityState === "hidden"));
  window.addEventListener("pagehide", () => save(true));
  form.addEventListener("submit", () => {
    stopped = true;
    clearTimeout(timer);
    form.elements.pen_serial.value = Number(form.elements.pen_serial.value) + 1;
  });
  window.addEventListener("pageshow", () => {
    stopped = false;
  });
}
