"""Which addresses a crawl may dial. The address that is checked is the address that is dialled.

Names are resolved by `FilteringResolver`, installed in Scrapy, which hands out public addresses only; literal addresses,
loopback names and ports are checked for every request, redirects included, by `AddressGuard`.
"""

import ipaddress
import re
import socket
import unicodedata
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
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        # IANA's special-purpose registries in full: what `ipaddress` takes for global differs from version to version.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's platform address: globally routed on paper, the host's own in every virtual machine
        "2001::/23",  # protocol assignments, Teredo among them, which carries IPv4 addresses
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "2002::/16",  # 6to4 carries an IPv4 address, which would need checking in its turn
        "3fff::/20",
    )
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is handed out; NAT64, mapped and compatible IPv4, unique local and link-local addresses are not in it."""
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INWARD_NAMES = ("internal", "intranet", "local", "localdomain", "lan", "corp", "home", "home.arpa", "private", "onion")
"""Names under these are a private network's (RFC 6762, RFC 8375, ICANN's ``internal``), whatever a name server says."""
_WEB_PORTS = frozenset({80, 443})
_OTHER_PORTS = frozenset({1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6679, 6697, 10080, 11211})
_IRC_PORTS = range(6665, 6670)
"""Ports above 1023 that are known for other services, most of them those to which browsers send nothing (Fetch Standard)."""


def is_public(address: str) -> bool:
    """True for a literal address on the public internet that may be fetched from."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.scope_id is not None or ip not in _GLOBAL_UNICAST):
        return False
    return not any(ip.version == network.version and ip in network for network in _NOT_PUBLIC)


def is_loopback_name(host: str) -> bool:
    """True for localhost and everything under it (RFC 6761), which is never asked of a name server."""
    host = host.rstrip(".").lower()
    return host == "localhost" or host.endswith(".localhost")


def refusal(url: str, loopback_ports: "Sequence[int]") -> str | None:
    """Why `url` may not be requested; None where it may (a name still has to resolve to a public address).

    Whatever two readers of addresses could understand differently is refused, because one of them is the one that dials.
    """
    try:
        parts = urlsplit(url)
        host, port = plain_host(parts.hostname or ""), parts.port
    except ValueError:
        return "its address is malformed"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'its scheme'} is not http or https"
    if "\\" in url or parts.username is not None or any(char <= " " or char == "\x7f" for char in url):
        return "its address is malformed"
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if is_loopback_name(host) or host in ("127.0.0.1", "::1"):
        return None if port in loopback_ports else f"{host}:{port} is on this machine"
    if port not in _WEB_PORTS and (port < 1024 or port in _OTHER_PORTS or port in _IRC_PORTS):
        return f"port {port} is not one of a web site"
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]):
        # 127.1, 0x7f000001 and 2130706433 are addresses to who dials them, and no site is linked by such a form.
        return None if is_public(host) else f"{host} is not a public address"
    if "." not in host or host.endswith(tuple(f".{name}" for name in _INWARD_NAMES)):
        return f"{host} is not a public name"
    return None


def plain_host(host: str) -> str:
    """`host` as it is resolved: ASCII, lower case, without a trailing dot.

    Raises:
        ValueError: it is no host name.
    """
    if not host.isascii():
        host = unicodedata.normalize("NFKC", host).encode("idna").decode("ascii")
    host = host.lower().rstrip(".")
    if ":" in host:
        ipaddress.IPv6Address(host)
    elif not _HOST.fullmatch(host) or ".." in host:
        raise ValueError("not a host name")
    return host


class FilteringResolver(CachingThreadedResolver):
    """Resolves to public IPv4 addresses only; loopback names go to 127.0.0.1 where any port there is allowed.

    Which port that is `AddressGuard` has checked before.
    """

    loopback = False

    @classmethod
    def from_crawler(cls, crawler: "Crawler", reactor: "ReactorBase") -> "FilteringResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver.loopback = bool(crawler.settings.getlist("CHIPWIRE_LOOPBACK_PORTS"))
        return resolver

    def getHostByName(self, name: str, timeout: "Sequence[int]" = ()) -> "Deferred[str]":  # noqa: N802  # Twisted's name
        if is_loopback_name(name) or name == "127.0.0.1":
            here = DNSLookupError(f"{name} is on this machine")
            return defer.succeed("127.0.0.1") if self.loopback else defer.fail(here)
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
    private = [address for address in addresses if not is_public(address)]
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
