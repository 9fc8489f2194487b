"""Canonical addresses: the same page gets the same string however it was linked."""

from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

MAX_LENGTH = 2000
_TRACKING = frozenset(
    """fbclid gclid dclid gclsrc msclkid mc_cid mc_eid igshid yclid spm scm share_token sharefrom
    ref_src ref_url cmpid ncid sr_share guccounter guce_referrer guce_referrer_sig _hsenc _hsmi""".split()
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """`url` with lower-case scheme and host, no default port, fragment, credentials or tracking parameters.

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
    netloc = host if port is None or port == _DEFAULT_PORTS[parts.scheme.lower()] else f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme.lower(), netloc, path, _query(parts.query), ""))


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
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise ValueError("not a valid host name") from None
    return f"[{host}]" if ":" in host else host


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(k, v) for k, v in pairs if k.lower() not in _TRACKING and not k.lower().startswith("utm_")]
    return query if len(kept) == len(pairs) else urlencode(kept)
