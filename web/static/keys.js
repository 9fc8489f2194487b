// The keyboard, copying of citations, small comforts of reading. Every page works without this file.
"use strict";

const store = {
  get on() { try { return localStorage.getItem("keys") !== "off"; } catch { return true; } },
  set on(value) { try { localStorage.setItem("keys", value ? "on" : "off"); } catch { /* private mode: for this page only */ } },
};
const places = { t: "/", d: "/digests", e: "/entities", s: "/sources" };
const dialog = document.querySelector("#keys");
const links = () => [...document.querySelectorAll(".hit h2 a, .story h2 a, .issue h3 a")];
let waitingForPlace = -Infinity;

function step(by) {
  const all = links();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

const actions = {
  "/": () => { const box = document.querySelector("#q"); box.focus(); box.select(); },
  j: () => step(1),
  k: () => step(-1),
  o: () => { if (links().includes(document.activeElement)) document.activeElement.click(); },
  c: () => document.querySelector(".cite details[open] button")?.click(),
  g: (event) => { waitingForPlace = event.timeStamp; },
  "?": () => dialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || !store.on) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = event.key;
  // When the keys were pressed counts, not when a busy machine came to them.
  if (event.timeStamp - waitingForPlace < 1500 && places[key]) {
    event.preventDefault();
    location.assign(places[key]);
    return;
  }
  waitingForPlace = -Infinity;
  if (actions[key]) {
    event.preventDefault();
    actions[key](event);
  }
});

const button = document.querySelector(".keys-button");
button.hidden = false;
button.querySelector("button").addEventListener("click", () => dialog.showModal());
const box = document.querySelector("#keys-on");
box.checked = store.on;
box.addEventListener("change", () => { store.on = box.checked; });

// Citations get a button, where the browser may copy.
if (navigator.clipboard) {
  for (const citation of document.querySelectorAll(".citation")) {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "⧉";
    copy.setAttribute("aria-label", citation.previousElementSibling.textContent);
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(citation.textContent);
        copy.textContent = "✓";
      } catch {
        getSelection().selectAllChildren(citation);  // then the reader's own shortcut copies it
      }
      setTimeout(() => { copy.textContent = "⧉"; }, 1500);
    });
    citation.after(copy);
  }
}

// On a phone there is nothing to hover with: a tap on a Chinese word shows its English.
const tip = document.createElement("p");
tip.className = "tip";
tip.lang = "en";
tip.hidden = true;
document.addEventListener("click", (event) => {
  const word = event.target.closest(".word");
  tip.hidden = !word;
  if (!word) return;
  tip.textContent = `${word.textContent}: ${word.title}`;
  document.body.append(tip);
  const place = word.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(place.left, innerWidth - tip.offsetWidth - 8)) + scrollX}px`;
  tip.style.top = `${place.bottom + scrollY + 4}px`;
});
