// Sends files in pieces that survive a broken line, and keeps the list true.
"use strict";

const STATE_EVERY_MS = 1000;
const AGAIN_AFTER_MS = [500, 1000, 2000, 4000, 8000];

const page = document.getElementById("files");
const form = document.getElementById("send");
const list = document.getElementById("jobs");
const sending = new Map();
let left = 0; // files that were chosen and are not here yet

function row(id) {
  let found = list.querySelector(`[data-job="${id}"]`);
  if (found) return found;
  found = document.createElement("li");
  found.dataset.job = id;
  const link = document.createElement("a");
  const blank = Object.assign(document.createElement("span"), { className: "blank" });
  const who = Object.assign(document.createElement("span"), { className: "who" });
  const name = Object.assign(document.createElement("bdi"), { className: "name" });
  const about = Object.assign(document.createElement("span"), { className: "about" });
  about.dataset.told = "";
  const bar = Object.assign(document.createElement("progress"), { max: 1, hidden: true });
  who.append(name, about, bar);
  link.append(blank, who);
  found.append(link);
  list.prepend(found);
  return found;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(job) {
  const item = row(job.id);
  item.className = job.state;
  write(item.querySelector(".name"), job.name);
  const link = item.querySelector("a");
  if (job.page) link.href = job.page;
  const bar = item.querySelector("progress");
  const broken = sending.get(job.id)?.broken;
  write(item.querySelector("[data-told]"), broken ? page.dataset.broken : job.told);
  bar.hidden = job.share === null;
  if (job.share !== null) bar.value = job.share;
  const blank = item.querySelector(".blank");
  if (job.picture && blank) {
    const picture = Object.assign(document.createElement("img"), { src: job.picture, alt: "", width: 72, height: 72 });
    blank.replaceWith(picture);
  }
}

async function refresh() {
  const answer = await fetch(page.dataset.state, { cache: "no-store" });
  if (answer.status === 401) {
    left = 0;
    location.reload(); // logged out meanwhile: the page asks for the PIN
  }
  if (!answer.ok) return;
  const state = await answer.json();
  const known = new Set(state.jobs.map((job) => job.id));
  for (const item of [...list.children]) if (!known.has(item.dataset.job) && !("own" in item.dataset)) item.remove();
  for (const job of [...state.jobs].reverse()) show(job);
  document.getElementById("none").hidden = list.children.length > 0;
  document.getElementById("nobody-works").hidden = !state.nobody_works;
}

// A row for a file that the box does not know, yet or at all.
function own(name) {
  const item = row(`own-${Math.random()}`);
  item.dataset.own = "";
  write(item.querySelector(".name"), name);
  write(item.querySelector("[data-told]"), page.dataset.waiting);
  document.getElementById("none").hidden = true;
  return item;
}

function refused(item, why) {
  item.className = "failed";
  write(item.querySelector("[data-told]"), `${page.dataset.refused}: ${why}`);
}

function asked(address, options) {
  return fetch(address, { ...options, method: "POST", headers: { ...options.headers, "X-CSRFToken": page.dataset.csrf, Accept: "application/json" } });
}

async function words(answer) {
  try {
    return (await answer.json()).error ?? answer.statusText;
  } catch {
    return answer.statusText;
  }
}

// Asks until there is an answer that counts: a line that broke comes back.
async function patiently(ask, tell, counts) {
  for (let failures = 0; ; failures += 1) {
    try {
      const answer = await ask();
      if (answer.status !== 429 && counts(answer)) {
        tell(false);
        return answer;
      }
    } catch {
      // Below it is tried again.
    }
    tell(true);
    await new Promise((done) => setTimeout(done, AGAIN_AFTER_MS[Math.min(failures, AGAIN_AFTER_MS.length - 1)]));
  }
}

async function send(file, keep, look, item) {
  const begin = () =>
    asked(page.dataset.begin, {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: file.name, size: file.size, keep, look }),
    });
  const told = item.querySelector("[data-told]");
  const begun = await patiently(begin, (broken) => write(told, broken ? page.dataset.broken : page.dataset.sending), () => true);
  if (!begun.ok) {
    refused(item, await words(begun));
    return;
  }
  const job = await begun.json();
  sending.set(job.id, { broken: false });
  item.remove();
  await refresh().catch(() => {});
  await pieces(file, job);
  sending.delete(job.id);
}

async function pieces(file, job) {
  let offset = 0;
  while (offset < file.size) {
    const body = file.slice(offset, offset + Number(page.dataset.piece));
    const piece = () => asked(`${job.piece}?offset=${offset}`, { headers: { "Content-Type": "application/octet-stream" }, body });
    const answer = await patiently(piece, (broken) => (sending.get(job.id).broken = broken), ({ status }) => status < 500);
    if (!answer.ok && answer.status !== 409) return; // refused, or deleted meanwhile: the list tells
    const said = await answer.json();
    if (answer.status === 409 && said.received === offset) return;
    offset = said.received;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = new FormData(form);
  const keep = chosen.getAll("keep");
  const look = { style: chosen.get("style"), strength: chosen.get("strength") };
  const files = [...document.getElementById("choose").files];
  document.getElementById("choose").value = "";
  list.scrollIntoView({ block: "nearest" });
  const rows = files.map((file) => own(file.name));
  left += files.length;
  for (const [k, file] of files.entries()) {
    await send(file, keep, look, rows[k]).catch((fault) => refused(rows[k], fault.message));
    left -= 1;
  }
});

window.addEventListener("beforeunload", (event) => {
  if (left) event.preventDefault();
});

function again() {
  const wait = () => setTimeout(again, STATE_EVERY_MS);
  if (document.hidden) wait();
  else refresh().catch(() => {}).finally(wait);
}
again();
