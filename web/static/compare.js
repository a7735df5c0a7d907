// Before and after in one place, parted by a line that follows the finger.
"use strict";

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
