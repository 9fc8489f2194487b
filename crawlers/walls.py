"""Pages that stand in the way instead of the one that was asked for: bot walls, captchas, consent pages."""

import re
from collections.abc import Mapping

_LOOKED_AT = 60_000
"""Bytes; a wall is a small page, and its marks stand at its top."""
_MARKS = (
    # what is looked for (lower case), what it is
    (rb"cdn-cgi/challenge-platform|cf-chl-|<title>just a moment\.\.\.", "a bot check (Cloudflare)"),
    (rb"attention required! \| cloudflare|error code: 10(?:06|07|08|09|10|12|20)", "a refusal (Cloudflare)"),
    (rb"px-captcha|perimeterx|human verification", "a bot check"),
    (rb"pardon our interruption|_incapsula_resource|incapsula incident", "a bot check (Imperva)"),
    (rb"errors\.edgesuite\.net|<title>access denied</title>", "a refusal (access denied)"),
    (rb"geo\.captcha-delivery\.com|datadome", "a bot check (DataDome)"),
    (rb"consent\.(?:yahoo|google|youtube)\.com|before you continue to", "a consent page"),
    (rb"<title>[^<]{0,12}captcha[^<]{0,12}</title>|<title>[^<]{0,40}(?:verify you are (?:a )?human|robot check)", "a captcha"),
)
_CHINESE_MARKS = re.compile(
    "<title>[^<]{0,40}(?:安全验证|人机验证|访问验证|滑动验证|请完成验证|访问过于频繁|访问受限|安全檢查)"
)
_COMPILED = tuple((re.compile(pattern), name) for pattern, name in _MARKS)


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
    # A long page that merely loads one of these scripts is a page.
    if len(body) < _LOOKED_AT:
        for pattern, name in _COMPILED:
            if pattern.search(head):
                return name
    if _CHINESE_MARKS.search(head.decode("utf-8", "ignore")) or _CHINESE_MARKS.search(head.decode("gb18030", "ignore")):
        return "a captcha"
    return None
