"""Whether our entries are feedparser's, on feedparser's own test feeds; and whether damaged feeds do any harm.

    python bench/feeds.py [--shared ../shared] [--damaged 10] [--show KIND]

Each file is read by feedparser alone (its defaults) and by `crawlers.feeds.read_feed`, each with a time limit. What a file's first
comment names as headers is given to both. Most of these entries have no address, and without one there is nothing to crawl:
so a second round gives each entry that has none one of its own, to compare all the rest. Entries are compared by count, link, title, times, authors and content wherever
feedparser gives an entry with an http(s) address; a difference counts as meant only where its kind is one of `MEANT`.
"""

import argparse
import html
import io
import random
import re
import signal
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from crawlers.feeds import FeedEntry, absolute_address, plain_text, read_feed
from index.errors import ExtractionError
from index.text.address import canonical_url
from index.text.times import EARLIEST, LATEST

BASE = "http://127.0.0.1:8097/"
SECONDS = 10
MEANT = {
    "refused": "entities that are made of others or lie elsewhere",
    "no feed": "nothing that says it is a feed; feedparser answers with no entry too",
    "more": "an entry without feedparser's link has an http(s) id, self or other alternate link",
    "original": "FeedBurner's original address instead of its redirect",
    "plain": "text without markup, where feedparser's is HTML",
    "unsanitised": "content as the feed wrote it; it is never shown, and its text is taken out",
    "as html": "content that is plain text is given as HTML",
    "description": "a long description counts as content where there is no other",
    "no content": "content that is neither text nor HTML is left out",
    "longest": "the longest of several contents, not the first",
    "years": "times outside 1990-2100 are none",
    "only date": "the only date of an RSS or RDF item, or created, counts as published",
    "more dates": "a time that feedparser cannot read",
    "all authors": "all authors by name, not the last with e-mail address",
    "encoding": "an encoding that nothing declares is guessed otherwise (files in chardet/)",
}


class TooSlow(BaseException):
    pass


def limited(read: Callable[[], Any]) -> Any:
    def stop(*_: Any) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        return read()
    finally:
        signal.alarm(0)


def headers_of(body: bytes, name: str) -> tuple[str, str | None]:
    """The address and Content-Type that a test file's comment asks for."""
    text = body[:3000].decode("latin-1").replace("\x00", "")
    found = {
        key.lower(): value.strip() for key, value in re.findall(r"^Header:\s+([\w-]+):[ \t]*(.*?)\r?$", text, re.MULTILINE)
    }
    place = urljoin(BASE + name, found.get("content-location", ""))
    return (place if urlsplit(place).scheme in ("http", "https") else BASE + name), found.get("content-type")


def addressed(name: str, body: bytes) -> bytes | None:
    """The feed with an address for each entry where it has entries and none has one; None where it needs none."""
    url, content_type = headers_of(body, name)
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    entries = feedparser.parse(io.BytesIO(body), response_headers=headers).entries
    if not entries or any(dict.get(item, "link") for item in entries):
        return None
    wide = next((code for code in ("utf-32-be", "utf-32-le", "utf-16-be", "utf-16-le") if "</".encode(code) in body), "latin-1")
    text = body.decode(wide, "surrogatepass")
    text = (
        re.sub(r"(<(?:item|entry)(?:\s[^<>]*[^/<>])?>)", r"\1<link>http://site.example/page</link>", text)
        if "<item" in text
        else text
    )
    text = (
        re.sub(r"(<entry(?:\s[^<>]*[^/<>])?>)", r'\1<link href="http://site.example/page"/>', text)
        if "<item" not in text
        else text
    )
    return text.encode(wide, "surrogatepass")


def utc(parsed: Any) -> datetime | None:
    return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC) if parsed else None


def same_text(ours: str | None, theirs: str | None) -> bool:
    return " ".join((ours or "").split()) == " ".join((theirs or "").split())


def compare(entry: FeedEntry, item: Any, unsafe: Any, atom: bool) -> list[str]:
    """The kinds of difference between an entry of ours and feedparser's, ``!...`` those that are not meant."""
    kinds: list[str] = []
    link = dict.get(item, "link")
    if canonical_url(absolute_address(link, BASE) or "http://none/") != entry.url:
        kinds.append("original" if dict.get(item, "feedburner_origlink") else "!link")
    title = dict.get(item, "title")
    if not same_text(entry.title, title):
        kinds.append("plain" if same_text(entry.title, plain_text(title or "", 2000)) else "!title")
    for name in ("published", "updated"):
        ours, theirs = getattr(entry, name), utc(dict.get(item, f"{name}_parsed"))
        if ours == theirs:
            continue
        if theirs is not None and not EARLIEST <= theirs < LATEST:
            kinds.append("years")
        elif (
            theirs is None
            and name == "published"
            and ours == (utc(dict.get(item, "created_parsed")) or (None if atom else entry.updated))
        ):
            kinds.append("only date")
        elif theirs is None and dict.get(item, name):
            kinds.append("more dates")
        else:
            kinds.append(f"!{name}")
    author = dict.get(item, "author")
    if not same_text(entry.author, author):
        names = [dict.get(a, "name") or dict.get(a, "email") for a in dict.get(item, "authors") or () if a]
        joined = ", ".join(dict.fromkeys(filter(None, [plain_text(n or "", 500) for n in names])))
        kinds.append("all authors" if same_text(entry.author, joined or plain_text(author or "", 500)) else "!author")
    contents = [(c.get("value") or "", c.get("type")) for c in dict.get(item, "content") or ()]
    if not contents or not contents[0][0]:
        if entry.content is not None:
            kinds.append(
                "description"
                if entry.content in [dict.get(unsafe, "summary"), html.escape(dict.get(unsafe, "summary") or "", quote=False)]
                else "!content"
            )
    elif entry.content != contents[0][0]:
        unsafe_contents = [(c.get("value") or "", c.get("type")) for c in dict.get(unsafe, "content") or ()]
        values = [value for value, _ in unsafe_contents]
        plain = [html.escape(value, quote=False) for value, kind in unsafe_contents if kind == "text/plain"]
        if entry.content is None:
            kinds.append(
                "no content" if all("text" not in (k or "") and "html" not in (k or "") for _, k in contents) else "!content"
            )
        elif entry.content == values[0]:
            kinds.append("unsanitised")
        elif entry.content in plain:
            kinds.append("as html")
        else:
            kinds.append("longest" if entry.content in values else "!content")
    return kinds


