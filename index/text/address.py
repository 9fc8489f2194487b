"""Addresses: one form for each that may be dialled and shown, and a key that all addresses of one page share."""

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MAX_LENGTH = 2000
_TRACKING = frozenset(
    """fbclid gclid dclid gbraid wbraid gclsrc msclkid twclid ttclid li_fat_id mc_cid mc_eid igshid igsh yclid _openstat
    spm spm_id_from scm share_token share_from share_medium share_source share_tag sharefrom sharer_shareid sharer_sharetime
    sharer_shareinfo sharer_shareinfo_first bd_vid hmsr hmpl hmcu hmkw hmci isappinstalled from_wecom
    ref_src ref_url cmpid cmp ncid sr_share guccounter guce_referrer guce_referrer_sig _hsenc _hsmi __hstc __hssc hsctatracking
    mkt_tok trk trkcampaign oly_anon_id oly_enc_id vero_id vero_conv wickedid piwik_campaign piwik_kwd pk_campaign pk_kwd
    at_medium at_campaign xtor ito smid smtyp ocid icid mod_sharer reflink""".split()
)
"""Parameters that say how a reader came to a page. None that may choose the page: id, p, v, mid, idx, sn, __biz, chksm."""
_TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "hsa_", "ga_")
_FROM_SHARING = frozenset("singlemessage groupmessage timeline weibo wechat appmsg".split())
"""Values of ``from`` by which Chinese sites say where a link was shared; other values may choose the page."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_EDITIONS = ("www.", "m.", "mobile.", "wap.", "amp.", "3g.", "touch.")
_AMP_CACHE = re.compile(r"^/(?:c|v|r)/(?P<secure>s/)?(?P<rest>.+)$")
_AMP_ENDING = re.compile(r"(?:/amp/?|\.amp(?:\.html?)?|/amp\.html?)$", re.IGNORECASE)
_INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NOT_IN_HOST = re.compile(r"[\s/\\?#@<>^|%\[\]]")
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")


def canonical_url(url: str) -> str:
    """`url` as it may be dialled and shown: nothing is changed that could make it another page.

    Scheme and host are lower case, names in IDNA; default port, fragment, credentials and tracking parameters are gone;
    dot segments are resolved and percent signs written one way; a page in an AMP cache has the address it was cached from.

    Raises:
        ValueError: not an absolute http(s) address, longer than `MAX_LENGTH`, or with control characters.
    """
    url = url.strip()
    if len(url) > MAX_LENGTH:
        raise ValueError(f"address longer than {MAX_LENGTH} characters")
    if any(ord(c) < 33 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in url):
        raise ValueError("address with spaces or control characters")
    parts = urlsplit(url)
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an http(s) address")
    port = parts.port  # raises ValueError by itself when out of range
    host = _host(parts)
    if (cached := _uncached(host, parts.path)) is not None:
        return canonical_url(cached)
    netloc = host if port is None or port == _DEFAULT_PORTS[parts.scheme.lower()] else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, _path(parts.path), _query(parts.query), ""))


def url_key(url: str) -> str:
    """What the addresses of one page share: http or https, with www or not, mobile and AMP editions, a slash at its end.

    It is no address. Parameters stand in alphabetical order.

    Raises:
        ValueError: as `canonical_url`.
    """
    parts = urlsplit(canonical_url(url))
    host = parts.netloc
    for prefix in _EDITIONS:
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
            break
    path = _INDEX_PAGE.sub("/", parts.path)
    path = _AMP_ENDING.sub("", path).rstrip("/")
    pairs = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _says_amp(k, v)]
    query = urlencode(sorted(pairs))
    return f"{host}{path}" + (f"?{query}" if query else "")


def is_edition(url: str) -> bool:
    """True for a mobile or AMP edition of a page, whose main address is another one."""
    try:
        parts = urlsplit(canonical_url(url))
    except ValueError:
        return False
    host = parts.hostname or ""
    edition = any(host.startswith(prefix) for prefix in _EDITIONS[1:]) and host.count(".") > 1
    amp = any(_says_amp(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True))
    return edition or amp or _AMP_ENDING.search(parts.path) is not None


def host_of(url: str) -> str:
    """The lower-case host of an absolute address without a leading ``www.``; empty for anything else."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def is_web_address(url: str | None) -> bool:
    """True where a link to `url` is safe to show: http or https with a host."""
    if not url:
        return False
    try:
        canonical_url(url)
    except ValueError:
        return False
    return True


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        host = host.encode("idna").decode("ascii").lower() if not host.isascii() else host
    except UnicodeError:
        raise ValueError("not a valid host name") from None
    host = host.rstrip(".")
    if not host or _NOT_IN_HOST.search(host):
        raise ValueError("not a valid host name")
    return f"[{host}]" if ":" in host else host


def _path(path: str) -> str:
    path = quote(_PERCENT.sub(_one_way, path or "/"), safe="/%:@!$&'()*+,;=~-._", errors="replace")
    return _without_dots(path) if "/." in path else path


def _without_dots(path: str) -> str:
    """`path` with its ``.`` and ``..`` segments resolved (RFC 3986, 5.2.4); empty segments stay."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _one_way(match: "re.Match[str]") -> str:
    """Escapes in upper case, and none of what need not be escaped (RFC 3986, 6.2.2)."""
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else f"%{match[1].upper()}"


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if not _tracks(k.lower(), v)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def _tracks(name: str, value: str) -> bool:
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES) or (name == "from" and value.lower() in _FROM_SHARING)


def _says_amp(name: str, value: str) -> bool:
    return name.lower() in ("amp", "outputtype") and value.lower() in ("", "1", "true", "amp")


def _uncached(host: str, path: str) -> str | None:
    """The address of a page that a cache of AMP pages serves."""
    if host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org":
        match = _AMP_CACHE.match(path)
        if match is not None:
            return f"{'https' if match['secure'] else 'http'}://{unquote(match['rest'])}"
    if host in ("www.google.com", "google.com") and path.startswith("/amp/"):
        rest = path.removeprefix("/amp/")
        return f"https://{rest.removeprefix('s/')}" if "." in rest.split("/")[0] or rest.startswith("s/") else None
    return None
