"""A draft as a draft somewhere else: a campaign of listmonk, a post of Ghost. Nothing is sent or published there.

listmonk: ``POST /api/campaigns`` with an API user's token (listmonk.app/docs/apis/campaigns). Its campaigns are Go templates,
so braces that an article has are written such that they stay braces. Ghost: ``POST /ghost/api/admin/posts/?source=html`` with a
JSON Web Token (RFC 7519) of five minutes, signed by HMAC-SHA256 under an Admin API key (docs.ghost.org/admin-api).
"""

import base64
import hashlib
import hmac
import json
import re
import ssl
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from api.console import printable
from api.webhooks import TIMEOUT, CheckedConnection, RefusedAddress, refusal
from index.digest.compose import Digest
from index.digest.mail import plain_text, that_fits
from index.digest.render import page_part
from index.digest.wording import title
from index.errors import SettingsError, UnreachableError, UsageError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.issues import pushed_to, remember_push

TARGETS = ("listmonk", "ghost")
_MOST_BYTES = 2_000_000
_FIVE_MINUTES = 300
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
_HEADING = re.compile(r"<h1>.*?</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was made there: its ``id`` as the other program names it."""

    week: str
    target: str
    id: str


@dataclass(frozen=True, slots=True)
class _Call:
    url: str
    headers: dict[str, str]
    document: dict[str, Any]


def push(
    kb: KnowledgeBase,
    settings: Settings,
    week: str,
    target: str,
    now: datetime,
    *,
    again: bool = False,
    tls: ssl.SSLContext | None = None,
) -> Pushed:
    """Make the draft of a week a draft of `target`; once, unless `again`.

    Raises:
        UsageError: no such target, an empty issue, or one that is there already. SettingsError: the settings lack what it
        takes, or name an address that is not public without allowing it. UnreachableError: it does not answer, or refuses.
    """
    if target not in TARGETS:
        raise UsageError(f"There is no target {target[:20]!r}.", hint=f"There are {' and '.join(TARGETS)}.")
    digest = kb.issues.draft(week).digest
    if not digest.entries:
        raise UsageError(f"The issue of {digest.week} has no stories.", hint="There is nothing to push.")
    before = pushed_to(kb.store, digest.week, target)
    if before is not None and not again:
        raise UsageError(f"{target} has the issue of {digest.week} already, as {before}.", hint="--again makes another one.")
    call = _listmonk(digest, settings) if target == "listmonk" else _ghost(digest, settings, now)
    document = _answer(call, settings, tls)
    try:
        made = document["data"] if target == "listmonk" else document["posts"][0]
        name = str(made["id"])[:100]
    except (KeyError, IndexError, TypeError):
        raise UnreachableError(f"{target} did not say what it made of the issue.", hint="Look there.") from None
    remember_push(kb.store, digest.week, target, name)
    return Pushed(digest.week, target, name)


def _listmonk(digest: Digest, settings: Settings) -> _Call:
    if not (settings.listmonk_url and settings.listmonk_user and settings.listmonk_token and settings.listmonk_lists):
        raise SettingsError(
            "listmonk is not set up.", hint="Set CHIPWIRE_LISTMONK_URL, _USER, _TOKEN and _LISTS (ids of lists, with commas)."
        )
    sent, html = that_fits(digest)
    body = _BODY.search(html)
    assert body is not None  # our own template has one
    document: dict[str, Any] = {
        "name": title(digest),
        "subject": _literal(f"{title(digest)}: {digest.entries[0].headline}"[:200]),
        "lists": list(settings.listmonk_lists),
        "type": "regular",
        "content_type": "html",
        "body": _literal(body[1]),
        "altbody": _literal(plain_text(sent)),
        "tags": ["chipwire"],
    }
    if settings.listmonk_template:
        document["template_id"] = settings.listmonk_template
    token = f"token {settings.listmonk_user}:{settings.listmonk_token}"
    return _Call(f"{settings.listmonk_url}/api/campaigns", {"Authorization": token}, document)


def _literal(text: str) -> str:
    """Text that a Go template gives back as it is: what was crawled must not be run."""
    return text.replace("{{", '{{ "{{" }}')


def _ghost(digest: Digest, settings: Settings, now: datetime) -> _Call:
    if not settings.ghost_url or not settings.ghost_key:
        raise SettingsError("Ghost is not set up.", hint="Set CHIPWIRE_GHOST_URL and CHIPWIRE_GHOST_KEY (an Admin API key).")
    html = _HEADING.sub("", page_part(digest), count=1)  # Ghost shows the title itself
    post = {"title": title(digest), "html": html, "status": "draft", "tags": [{"name": "Chipwire"}]}
    headers = {"Authorization": f"Ghost {ghost_token(settings.ghost_key, now)}", "Accept-Version": "v5.0"}
    return _Call(f"{settings.ghost_url}/ghost/api/admin/posts/?source=html", headers, {"posts": [post]})


def ghost_token(key: str, now: datetime) -> str:
    """The token for an Admin API key (``id:secret``, the secret in hex).

    Raises:
        SettingsError: it is none.
    """
    name, _, secret = key.partition(":")
    try:
        signing = bytes.fromhex(secret)
    except ValueError:
        signing = b""
    if not name or not signing:
        raise SettingsError("CHIPWIRE_GHOST_KEY is no Admin API key.", hint="It is an id, a colon and a secret in hex.")
    moment = int(now.timestamp())
    parts = ({"alg": "HS256", "typ": "JWT", "kid": name}, {"iat": moment, "exp": moment + _FIVE_MINUTES, "aud": "/admin/"})
    signed = b".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return (signed + b"." + _encoded(hmac.new(signing, signed, hashlib.sha256).digest())).decode("ascii")


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _answer(call: _Call, settings: Settings, tls: ssl.SSLContext | None) -> Any:
    """The JSON of a call's answer. Redirects are not followed: they would take the key along."""
    parts = urlsplit(call.url)
    host = parts.hostname or ""
    body = json.dumps(call.document).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Chipwire", **call.headers}
    try:
        connection = _connection(call.url, settings, tls)
        try:
            connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            said = answer.read(_MOST_BYTES)
        finally:
            connection.close()
    except RefusedAddress as error:
        raise SettingsError(f"{host}: {error}.", hint="CHIPWIRE_PUSH_PRIVATE=yes allows it.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise UnreachableError(f"{host} does not answer: {str(error)[:150] or type(error).__name__}.") from None
    if not 200 <= answer.status < 300:
        raise UnreachableError(f"{host} refused the issue: {answer.status} {_reason(said)}".rstrip() + ".")
    try:
        return json.loads(said)
    except ValueError:
        raise UnreachableError(f"{host} answered something that is no JSON.") from None


def _connection(url: str, settings: Settings, tls: ssl.SSLContext | None) -> HTTPConnection:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = (parts.hostname or "").removesuffix("."), parts.port or (443 if secure else 80)
    if settings.push_private:
        if secure:
            return HTTPSConnection(host, port, timeout=TIMEOUT, context=tls or ssl.create_default_context())
        return HTTPConnection(host, port, timeout=TIMEOUT)
    if not secure:
        raise SettingsError(f"{host} is to be reached without TLS.", hint="Use https, or set CHIPWIRE_PUSH_PRIVATE=yes.")
    why = refusal(url, ())
    if why is not None:
        raise RefusedAddress(why)
    return CheckedConnection(host, port, tls or ssl.create_default_context())


def _reason(said: bytes) -> str:
    """What listmonk or Ghost says is wrong, on one line."""
    try:
        document = json.loads(said)
        text = document["errors"][0]["message"] if "errors" in document else document["message"]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return " ".join(printable(str(text)).split())[:200].rstrip(".")
