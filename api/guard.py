"""Who is answered at all: the host names that are this server's, and the headers that every answer carries."""

from collections.abc import Collection
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_answer
from api.errors import problem

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send Origin: null with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")


def host_is_ours(host: str, allowed: Collection[str], *, loopback: bool) -> bool:
    """Whether a Host header names this server.

    A page elsewhere could otherwise read it by pointing its own name here (DNS rebinding). Where the server listens beyond
    ``loopback``, any literal address will do: no page can have one for its name but the server's own.
    """
    name = (host if host.endswith("]") else host.rsplit(":", 1)[0]).lower().rstrip(".")
    if name in _LOOPBACK_HOSTS or name.endswith(".localhost") or name in allowed:
        return True
    if loopback:
        return False
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


class Guard:
    """ASGI middleware: answers for the server's own names only, and puts the security headers on every response."""

    def __init__(self, app: ASGIApp, allowed: Collection[str] = (), loopback: bool = True) -> None:
        self._app = app
        self._allowed = frozenset(allowed)
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "")
        if not host_is_ours(host, self._allowed, loopback=self._loopback):
            told = problem(421, "host", f"This server does not answer for the host {host[:100]!r}.")
            await problem_answer(told)(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)
