// Sends each file as soon as it is chosen, one after the other, and shows its verdict when the box has looked at it.
// Without this script the form sends them all at once.
"use strict";

const MOST_BYTES = 100e6;

const page = document.getElementById("enrol");
const list = document.getElementById("sending");
const waiting = [];
let busy = false;

function line(name) {
  const item = document.createElement("li");
  const title = Object.assign(document.createElement("bdi"), { textContent: name });
  const state = Object.assign(document.createElement("span"), { className: "about" });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  item.append(title, state, bar);
  list.append(item);
  return { item, state, bar };
}

// Logged out meanwhile: the page asks for the PIN and comes back, and the photos that were sent are still there.
function askForPin() {
  waiting.length = 0;
  busy = false;
  location.reload();
}

function fail(shown, words) {
  shown.item.className = "bad";
  shown.state.textContent = words;
  shown.bar.remove();
}

function put(html) {
  const made = new DOMParser().parseFromString(html, "text/html").getElementById("draft");
  if (!made) {
    location.reload();
    return;
  }
  document.getElementById("draft").replaceWith(made);
}

function send(file, shown) {
  return new Promise((resolve) => {
    const form = new FormData();
    form.append("photos", file);
    const request = new XMLHttpRequest();
    request.open("POST", page.dataset.add);
    request.setRequestHeader("X-CSRFToken", page.dataset.csrf);
    request.setRequestHeader("X-Part", "draft");
    request.upload.addEventListener("progress", (event) => {
      shown.bar.value = event.loaded / Math.max(event.total, 1);
      shown.state.textContent = page.dataset.sending;
    });
    request.upload.addEventListener("load", () => {
      shown.bar.removeAttribute("value");
      shown.state.textContent = page.dataset.looking;
    });
    request.addEventListener("load", () => {
      if (request.status === 200) {
        shown.item.remove();
        put(request.responseText);
      } else if (request.status === 401 || request.status === 413) {
        askForPin(); // a file of this size is too much only of somebody who is not logged in any more
      } else {
        fail(shown, page.dataset.broken);
      }
      resolve();
    });
    request.addEventListener("error", () => {
      fail(shown, page.dataset.broken);
      resolve();
    });
    request.send(form);
  });
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const [file, shown] = waiting.shift();
    await send(file, shown);
  }
  busy = false;
}

for (const input of document.querySelectorAll(".pick input")) {
  input.addEventListener("change", () => {
    for (const file of input.files) {
      const shown = line(file.name);
      if (file.size > MOST_BYTES) fail(shown, page.dataset.large);
      else waiting.push([file, shown]);
    }
    input.value = "";
    work();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("part" in form.dataset)) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "draft" } });
    if (answer.ok) put(await answer.text());
    else location.reload();
  } catch {
    fail(line(""), page.dataset.broken);
  }
});

addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});
