// Photographs of pages: thumbnails, order, and smaller copies before they travel.
// <form data-photos="20"> with an input of several files; without this module the rows below it do the same.

const LONG_SIDE = 2000;
const KEEP_BELOW = 1024 * 1024;
const THUMB = 128;

const form = document.querySelector("[data-photos]");
const input = form.querySelector("[name=photos]");
const list = form.querySelector("[data-photos-list]");
const told = form.querySelector("[data-photos-told]");
const rows = form.querySelector("[data-photos-rows]");
const send = form.querySelector(".sticky-foot button");
const most = Number(form.dataset.photos);
const hint = told.textContent;
const chosen = [];
let waiting = Promise.resolve();
let pending = 0;

const read = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsDataURL(file);
  });

const load = (address) =>
  new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = address;
  });

function drawn(image, longest) {
  const width = image.naturalWidth || image.width;
  const height = image.naturalHeight || image.height;
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// One after the other: a phone has little memory. A picture this browser cannot open travels as it is.
async function prepare(photo) {
  try {
    const canvas = drawn(await load(await read(photo.file)), LONG_SIDE);
    photo.thumb = drawn(canvas, THUMB).toDataURL("image/jpeg", 0.7);
    if (photo.file.size > KEEP_BELOW) {
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
      const name = photo.file.name.replace(/\.[^.]*$/, "") + ".jpg";
      if (blob && blob.size < photo.file.size) photo.file = new File([blob], name, { type: "image/jpeg" });
    }
  } catch (error) {
    photo.thumb = "";
  }
}

function button(text, label, act, off) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.disabled = off;
  made.addEventListener("click", act);
  return made;
}

function move(index, to) {
  chosen.splice(to, 0, ...chosen.splice(index, 1));
  show();
  const place = list.children[to].querySelector(to < index ? "button" : "button:nth-child(2)");
  if (place && !place.disabled) place.focus();
}

function line(photo, index) {
  const item = document.createElement("li");
  const thumb = document.createElement("span");
  thumb.className = "photo-thumb";
  if (photo.thumb) {
    const image = document.createElement("img");
    image.src = photo.thumb;
    image.alt = "";
    thumb.append(image);
  } else {
    thumb.textContent = "照片";
  }
  const name = document.createElement("span");
  name.className = "photo-name";
  const page = document.createElement("strong");
  page.textContent = "第 " + (index + 1) + " 页";
  const small = document.createElement("span");
  small.className = "muted small";
  small.textContent = photo.name;
  name.append(page, small);
  const moves = document.createElement("span");
  moves.className = "photo-moves";
  const which = "第 " + (index + 1) + " 页";
  moves.append(
    button("↑", which + "上移", () => move(index, index - 1), index === 0),
    button("↓", which + "下移", () => move(index, index + 1), index === chosen.length - 1),
    button("移除", which + "移除", () => {
      chosen.splice(index, 1);
      show();
    }, false),
  );
  item.append(thumb, name, moves);
  return item;
}

function show() {
  list.textContent = "";
  list.append(...chosen.map(line));
  const files = new DataTransfer();
  chosen.forEach((photo) => files.items.add(photo.file));
  input.files = files.files;
  send.disabled = pending > 0;
  if (pending) told.textContent = "正在处理照片，还有 " + pending + " 张……";
  else told.textContent = chosen.length ? "共 " + chosen.length + " 页，可以再加、调整先后" : hint;
}

input.addEventListener("change", () => {
  const added = Array.from(input.files).slice(0, Math.max(0, most - chosen.length));
  const left = input.files.length - added.length;
  added.forEach((file) => {
    const photo = { file, name: file.name, thumb: "" };
    chosen.push(photo);
    pending += 1;
    waiting = waiting.then(() => prepare(photo)).then(() => {
      pending -= 1;
      show();
    });
  });
  show();
  if (left > 0) window.alert("一次最多 " + most + " 张照片，有 " + left + " 张没有加进来。");
});

rows.hidden = true;
