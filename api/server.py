"""Serving: uvicorn on a socket, for whom the settings let in."""

import socket

import uvicorn

from api.app import create_app
from api.clock import utc_now
from api.console import note
from api.drafting import draft_schedule
from api.listening import bind, is_loopback
from index.errors import SettingsError
from index.settings import Settings
from index.store.database import Store
from index.store.keys import has_active_key


def serve(settings: Settings) -> None:
    """Serve until interrupted.

    Raises:
        SettingsError: see `check_access` and `draft_schedule`. ListenError: see `bind`.
    """
    check_access(settings)
    draft_schedule(settings)
    sock = bind(settings.host, settings.port)
    host, port = sock.getsockname()[:2]
    shown = "localhost" if host == "127.0.0.1" else f"[{host}]" if ":" in host else host
    note(f"Chipwire on http://{shown}:{port}  (Ctrl-C stops it)")
    run(create_app(settings), sock)


def check_access(settings: Settings) -> None:
    """Make sure that somebody can get in where not everybody may.

    Raises:
        SettingsError: an address that other machines reach, and no key that they could show.
    """
    if is_loopback(settings.host) and not settings.require_keys:
        return
    with Store.open_reader(settings.home) as store:
        if not has_active_key(store, utc_now()):
            raise SettingsError(
                f"{settings.host} can be reached by other machines, which needs access keys, and there is none.",
                hint="Make one with chipwire keys create NAME, or use 127.0.0.1.",
            )


def run(app: object, sock: socket.socket) -> None:
    """Run uvicorn on a bound socket until SIGINT or SIGTERM; open requests are finished."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False, timeout_graceful_shutdown=5)  # type: ignore[arg-type]
    try:
        uvicorn.Server(config).run(sockets=[sock])
    except KeyboardInterrupt:
        pass  # uvicorn has shut down in order and only passes the signal on
    finally:
        sock.close()
