// Keeps the page true while it is looked at: the picture, the state in words, and who is in view.
// A change of wishes by anybody else (command line, another phone) loads the page anew.
"use strict";

const STATE_EVERY_MS = 1000;
const PICTURE_EVERY_MS = 300;
const TOO_LATE_MS = 4000;

const page = document.getElementById("live");
const picture = document.getElementById("preview");
const noPicture = document.getElementById("no-preview");
const told = document.getElementById("told");
let hasPicture = !picture.hidden;

function show(present) {
  picture.hidden = !present;
  noPicture.hidden = present;
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

function tell(words) {
  told.className = `told ${words.tone}`;
  for (const element of told.querySelectorAll("[data-told]")) write(element, words[element.dataset.told]);
  document.title = `MOFY · ${words.headline}`;
  const faults = words.faults.map((fault) => Object.assign(line("li", fault), { lang: "en" }));
  document.getElementById("faults").replaceChildren(...faults);
  const figures = words.figures.map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(line("dt", name), line("dd", value));
    return pair;
  });
  document.getElementById("figures").replaceChildren(...figures);
}

async function asked(address) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), TOO_LATE_MS);
  const answer = await fetch(address, { cache: "no-store", signal: patience.signal });
  clearTimeout(timer);
  if (!answer.ok) throw new Error(answer.statusText);
  return answer;
}

async function refreshState() {
  const state = await (await asked(page.dataset.state)).json();
  if (state.desired !== page.dataset.desired) {
    location.reload();
    return;
  }
  tell(state.told);
  hasPicture = state.preview;
  for (const person of document.querySelectorAll("[data-person]")) {
    person.querySelector(".here").hidden = !state.in_view.includes(person.dataset.person);
  }
}

async function refreshPicture() {
  if (!hasPicture) {
    show(false);
    return;
  }
  const jpeg = await (await asked(page.dataset.preview)).blob();
  const before = picture.src;
  picture.src = URL.createObjectURL(jpeg);
  await picture.decode();
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  show(true);
}

function repeat(task, everyMs, failed) {
  const again = async () => {
    try {
      if (!document.hidden) await task();
    } catch {
      failed();
    }
    setTimeout(again, everyMs);
  };
  again();
}

repeat(refreshState, STATE_EVERY_MS, () => {
  told.className = "told bad";
  write(told.querySelector("[data-told=headline]"), page.dataset.gone);
  write(told.querySelector("[data-told=detail]"), "");
});
repeat(refreshPicture, PICTURE_EVERY_MS, () => show(false));
