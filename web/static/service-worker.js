// Stands in when the box cannot be reached. It keeps nothing personal: one page, its style and the sign.
"use strict";

const KEPT = "mofy-away-1";
const AWAY = "/away";
const FILES = [AWAY, "/static/mofy.css", "/static/icon.svg", "/static/away.js"];
const PATIENCE_MS = 8000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

function inTime(request) {
  const late = new Promise((_, refuse) => setTimeout(refuse, PATIENCE_MS));
  return Promise.race([fetch(request), late]);
}

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET" && event.request.mode === "navigate") {
    event.respondWith(inTime(event.request).catch(() => caches.match(AWAY)));
  } else if (FILES.includes(new URL(event.request.url).pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
  }
});
