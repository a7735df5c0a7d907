// Keeps the page true while it is looked at: the picture, the faces that can be tapped, the state in words.
// A change of wishes by anybody else (command line, another phone) loads the page anew.
"use strict";

const STATE_EVERY_MS = 500;
const PICTURE_EVERY_MS = 200;
const REST_SHARE = 0.5; // of the time that the last picture took: a slow line gets fewer, and is never stuffed
const TOO_LATE_MS = 4000;
const LEAST_TOUCH_PX = 44;
const MOST_LETTERS = 18; // of a name under its face
const LETTER_PX = 5; // half of a letter, about
const SVG = "http://www.w3.org/2000/svg";

const page = document.getElementById("live");
const picture = document.getElementById("preview");
const noPicture = document.getElementById("no-preview");
const told = document.getElementById("told");
const faces = document.getElementById("faces");
const sheet = document.getElementById("sheet");
let hasPicture = !picture.hidden;
let state = null;
let chosen = null;

function show(present) {
  picture.hidden = !present;
  noPicture.hidden = present;
  faces.toggleAttribute("hidden", !present);
}

function write(element, text) {
  // Screen readers speak whatever is set, even if it is the same.
  if (element.textContent !== text) element.textContent = text;
}

function line(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function drawn(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function tell(words) {
  told.className = `told ${words.tone}`;
  for (const element of told.querySelectorAll("[data-told]")) write(element, words[element.dataset.told]);
  document.title = `MOFY · ${words.headline}`;
  const faults = words.faults.map((fault) => Object.assign(line("li", fault.text), { lang: fault.language ?? "" }));
  const list = document.getElementById("faults");
  if (list.textContent.trim() !== words.faults.map((fault) => fault.text).join("")) list.replaceChildren(...faults);
  const figures = words.figures.map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(line("dt", name), line("dd", value));
    return pair;
  });
  document.getElementById("figures").replaceChildren(...figures);
}

function place(group, face, pixel) {
  const [x0, y0, x1, y1] = face.box;
  const least = LEAST_TOUCH_PX * pixel;
  const grow = [Math.max(least - (x1 - x0), 0) / 2, Math.max(least - (y1 - y0), 0) / 2];
  const [touch, seen] = group.querySelectorAll("rect");
  const set = (rect, x, y, width, height) => Object.entries({ x, y, width, height }).forEach(([k, v]) => rect.setAttribute(k, v));
  set(touch, x0 - grow[0], y0 - grow[1], x1 - x0 + 2 * grow[0], y1 - y0 + 2 * grow[1]);
  set(seen, x0, y0, x1 - x0, y1 - y0);
  seen.setAttribute("rx", 6 * pixel);
  const label = group.querySelector("text");
  const short = face.name.length > MOST_LETTERS ? `${face.name.slice(0, MOST_LETTERS - 1)}…` : face.name;
  write(label, short);
  const half = short.length * LETTER_PX * pixel;
  const middle = Math.min(Math.max((x0 + x1) / 2, half), Math.max(faces.viewBox.baseVal.width - half, half));
  label.setAttribute("x", middle);
  label.setAttribute("y", y1 + 18 * pixel);
  label.setAttribute("font-size", 14 * pixel);
  group.setAttribute("class", face.state);
  group.setAttribute("aria-label", face.label);
}

function made(face) {
  const group = drawn("g", { role: "button", tabindex: "0", "data-track": face.id, "aria-haspopup": "dialog" });
  group.append(drawn("rect", { class: "touch" }), drawn("rect", { class: "shape" }), drawn("text", { "text-anchor": "middle" }));
  return group;
}

function point(found) {
  const { width, height } = state.status ?? {};
  if (width) faces.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const pixel = (width || 1) / (faces.clientWidth || 1);
  const known = new Map([...faces.children].map((group) => [group.dataset.track, group]));
  for (const face of found) {
    const group = known.get(String(face.id)) ?? faces.appendChild(made(face));
    known.delete(String(face.id));
    place(group, face, pixel);
  }
  for (const group of known.values()) group.remove();
  document.getElementById("tap").hidden = !found.length;
}

function say(wishes) {
  const list = document.getElementById("said");
  const known = new Map([...list.children].map((item) => [item.dataset.claim, item]));
  for (const wish of wishes) {
    const item = known.get(wish.id) ?? list.appendChild(spoken(wish));
    known.delete(wish.id);
    item.className = wish.state;
    write(item.querySelector(".name"), wish.title);
    write(item.querySelector(".about"), wish.about);
    write(item.querySelector("button"), wish.state === "refused" ? page.dataset.dismiss : page.dataset.takeBack);
  }
  for (const item of known.values()) item.remove();
}

