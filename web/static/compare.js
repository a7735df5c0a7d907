// One file: how far it is; before and after in one place, parted by a line that follows the finger.
"use strict";

const AGAIN_MS = 1500;

// Until the work is done the page is loaded anew, now and then.
if (document.getElementById("file").hasAttribute("data-running")) {
  setTimeout(() => document.hidden || location.reload(), AGAIN_MS);
  document.addEventListener("visibilitychange", () => document.hidden || location.reload());
}

const slider = document.getElementById("slider");
const before = document.getElementById("before");

if (slider && before) {
  const part = () => {
    before.style.clipPath = `inset(0 ${100 - slider.value}% 0 0)`;
    document.getElementById("compare").style.setProperty("--part", `${slider.value}%`);
  };
  document.getElementById("compare").classList.add("together");
  slider.hidden = false;
  slider.addEventListener("input", part);
  part();
}
