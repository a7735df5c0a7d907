// Looks by itself whether the box is back.
"use strict";

const AGAIN_MS = 3000;

document.getElementById("again").addEventListener("click", () => location.reload());
setInterval(() => {
  fetch("/health", { cache: "no-store" }).then(() => location.reload(), () => {});
}, AGAIN_MS);
