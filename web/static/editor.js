// Saves the editor's form while it is being filled in. Without this file its buttons do.
"use strict";

const form = document.querySelector("#editor");
const status = document.querySelector("#saved");
const PAUSE = 1500;
let timer = 0;
let saving = false;
let again = false;
let stopped = !form?.querySelector("[value=save]");

function body() {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, value);
  fields.set("do", "autosave");
  return fields;
}

function showDoubts(doubts) {
  for (const box of form.querySelectorAll(".doubts")) {
    const found = doubts[box.id.slice("doubts-".length)] ?? [];
    box.replaceChildren(...found.map((doubt) => {
      const line = document.createElement("p");
      const label = document.createElement("strong");
      const sentence = document.createElement("q");
      label.textContent = form.dataset.missing;
      sentence.textContent = doubt.sentence;
      line.append(label, ` ${doubt.missing.join(", ")} `, sentence);
      return line;
    }));
  }
}

async function save() {
  if (saving) { again = true; return; }
  saving = true;
  status.textContent = form.dataset.saving;
  try {
    const answer = await fetch(form.action, { method: "POST", body: body(), credentials: "same-origin" });
    if (answer.status === 409) {
      stopped = true;
      status.textContent = form.dataset.taken;
    } else if (answer.ok) {
      showDoubts((await answer.json()).doubts);
      status.textContent = form.dataset.saved;
    } else {
      status.textContent = form.dataset.failed;
    }
  } catch {
    status.textContent = form.dataset.failed;
  }
  saving = false;
  if (again) { again = false; save(); }
}

form?.addEventListener("input", () => {
  if (stopped) return;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
});
form?.addEventListener("submit", () => clearTimeout(timer));
// Enter in a line of the form saves it, and does not press its first button, whatever that is.
form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
    event.preventDefault();
    if (!stopped) { clearTimeout(timer); save(); }
  }
});
addEventListener("pagehide", () => { if (!stopped && timer && form) navigator.sendBeacon?.(form.action, body()); });
