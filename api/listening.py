"""Where the server listens: a socket that is bound before anything is loaded."""

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from index.errors import ListenError, SettingsError


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. Raises SettingsError: no address."""
    return _address(host).is_loopback


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket.

    Raises:
        SettingsError: no address. ListenError: the port is taken or may not be used.
    """
    address = _address(host)
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


def _address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        raise SettingsError(f"{host!r} is not an address to listen on.", hint="Use 127.0.0.1, ::1 or 0.0.0.0.") from None
