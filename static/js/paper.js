// The form of a paper follows its kind: what is asked for, 用途, outline, 字数 and due date are shown at once. The server
// decides by the kind that is sent; without this module everything is filled in by hand.
const form = document.querySelector("form[data-told]");
const told = JSON.parse(form.dataset.told);
const field = (name) => form.elements[name];
const valueOf = (name) => (field(name) ? field(name).value : "");
const asked = document.getElementById("paper-asked");
const more = document.getElementById("paper-more");
const missing = document.getElementById("words-missing");

const groupNow = () => valueOf("group") || Object.keys(told.kinds)[0];
const kindNow = () => (told.kinds[groupNow()] || {})[valueOf("kind") || form.dataset.kind];
const requestNow = () => told.requests[valueOf("request")];

function line(text, kind) {
  const element = document.createElement(kind || "p");
  element.textContent = text;
  return element;
}

function dueDay(kind, request) {
  if (request) return request.due;
  const day = told.days[valueOf("session")];
  if (!day || kind.days === null || kind.session === "none") return "";
  const due = new Date(day + "T00:00:00Z");
  due.setUTCDate(due.getUTCDate() + kind.days);
  return due.toISOString().slice(0, 10);
}

function count() {
  const kind = kindNow();
  const request = requestNow();
  const wanted = (request && request.words) || (kind && kind.words) || 0;
  const lacking = wanted - Array.from(valueOf("body").replace(/\s/g, "")).length;
  missing.textContent = wanted ? (lacking > 0 ? "，还差 " + lacking + " 字" : "，够 " + wanted + " 字了") : "";
}

function showAsked(kind, request) {
  asked.textContent = "";
  [kind.guidance, request && request.note].filter(Boolean).forEach((text) => {
    const note = line(text);
    note.className = "note";
    asked.append(note);
  });
  const words = (request && request.words) || kind.words;
  const due = dueDay(kind, request);
  const facts = line("");
  facts.className = "small";
  if (words) facts.append(line("不少于 " + words + " 字", "span"));
  if (due) facts.append(line(Number(due.slice(5, 7)) + "月" + Number(due.slice(8)) + "日前交", "span"));
  if (facts.children.length) asked.append(facts);
}

function showNeed(name, need) {
  const place = document.getElementById("paper-" + name);
  place.classList.toggle("paper-unasked", need === "none");
  const label = place.querySelector("label");
  label.textContent = label.textContent.replace(/（.*）|\*/g, "").trim() + (need === "required" ? "（必须填）" : "（可以不填）");
}

let before = kindNow();

function follow() {
  const kind = kindNow();
  if (!kind) return;
  const request = requestNow();
  showAsked(kind, request);
  showNeed("session", kind.session);
  showNeed("topic", kind.topic);
  if (kind.session === "required" || kind.topic === "required") more.open = true;
  if (before && kind !== before) {
    // What nobody has touched follows the kind.
    ["purpose", "outline"].forEach((fact) => {
      const target = field(fact === "outline" ? "body" : fact);
      const untouched = target.value.trim() === before[fact].trim();
      if (untouched && (fact !== "outline" || location.pathname.endsWith("/new/"))) target.value = kind[fact];
    });
  }
  before = kind;
  count();
  field("body").dispatchEvent(new CustomEvent("recount"));
}

form.addEventListener("change", (event) => {
  if (["kind", "group", "session", "request"].includes(event.target.name)) follow();
});
form.addEventListener("input", count);
follow();
