import socket

import pytest

from api.listening import bind, is_loopback
from index.errors import ListenError, SettingsError


def test_a_busy_port_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ListenError, match=f"Port {port} is taken.*make demo PORT="):
            bind("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("192.168.1.5", False), ("::", False)],
)
def test_it_is_known_which_addresses_other_machines_reach(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="not an address"):
        bind("example.com", 0)


def test_answers_are_sent_at_once() -> None:
    with bind("127.0.0.1", 0) as sock:
        # asyncio switches Nagle's algorithm off only for sockets that say that they are TCP.
        assert sock.proto == socket.IPPROTO_TCP
