"""Which addresses a crawl may dial. The address that is checked is the address that is dialled.

Names are resolved by `FilteringResolver`, installed in Scrapy, which hands out public addresses only; literal addresses,
loopback names and ports are checked for every request, redirects included, by `AddressGuard`.
"""

import ipaddress
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer, threads
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's platform address: globally routed on paper, the host's own in every virtual machine
        "64:ff9b::/96",  # NAT64 and 6to4 and Teredo carry IPv4 addresses that would need checking in their turn
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "::/96",
        "192.88.99.0/24",
    )
)


def is_public(address: str) -> bool:
    """True for an address on the public internet that may be fetched from.

    `ipaddress.is_global` alone passes multicast, NAT64, 6to4 and some platform addresses.
    """
    try:
        ip = ipaddress.ip_address(address.strip("[]").split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip.version == network.version and ip in network for network in _REFUSED_NETWORKS)


def is_loopback_name(host: str) -> bool:
    """True for localhost and everything under it (RFC 6761), which is never asked of a name server."""
    host = host.rstrip(".").lower()
    return host == "localhost" or host.endswith(".localhost")


def refusal(url: str, loopback_ports: "Sequence[int]") -> str | None:
    """Why `url` may not be requested; None where it may (a name still has to resolve to a public address)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "its address is malformed"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'its scheme'} is not http or https"
    loopback = is_loopback_name(host) or host in ("127.0.0.1", "::1")
    if loopback:
        return None if port in loopback_ports else f"{host}:{port} is on this machine"
    try:
        socket.inet_aton(host)  # also reads 127.1, 0x7f000001 and 2130706433, as dialling would
        literal = True
    except OSError:
        literal = ":" in host
    if literal and not is_public(host):
        return f"{host} is not a public address"
    return None


class FilteringResolver(CachingThreadedResolver):
    """Resolves to public IPv4 addresses only; loopback names go to 127.0.0.1 (their port was checked before)."""

    def getHostByName(self, name: str, timeout: "Sequence[int]" = ()) -> "Deferred[str]":  # noqa: N802  # Twisted's name
        if is_loopback_name(name):
            return defer.succeed("127.0.0.1")
        reactor: Any = self.reactor
        return threads.deferToThreadPool(reactor, reactor.getThreadPool(), resolve_public, name)


def resolve_public(name: str) -> str:
    """A public IPv4 address of `name`.

    Raises:
        DNSLookupError: it has none, or any of its addresses is not public (a mixed answer is an attack or a fault).
    """
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise DNSLookupError(f"the name {name} cannot be resolved") from error
    private = [address for address in addresses if not is_public(address) and address != name]
    if private or not addresses:
        raise DNSLookupError(f"the name {name} leads to {private[0] if private else 'no'} address, which is not public")
    return addresses[0]


class AddressGuard:
    """Downloader middleware: refuses every request that `refusal` refuses, redirects and robots.txt included."""

    def __init__(self, loopback_ports: "Sequence[int]") -> None:
        self._loopback_ports = loopback_ports

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "AddressGuard":
        return cls([int(port) for port in crawler.settings.getlist("CHIPWIRE_LOOPBACK_PORTS")])

    def process_request(self, request: "Request", spider: Any = None) -> None:
        why = refusal(request.url, self._loopback_ports)
        if why is not None:
            raise IgnoreRequest(f"refused: {why}")
