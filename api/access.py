"""Who may do what: access keys, users that a trusted proxy vouches for, and this machine itself."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import problem_answer
from api.errors import problem
from index.errors import ChipwireError
from index.settings import Settings
from index.store.database import Store
from index.store.keys import AccessKey, allows, key_of, note_use

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""What whoever watches over the server may ask without a key."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_READING_PATHS = frozenset({"/mcp"})
"""Where POST changes nothing."""
_NOTED_EVERY = timedelta(minutes=1)
_CHALLENGE = 'Bearer realm="chipwire", Basic realm="chipwire", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: ``key:3``, ``user:ada`` or the address for somebody unnamed; and what they may do."""

    name: str
    scope: str


def needed_scope(method: str, path: str) -> str:
    """What a request needs: ``read`` for what changes nothing, ``write`` for everything else."""
    return "read" if method in _SAFE_METHODS or path in _READING_PATHS else "write"


def token_in(header: str) -> str | None:
    """The key in an Authorization header: a Bearer token, or the password of Basic, which browsers can send."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Proxies:
    """The proxies whose word is taken, by address, and what they say of the one who asks."""

    def __init__(self, settings: Settings) -> None:
        self._networks = [ip_network(each) for each in settings.trusted_proxies]
        self._header = settings.user_header
        self._scope = settings.user_scope

    def trusts(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._networks)

    def user(self, peer: str, headers: Headers) -> Identity | None:
        """The user that the proxy has signed in; None where the peer is no trusted proxy, or names nobody."""
        if not self._header or not self.trusts(peer):
            return None
        named = headers.getlist(self._header)
        name = named[0].strip() if len(named) == 1 else ""
        return Identity(f"user:{name[:100]}", self._scope) if name and name.isprintable() else None

    def client(self, peer: str, headers: Headers) -> str:
        """The address of who asks: the last one that a trusted proxy adds, else the peer's own."""
        if self.trusts(peer):
            last = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            try:
                return str(ip_address(last))
            except ValueError:
                pass
        return peer


class Access:
    """ASGI middleware: finds out who asks, and refuses what they may not do.

    Args:
        required: whether somebody without a key or a name is refused; else they may do everything, being on this machine.
    """

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], datetime], required: bool) -> None:
        self._app = app
        self._clock = clock
        self._required = required
        self._proxies = Proxies(settings)
        self._origins = frozenset(settings.cors_origins)
        self._noted: dict[int, datetime] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else ""
        if self._proxies.trusts(peer) and headers.get("x-forwarded-proto") in ("http", "https"):
            scope["scheme"] = headers["x-forwarded-proto"]
        client = self._proxies.client(peer, headers)
        needed = needed_scope(scope["method"], scope["path"])
        identity, refused = self._identify(scope["state"]["kb"].store, headers, peer, client)
        if identity is None:
            identity = Identity(client, "admin" if not self._required else "none")
            if scope["path"] not in OPEN_PATHS and (self._required or refused):
                told = problem(401, "key", refused or "This server asks for an access key.")
                await problem_answer(told, {"WWW-Authenticate": _CHALLENGE})(scope, receive, send)
                return
        elif not allows(identity.scope, needed):
            told = problem(403, "scope", f"This needs the scope {needed}, and {identity.name} has {identity.scope}.")
            await problem_answer(told)(scope, receive, send)
            return
        if scope["method"] not in _SAFE_METHODS and not self._from_ours(headers):
            told = problem(403, "origin", "A page of another site may change nothing here.")
            await problem_answer(told)(scope, receive, send)
            return
        scope["state"]["identity"] = identity
        if identity.name.startswith("key:"):
            await self._note(scope["state"]["kb"].store, int(identity.name[4:]))
        await self._app(scope, receive, send)

    def _identify(self, store: Store, headers: Headers, peer: str, client: str) -> tuple[Identity | None, str | None]:
        """Who asks, or None; and why they are refused where they show a key that opens nothing."""
        shown = headers.get("authorization", "")
        token = token_in(shown) if shown else None
        if token is not None and (self._required or shown[:6].lower() == "bearer"):
            key: AccessKey | None = key_of(store, token, self._clock())
            if key is None:
                return None, "The access key is not valid: it is unknown, expired or revoked."
            return Identity(f"key:{key.id}", key.scope), None
        return self._proxies.user(peer, headers), None

    def _from_ours(self, headers: Headers) -> bool:
        """Whether a request comes from no page at all, from one of ours, or from a site that may."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        return origin in self._origins or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()

    async def _note(self, store: Store, key: int) -> None:
        """Write down that a key is in use, once a minute, and not where somebody else is writing."""
        now = self._clock()
        last = self._noted.get(key)
        if last is not None and now - last < _NOTED_EVERY:
            return
        self._noted[key] = now
        try:
            await to_thread.run_sync(note_use, store, key, now)
        except ChipwireError:
            self._noted.pop(key, None)
