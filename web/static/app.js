// On every page: a button that was tapped twice is pressed once, and the page speaks when the box is away (browsers
// allow that over https and on the box itself).
"use strict";

const TAPPED_TWICE_MS = 2000;
const pressed = new WeakMap();

addEventListener("submit", (event) => {
  if (event.defaultPrevented) return; // a script of its own looks after this form
  const before = pressed.get(event.target);
  const now = performance.now();
  if (before && before.button === event.submitter && now - before.at < TAPPED_TWICE_MS) event.preventDefault();
  else pressed.set(event.target, { button: event.submitter, at: now });
});

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/service-worker.js", { scope: "/" }).catch(() => {});
}
