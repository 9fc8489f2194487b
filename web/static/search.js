// Results while one types: waits for a pause, gives up what is outdated, never shows an older answer over a newer one.
"use strict";

const PAUSE = 180;
const input = document.querySelector("#q");
const wide = matchMedia("(min-width: 60rem)");
let timer = 0;
let running = null;

// On a wide screen the filters beside the results start open; on a phone they stay folded.
function unfold() {
  const filters = document.querySelector("details.filters");
  if (filters && wide.matches) filters.open = true;
}

async function show(address, keep) {
  running?.abort();
  const mine = (running = new AbortController());
  const main = document.querySelector("#main");
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine.signal.aborted) return;
    const found = page.querySelector("#main");
    if (!found) return;
    main.replaceChildren(...found.childNodes);
    document.title = page.title;
    unfold();
    if (keep) history.replaceState({ typed: true }, "", answer.url);
  } catch (error) {
    if (error.name !== "AbortError") input.form.submit();  // the page itself says what is wrong
  } finally {
    if (running === mine) {
      running = null;
      main.removeAttribute("aria-busy");
    }
  }
}

function typed() {
  const words = input.value.trim();
  if (words.length < 2) return;
  const address = `/search?${new URLSearchParams(new FormData(input.form))}`;
  if (address === location.pathname + location.search) return;
  if (location.pathname !== "/search") {
    // The first search from another page is a step of its own, so that Back leads there.
    history.pushState({ typed: true }, "", address);
    document.querySelectorAll("nav [aria-current]").forEach((link) => link.removeAttribute("aria-current"));
  }
  show(address, true);
}

input.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(typed, PAUSE);
});
input.addEventListener("compositionend", () => {
  clearTimeout(timer);
  timer = setTimeout(typed, PAUSE);
});
input.form.addEventListener("submit", () => { clearTimeout(timer); running?.abort(); });
addEventListener("popstate", () => location.reload());
unfold();
