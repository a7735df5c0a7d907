// Lets the page speak when the box is away (browsers allow it over https and on the box itself).
"use strict";

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/service-worker.js", { scope: "/" }).catch(() => {});
}
