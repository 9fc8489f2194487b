import socket

import pytest

from api.server import bind
from index.errors import ListenError, SettingsError


def test_a_busy_port_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"Port {port} is taken.*make demo PORT="):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_any_address_but_loopback_needs_keys_and_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="needs access keys"):
        bind(host, 0)


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="not an address"):
        bind("example.com", 0)


def test_answers_are_sent_at_once() -> None:
    with bind("127.0.0.1", 0) as sock:
        # asyncio switches Nagle's algorithm off only for sockets that say that they are TCP.
        assert sock.proto == socket.IPPROTO_TCP
