"""Listening: a socket that is bound before anything is loaded, and uvicorn on it."""

import errno
import socket
from ipaddress import ip_address

import uvicorn

from api.app import create_app
from api.console import note
from index.errors import ListenError, SettingsError
from index.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until interrupted.

    Raises:
        ListenError, SettingsError: see `bind`.
    """
    sock = bind(settings.host, settings.port)
    host, port = sock.getsockname()[:2]
    note(f"Chipwire on http://{'localhost' if host == '127.0.0.1' else host}:{port}  (Ctrl-C stops it)")
    run(create_app(settings), sock)


def run(app: object, sock: socket.socket) -> None:
    """Run uvicorn on a bound socket until SIGINT or SIGTERM; open requests are finished."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)  # type: ignore[arg-type]
    try:
        uvicorn.Server(config).run(sockets=[sock])
    except KeyboardInterrupt:
        pass  # uvicorn has shut down in order and only passes the signal on
    finally:
        sock.close()


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket.

    Raises:
        SettingsError: not a loopback address (other machines need access keys, which this version does not have).
        ListenError: the port is taken or may not be used.
    """
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise SettingsError(f"{host!r} is not an address to listen on.", hint="Use 127.0.0.1 or ::1.") from None
    if not address.is_loopback:
        raise SettingsError(
            f"{host} can be reached by other machines, which needs access keys; this version has none.",
            hint="Use 127.0.0.1, behind a proxy that asks for a login.",
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # With the protocol left open, asyncio does not switch Nagle's algorithm off, and every answer waits 40 ms for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((str(address), port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise ListenError(
                f"Port {port} is taken by another program.", hint="Choose another with --port (make demo PORT=8765)."
            ) from None
        raise ListenError(f"Port {port} cannot be used: {error.strerror}.") from None
    return sock
