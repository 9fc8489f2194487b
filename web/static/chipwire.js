// Small conveniences; every page works without this file.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = document.querySelector("#q");
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  }
});

// On a wide screen the filters beside the results start open; on a phone they stay folded.
const filters = document.querySelector("details.filters");
if (filters && window.matchMedia("(min-width: 60rem)").matches) filters.open = true;
