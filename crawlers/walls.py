"""Pages that stand in the way instead of the one that was asked for: bot walls, captchas, consent pages."""

import re
from collections.abc import Mapping

_LOOKED_AT = 60_000
"""Bytes; a wall is a small page, and its marks stand at its top."""
_TITLE = 400
"""Bytes of a title that are looked at."""
_MARKS = (
    # what is looked for anywhere in a small page (lower case), what it is
    (b"cdn-cgi/challenge-platform", "a bot check (Cloudflare)"),
    (b"cf-chl-", "a bot check (Cloudflare)"),
    (b"attention required! | cloudflare", "a refusal (Cloudflare)"),
    *((b"error code: 10" + code, "a refusal (Cloudflare)") for code in (b"06", b"07", b"08", b"09", b"10", b"12", b"20")),
    *((mark, "a bot check") for mark in (b"px-captcha", b"perimeterx", b"human verification")),
    *((mark, "a bot check (Imperva)") for mark in (b"pardon our interruption", b"_incapsula_resource", b"incapsula incident")),
    (b"errors.edgesuite.net", "a refusal (access denied)"),
    (b"geo.captcha-delivery.com", "a bot check (DataDome)"),
    (b"datadome", "a bot check (DataDome)"),
    *((b"consent." + host + b".com", "a consent page") for host in (b"yahoo", b"google", b"youtube")),
    (b"before you continue to", "a consent page"),
)
_TITLES = (
    (re.compile(r"just a moment\.\.\."), "a bot check (Cloudflare)"),
    (re.compile(r"access denied$"), "a refusal (access denied)"),
    (re.compile(r".{0,12}captcha.{0,12}$|.{0,40}(?:verify you are (?:a )?human|robot check)"), "a captcha"),
)
_CHINESE_TITLE = re.compile(".{0,40}(?:安全验证|人机验证|访问验证|滑动验证|请完成验证|访问过于频繁|访问受限|安全檢查)")


def wall(body: bytes, headers: Mapping[str, str]) -> str | None:
    """What stands in the way, in a few words; None for any other page.

    Args:
        headers: the answer's, names in lower case.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "a bot check (Cloudflare)"
    kind = headers.get("content-type", "").lower()
    if kind and "html" not in kind:
        return None
    head = body[:_LOOKED_AT].lower()
    before, _, after = head.partition(b"<title>")
    title = after[:_TITLE].partition(b"<")[0] if len(before) < len(head) else b""
    # A long page that merely loads one of these scripts is a page.
    if len(body) < _LOOKED_AT:
        for mark, name in _MARKS:
            if mark in head:
                return name
        for pattern, name in _TITLES:
            if pattern.match(title.decode("latin-1")):
                return name
    if any(_CHINESE_TITLE.match(title.decode(encoding, "ignore")) for encoding in ("utf-8", "gb18030")):
        return "a captcha"
    return None
