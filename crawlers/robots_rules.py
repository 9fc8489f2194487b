"""What a robots.txt allows, as RFC 9309 has it: bytes in, the rules for one crawler out, within bounds."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

MAX_BYTES = 512_000
"""What of a robots.txt is read; RFC 9309 wants 500 KiB at least."""
MAX_DELAY = 60.0
"""Seconds; a longer Crawl-delay would keep a crawl of one site running for days."""
_AGENT = frozenset(("user-agent", "useragent", "user agent"))
_ALLOW = frozenset(("allow",))
_DISALLOW = frozenset(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"))
"""With the misspellings that are common enough for crawlers to understand them."""
_DELAY = frozenset(("crawl-delay", "crawl delay", "crawldelay"))
_TOKEN = re.compile(r"[a-z_-]*", re.IGNORECASE)
_SPLIT = re.compile(rb"[\r\n]+")
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_ESCAPED = re.compile("%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one crawler, the most specific ones first. ``delay``: seconds between requests, None where not said.

    A rule is what a path begins with, the pieces that follow in order with anything between them, whether the last of
    these ends the path, and whether such a path may be fetched.
    """

    rules: tuple[tuple[str, tuple[str, ...], bool, bool], ...] = ()
    delay: float | None = None

    def allow(self, url: str) -> bool:
        """Whether `url` may be fetched, by the longest rule that matches it."""
        parts = urlsplit(url)
        path = _one_way(parts.path or "/")
        if parts.query or url.partition("#")[0].endswith("?"):
            path += f"?{_one_way(parts.query)}"
        if path == "/robots.txt":
            return True
        return next((allow for start, pieces, ends, allow in self.rules if _matches(path, start, pieces, ends)), True)


def read_robots(body: bytes, product: str) -> Rules:
    """The rules of a robots.txt for the crawler that calls itself `product`; of what follows `MAX_BYTES`, none.

    Groups for that name count together, and only where there is none those for ``*``. What is no rule is passed over.
    """
    text = body[:MAX_BYTES]
    if len(body) > MAX_BYTES:  # the last line may be a part of one that says something else
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1]
    wanted = product.lower()
    found: dict[str, dict[str, bool]] = {}
    delays: dict[str, float] = {}
    named: set[str] = set()
    ruled = True
    for line in _SPLIT.split(text.removeprefix(b"\xef\xbb\xbf")):
        name, value = _field(line)
        if name in _AGENT:
            named = set() if ruled else named
            ruled = False
            token = "*" if value.split()[:1] == ["*"] else (_TOKEN.match(value) or [""])[0].lower()
            if token in ("*", wanted):
                named.add(token)
                found.setdefault(token, {})
        elif name in _ALLOW or name in _DISALLOW:
            ruled = True
            if value:
                for token in named:
                    # Of two rules with one path the less restrictive one counts.
                    found[token][value] = found[token].get(value, False) or name in _ALLOW
        elif name in _DELAY:
            ruled = True
            for token in named:
                if (seconds := _seconds(value)) is not None:
                    delays[token] = max(delays.get(token, 0.0), seconds)
    group = wanted if wanted in found else "*"
    return Rules(_compiled(found.get(group, {}).items()), delays.get(group))


def _field(line: bytes) -> tuple[str, str]:
    """A line's field, lower-case, and its value, both stripped; two empty strings where it is none."""
    name, colon, value = line.partition(b"#")[0].decode("utf-8", "replace").partition(":")
    return (name.strip().lower(), value.strip()) if colon else ("", "")


def _compiled(rules: Iterable[tuple[str, bool]]) -> tuple[tuple[str, tuple[str, ...], bool, bool], ...]:
    ordered = sorted(((_one_way(path), allow) for path, allow in rules), key=lambda rule: (-len(rule[0]), not rule[1]))
    compiled = []
    for path, allow in ordered:
        ends = path.endswith("$")
        start, *pieces = path.removesuffix("$").split("*")
        if start and not start.startswith("/"):
            start = f"/{start}"  # a path that lacks its slash is meant to have one
        compiled.append((start, tuple(piece for piece in pieces if piece), ends and not path.endswith("*$"), allow))
    return tuple(compiled)


def _matches(path: str, start: str, pieces: tuple[str, ...], ends: bool) -> bool:
    if not path.startswith(start):
        return False
    if not pieces:
        return not ends or len(path) == len(start)
    at = len(start)
    for piece in pieces if not ends else pieces[:-1]:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not ends or (len(path) - len(pieces[-1]) >= at and path.endswith(pieces[-1]))


def _one_way(path: str) -> str:
    """`path` with what must be escaped escaped and nothing else, so that rules and addresses are comparable."""
    return quote(_ESCAPED.sub(_unescaped, path), safe=_SAFE, errors="replace")


def _unescaped(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else f"%{match[1].upper()}"


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value[:20])
    except ValueError:
        return None
    return min(seconds, MAX_DELAY) if seconds > 0 else None  # neither negative ones nor those that are no number