function spoken(wish) {
  const item = document.createElement("li");
  item.dataset.claim = wish.id;
  const who = Object.assign(document.createElement("span"), { className: "who" });
  who.append(Object.assign(line("bdi", wish.title), { className: "name" }), Object.assign(line("span", wish.about), { className: "about" }));
  const back = line("button", page.dataset.takeBack);
  back.addEventListener("click", () => post(`/claims/${wish.id}/withdraw`).then(refreshState).catch(() => {}));
  item.append(who, back);
  return item;
}

async function asked(address, options = {}) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TOO_LATE_MS);
  try {
    return await fetch(address, { cache: "no-store", signal: patience.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

async function post(address, fields = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": page.dataset.csrf };
  const answer = await asked(address, { method: "POST", headers, body: new URLSearchParams(fields) });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? page.dataset.gone);
}

async function refreshState() {
  const answer = await asked(page.dataset.state);
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(answer.statusText);
  state = await answer.json();
  if (state.desired !== page.dataset.desired && !sheet.open && !document.getElementById("look").open) {
    location.reload();
    return;
  }
  tell(state.told);
  point(state.faces);
  say(state.said);
  hasPicture = state.preview;
  const recording = Boolean(state.status?.recording);
  const record = document.getElementById("record");
  record.value = recording ? "stop" : "start";
  record.classList.toggle("on", recording);
  write(record.querySelector(".words"), recording ? record.dataset.stop : record.dataset.start);
  for (const person of document.querySelectorAll("[data-person]")) {
    person.querySelector(".here").hidden = !state.in_view.includes(person.dataset.person);
  }
}

let newest = "";
async function refreshPicture() {
  if (!hasPicture) {
    show(false);
    return;
  }
  const answer = await asked(page.dataset.preview, newest ? { headers: { "If-None-Match": newest } } : {});
  if (answer.status === 304) return;
  if (!answer.ok) throw new Error(answer.statusText);
  newest = answer.headers.get("ETag") ?? "";
  const before = picture.src;
  picture.src = URL.createObjectURL(await answer.blob());
  await picture.decode();
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  show(true);
}

function repeat(task, everyMs, failed) {
  const again = async () => {
    const began = performance.now();
    try {
      if (!document.hidden) await task();
    } catch {
      failed();
    }
    const took = performance.now() - began;
    setTimeout(again, Math.max(everyMs - took, took * REST_SHARE));
  };
  again();
}

function open(track) {
  const face = state?.faces.find((one) => String(one.id) === track);
  if (!face) return;
  chosen = { ...face, run: state.status.run };
  const held = face.claim && face.state !== "guest";
  const wanted = held ? "held" : face.state === "pending" ? "held" : face.state;
  write(document.getElementById("sheet-title"), face.label);
  document.getElementById("sheet-fault").hidden = true;
  for (const form of sheet.querySelectorAll("form[data-for]")) form.hidden = form.dataset.for !== wanted;
  document.getElementById("guest-name").value = "";
  sheet.showModal();
  // Not the name: the keyboard would cover the buttons.
  sheet.querySelector(`[data-for="${wanted}"] .main`)?.focus();
}

const acts = {
  reveal: (button) => post(`/faces/${chosen.id}/reveal`, { run: chosen.run, minutes: button.dataset.minutes, name: document.getElementById("guest-name").value }),
  cover: () => post(`/faces/${chosen.id}/cover`, { run: chosen.run }),
  "cover-person": (button) => post(`/people/${chosen.person}/cover`, button.dataset.minutes ? { minutes: button.dataset.minutes } : {}),
  withdraw: () => post(`/claims/${chosen.claim}/withdraw`),
  close: async () => {},
};

sheet.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (event.target === sheet) sheet.close();
  if (!button) return;
  event.preventDefault();
  try {
    await acts[button.dataset.act](button);
    sheet.close();
    await refreshState();
  } catch (fault) {
    const place = document.getElementById("sheet-fault");
    place.hidden = false;
    write(place, `${page.dataset.refused}: ${fault.message}`);
  }
});

faces.addEventListener("click", (event) => {
  const group = event.target.closest("[data-track]");
  if (group) open(group.dataset.track);
});
faces.addEventListener("keydown", (event) => {
  const group = event.target.closest("[data-track]");
  if (!group || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  open(group.dataset.track);
});

repeat(refreshState, STATE_EVERY_MS, () => {
  told.className = "told bad";
  write(told.querySelector("[data-told=headline]"), page.dataset.gone);
  write(told.querySelector("[data-told=detail]"), "");
  // What it told before is not so for certain any more.
  for (const old of ["faults", "figures"]) document.getElementById(old).replaceChildren();
  point([]);
});
repeat(refreshPicture, PICTURE_EVERY_MS, () => show(false));
