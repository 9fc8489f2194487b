"""Hostile texts in every field that is shown, in a real browser: does anything of them run, or become an element?

    python bench/hostile.py [--payloads FILE …] [--take N] [--seed 1]

Payloads are lines of text files (plain or gzip) or a JSON list; without `--payloads` those beside the repository are taken.
Each is the title of an article and a paragraph of it, the author and the outlet of its neighbours; they are imported by the
command, published in one week, and served by `chipwire serve` (lexical). Chromium then opens every article and its story,
searches for every payload, and looks at the lists, entities, sources, saved searches named by payloads, the digest, its
editor, its HTML file and its mail, and at every feed's entries as a careless reader would show them: their HTML in a page
without any policy. Counted on each page: dialogs and other functions that payloads call, violations of the content
security policy, event-handler attributes, foreign scripts, frames, plug-ins, `base`, forms, and links of any scheme but http(s) and mailto.
"""

import argparse
import gzip
import html
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

WEEK = "2023-W46"
SEARCHES = 50
FORMS = ("atom", "rss", "json")

WATCH = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval'])
  window[name] = (...all) => { window.__ran.push(name + ' ' + all.join(' ').slice(0, 80)); };
document.addEventListener('securitypolicyviolation',
  event => window.__ran.push('policy ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample), true);
"""

INSPECT = """
const found = [...window.__ran];
const own = location.origin;
for (const element of document.querySelectorAll('*')) {
  for (const attribute of element.attributes)
    if (/^on/i.test(attribute.name)) found.push('handler ' + element.tagName + ' ' + attribute.name);
  const name = element.localName;
  if (['iframe', 'object', 'embed', 'base', 'frame', 'applet', 'audio', 'video', 'source', 'marquee', 'math'].includes(name))
    found.push('element ' + name);
  if (name === 'script' && !(element.src ? element.src.startsWith(own) : element.type === 'application/json'))
    found.push('script ' + (element.src || element.textContent.slice(0, 60)));
  if (name === 'img' && !element.src.startsWith(own)) found.push('image ' + element.src.slice(0, 80));
  if (name === 'meta' && element.httpEquiv.toLowerCase() === 'refresh') found.push('refresh');
  if (name === 'form' && !element.action.startsWith(own)) found.push('form ' + element.action);
  const href = name === 'a' && (element.getAttribute('href') ?? element.getAttribute('xlink:href'));
  if (href && !/^(https?|mailto):$/.test(new URL(href, 'http://base.example' + location.pathname).protocol)) found.push('link ' + href.slice(0, 80));
}
return found;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = Path(__file__).parent.parent.parent / "shared" / "data" / "hostile"
    parser.add_argument("--payloads", type=Path, nargs="*", default=[shared / "blns.json", shared / "xss_payloads.txt.gz"])
    parser.add_argument("--take", type=int, default=0, help="only so many payloads, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    missing = [str(path) for path in options.payloads if not path.is_file()]
    if missing:
        sys.exit(f"There is no file {missing[0]}: name one with --payloads.")
    payloads = list(dict.fromkeys(line for path in options.payloads for line in read(path) if line.strip()))
    if options.take:
        payloads = random.Random(options.seed).sample(payloads, min(options.take, len(payloads)))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        imported(work, payloads, range(0, len(payloads), 2))
        with_server(work, payloads)


def read(path: Path) -> list[str]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", "replace")
    return [str(each) for each in json.loads(text)] if path.suffixes[-1] == ".json" else text.splitlines()


def chipwire(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", "--home", str(work / "home"), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
    )


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "CHIPWIRE_MODEL": "none", "PYTHONPATH": str(Path(__file__).parent.parent), **more}


def imported(work: Path, payloads: Sequence[str], numbers: range) -> None:
    """One article to each of these payloads, through the command that everybody uses."""
    with (work / "hostile.jsonl").open("w", encoding="utf-8") as out:
        for number in numbers:
            payload = payloads[number]
            beside, after = payloads[number - 1], payloads[number - 2]
            record = {
                "url": f"https://hostile.example/{number}",
                "title": payload,
                "text": f"NVIDIA sold {number + 10_000} H100 chips to lab number {number}.\n\n{payload}\n\nTSMC made them, {after} says.",
                "published": f"2023-11-{13 + number % 7}T{number % 24:02}:00:00Z",
                "author": beside,
                "source": outlet(payloads, number),
            }
            print(json.dumps(record).replace("\\ud8", "?").replace("\\udc", "?"), file=out)
    done = chipwire(work, "import", str(work / "hostile.jsonl"), "--json")
    if done.returncode:
        sys.exit(f"import failed: {done.stderr[-500:]}")
    report = json.loads(done.stdout)
    print(f"{len(numbers):,} payloads; import: { ({**report, 'rejected': len(report['rejected'])}) }")


def outlet(payloads: Sequence[str], number: int) -> str:
    return f"outlet {number % 40} {payloads[number % 40]}"


def with_server(work: Path, payloads: Sequence[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "api", "--home", str(work / "home"), "serve", "--port", str(port)]
    with (work / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment(CHIPWIRE_RATE_LIMIT="0"), stdout=log, stderr=log)
    base = f"http://localhost:{port}"
    try:
        for _ in range(300):
            time.sleep(0.2)
            try:
                urlopen(f"{base}/readyz", timeout=2)
                break
            except OSError:
                continue
        check(base, work, payloads)
    finally:
        server.terminate()
        server.wait(20)


def check(base: str, work: Path, payloads: Sequence[str]) -> None:
    print(f"{named(base, payloads)} saved searches with payloads for names")
    imported(work, payloads, range(1, len(payloads), 2))
    counts: Counter[str] = Counter()
    bad: list[tuple[str, list[str]]] = []
    with Browser() as browser:
        for kind, address in addresses(base, work, payloads):
            found = browser.inspect(address)
            counts[kind] += 1
            if found:
                bad.append((address, found))
                if len(bad) <= 20:
                    print(f"! {address[:120]}: {found[:3]}")
            if sys.stderr.isatty():
                print(f"\r{sum(counts.values())} pages", end="", file=sys.stderr)
    print(", ".join(f"{kind}: {count}" for kind, count in counts.items()))
    print(f"{sum(counts.values()):,} pages, {len(bad)} on which something ran or became an element")
    sys.exit(1 if bad else 0)


def named(base: str, payloads: Sequence[str]) -> int:
    """Saves searches that match everything, which payloads name; how many were taken."""
    taken = 0
    for payload in payloads[: 2 * SEARCHES : 2]:
        body = json.dumps({"name": payload[:80], "query": "NVIDIA"}).encode("ascii")
        request = Request(f"{base}/api/v1/searches", body, {"Content-Type": "application/json"}, method="POST")
        try:
            urlopen(request, timeout=20)
            taken += 1
        except HTTPError as error:
            if error.code >= 500 or not taken:
                print(f"saved search {payload[:40]!r}: {error.read()[:200]!r}")
    return taken


def addresses(base: str, work: Path, payloads: Sequence[str]) -> Iterator[tuple[str, str]]:
    for path in ("/", "/entities", "/entities/nvidia", "/entities/nvidia-h100", "/entities/nvidia/claims", "/entities/nvidia/timeline",
                 "/compare?e=nvidia&e=tsmc", "/sources", "/searches", "/review", "/status", "/digests", f"/digests/{WEEK}", f"/digests/{WEEK}/edit"):  # fmt: skip
        yield "fixed pages", base + path
    for number in range(1, SEARCHES + 1):
        yield "saved searches", f"{base}/searches/{number}"
    for number in range(40):
        yield "sources", f"{base}/sources/{quote(outlet(payloads, number), safe='')}"
    for number, payload in enumerate(payloads, 1):
        yield "articles", f"{base}/articles/{number}"
        yield "searches", f"{base}/search?" + urlencode({"q": payload.encode("utf-8", "replace")})
        if number % 5 == 0:
            yield "stories", f"{base}/stories/{number}"
            yield (
                "filtered searches",
                f"{base}/search?" + urlencode({"q": "NVIDIA", "source": payload.encode("utf-8", "replace")}),
            )
    for form in FORMS:
        for what in ("search?q=NVIDIA&k=100", "entities/nvidia?k=100", "digests", "issues", "searches/1"):
            for number, page in enumerate(entries(f"{base}/api/v1/feeds/{form}/{what}", form)):
                yield "feed entries", written(work, f"{form}-{what.partition('?')[0].replace('/', '-')}-{number}", page)
    for form in ("html", "eml"):
        done = subprocess.run(
            [sys.executable, "-m", "api", "--home", str(work / "home"), "digest", WEEK, "--format", form],
            env=environment(), capture_output=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"digest --format {form} failed: {done.stderr[-500:]!r}")
        page = done.stdout.decode() if form == "html" else mail_page(done.stdout)
        yield f"digest as {form}", written(work, f"digest-{form}", page)


def entries(address: str, form: str) -> Iterator[str]:
    """The HTML of every entry as a reader that trusts it would put it into its page."""
    body = urlopen(address, timeout=60).read()
    if form == "json":
        for item in json.loads(body)["items"]:
            yield "<p>".join([str(item.get("content_html", "")), html.escape(str(item.get("content_text", "")))])
        return
    import feedparser

    # What a reader gets before it cleans: feedparser's own cleaning would hide what we send.
    for entry in feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries:
        parts = [entry.get("summary_detail", {}), *entry.get("content", [])]
        yield "<p>".join(
            html.escape(part.get("value", "")) if part.get("type") == "text/plain" else part.get("value", "") for part in parts
        )


def mail_page(data: bytes) -> str:
    body = message_from_bytes(data, policy=policy.default).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def written(work: Path, name: str, page: str) -> str:
    path = work / f"{name}.html"
    path.write_text(
        page if "<html" in page else f"<!doctype html><meta charset=utf-8><title>entry</title>{page}", encoding="utf-8"
    )
    return path.as_uri()


class Browser:
    """Headless Chromium that says what ran on a page and what should not be in it."""

    def __init__(self) -> None:
        from selenium import webdriver

        if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
            sys.exit("There is no Chromium with its driver on this machine.")
        options = webdriver.ChromeOptions()
        for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"):
            options.add_argument(flag)
        options.set_capability("unhandledPromptBehavior", "ignore")
        options.binary_location = str(shutil.which("chromium"))
        self._driver = webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))
        self._driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()

    def inspect(self, address: str) -> list[str]:
        self._driver.get(address)
        found: list[Any] = self._driver.execute_script(INSPECT)
        if address.startswith("file:"):
            # A digest's file has styles and links; what matters there is what ran and what is a handler or a foreign link.
            found = [each for each in found if not str(each).startswith(("form", "image"))]
        return [str(each) for each in found]


if __name__ == "__main__":
    main()