def compare_file(name: str, body: bytes, compared: Counter[str]) -> list[str]:
    url, content_type = headers_of(body, name)
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    theirs = limited(lambda: feedparser.parse(io.BytesIO(body), response_headers=headers))
    unsafe = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    try:
        ours = limited(lambda: read_feed(body, url, content_type))
    except ExtractionError as error:
        if "entit" in str(error):
            return ["refused"]
        return ["no feed"] if not theirs.entries else [f"!refused: {error}"]
    expected = [
        (item, raw)
        for item, raw in zip(theirs.entries, unsafe.entries, strict=True)
        if absolute_address(dict.get(item, "link"), url)
    ]
    entries = list(ours.entries)
    kinds: list[str] = []
    if len(entries) > len(expected):
        linked = {canonical_url(absolute_address(dict.get(item, "link"), url) or "") for item, _ in expected}
        fewer = [e for e in entries if e.url in linked or (e.raw_url and canonical_url(e.raw_url) in linked)]
        kinds += ["more"] if len(fewer) == len(expected) else ["!count"]
        entries = fewer
    if len(entries) != len(expected):
        return [*kinds, "!count"]
    compared["entries"] += len(expected)
    atom = str(dict.get(theirs, "version")).startswith("atom")
    for entry, (item, raw) in zip(entries, expected, strict=True):
        kinds += compare(entry, item, raw, atom)
    if any(kind.startswith("!") for kind in kinds) and "/chardet/" in name:
        kinds = [kind if not kind.startswith("!") else "encoding" for kind in kinds]
    return kinds


def damaged(body: bytes, rng: random.Random) -> bytes:
    way = rng.randrange(4)
    if way == 0:
        return body[: rng.randrange(len(body) + 1)]
    changed = bytearray(body)
    if way == 1:
        for _ in range(rng.randrange(1, 20)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    elif way == 2:
        start = rng.randrange(len(changed))
        del changed[start : start + rng.randrange(1, 60)]
    else:
        start = rng.randrange(len(changed))
        changed[start:start] = changed[start : start + rng.randrange(1, 200)] * rng.randrange(1, 50)
    return bytes(changed)


def table(title: str, files: dict[str, bytes], show: str | None) -> None:
    found: dict[str, list[str]] = defaultdict(list)
    outcomes: Counter[str] = Counter()
    compared: Counter[str] = Counter()
    began = time.monotonic()
    for name, body in files.items():
        try:
            kinds = compare_file(name, body, compared)
        except TooSlow:
            outcomes["hangs"] += 1
            kinds = ["!hangs"]
        except Exception as error:
            outcomes["crashes"] += 1
            kinds = [f"!crash {type(error).__name__}: {error}"]
        for kind in set(kinds):
            found[kind].append(name)
        wrong = any(kind.startswith("!") for kind in kinds)
        outcomes["different, not meant" if wrong else "different, as meant" if kinds else "equal"] += 1
    print(f"{title}: {len(files)} files, {compared['entries']} entries compared, in {time.monotonic() - began:.1f} s")
    for outcome in ("crashes", "hangs", "equal", "different, as meant", "different, not meant"):
        print(f"{outcomes[outcome]:6}  {outcome}")
    print("  kinds of difference (a file may have several):")
    for kind, names in sorted(found.items(), key=lambda pair: -len(pair[1])):
        print(f"{len(names):6}  {kind}: {MEANT.get(kind, ', '.join(names[:12]))}")
    for name in found.get(show or "", ()):
        print(f"        {name}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, default=Path("../shared"))
    options.add_argument("--damaged", type=int, default=10, help="damaged copies of each file")
    options.add_argument("--show", help="print the files with this kind of difference")
    chosen = options.parse_args()
    files: dict[str, bytes] = {}
    with tarfile.open(chosen.shared / "data" / "feeds" / "feedparser_tests.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name] = content.read()
    table("as they are", files, chosen.show)
    table(
        "with an address for each entry that has none",
        {n: b for n, body in files.items() if (b := addressed(n, body))},
        chosen.show,
    )
    rng = random.Random(20231120)
    bad: Counter[str] = Counter()
    slowest = 0.0
    for name, body in files.items():
        for _ in range(chosen.damaged if body else 0):
            broken = damaged(body, rng)
            start = time.monotonic()
            try:
                limited(lambda: read_feed(broken, BASE + name))
                bad["read"] += 1
            except ExtractionError:
                bad["refused"] += 1
            except TooSlow:
                bad[f"hang: {name}"] += 1
            except Exception as error:
                bad[f"crash {type(error).__name__} {error}: {name}"] += 1
            slowest = max(slowest, time.monotonic() - start)
    print(f"damaged copies: {dict(bad)}, the slowest {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    main()
