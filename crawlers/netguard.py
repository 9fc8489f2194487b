"""Which addresses a crawl may dial. The address that is checked is the address that is dialled.

Names are resolved by `FilteringResolver`, installed in Scrapy, which hands out public addresses only; literal addresses,
loopback names and ports are checked for every request, redirects included, by `AddressGuard`.
"""

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer, threads
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from crawlers.limits import NAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that IANA has handed out of IPv6: mapped, compatible, translated and local addresses lie outside it."""
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's platform address: globally routed on paper, the host's own in every virtual machine
        # Of IANA's special-purpose registries what `is_global` passes, in one version of Python or another.
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "2001::/23",
        "2620:4f:8000::/48",
        "3fff::/20",
        "2002::/16",  # 6to4, and Teredo in 2001::/23, carry IPv4 addresses that would need checking in their turn
    )
)
_INNER_NAMES = frozenset(
    ("internal", "local", "localdomain", "intranet", "private", "corp", "home", "lan", "onion", "home.arpa")
)
"""Endings that the public name service does not know: RFC 6762 (appendix G), RFC 7686, RFC 8375, and ICANN's .internal."""
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_HERE = "127.0.0.1"
_WEB_PORTS = frozenset({80, 443})
_OTHER_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, *range(6665, 6670), 6679, 6697, 10080, 11211}
)
"""Above 1023, known for other services: those to which browsers send nothing (Fetch Standard), Redis and memcached."""
_REMEMBERED = 1000


def is_public(address: str) -> bool:
    """True for an address on the public internet that may be fetched from, in its usual notation.

    `ipaddress.is_global` alone passes multicast, NAT64, 6to4 and some platform addresses.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _GLOBAL_UNICAST or ip.scope_id is not None):
        return False
    return not any(ip.version == network.version and ip in network for network in _REFUSED_NETWORKS)


def is_loopback_name(host: str) -> bool:
    """True for localhost and everything under it (RFC 6761), which is never asked of a name server."""
    host = host.rstrip(".").lower()
    return host == "localhost" or host.endswith(".localhost")


def refusal(url: str, loopback_ports: "Sequence[int]") -> str | None:
    """Why `url` may not be requested; None where it may (a name still has to resolve to a public address).

    Refused as well is whatever one reader of addresses might take for another host than the next: user names, percent
    signs and backslashes, numbers that are no address in its usual notation.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii").lower()
    except ValueError:
        return "its address is malformed"
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme or 'its scheme'} is not http or https"
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    host = host.removesuffix(".")
    literal = ":" in host
    if port == 0 or literal != ("[" in parts.netloc) or not (literal or _NAME.fullmatch(host)):
        return "its address is malformed"
    if "@" in parts.netloc:
        return "its address has a user name in it"
    if is_loopback_name(host) or host in (_HERE, "::1"):
        return None if port in loopback_ports else f"{host}:{port} is on this machine"
    if port not in _WEB_PORTS and (port < 1024 or port in _OTHER_PORTS):
        return f"port {port} is not one of a web site"
    return _inner_host(host)


def _inner_host(host: str) -> str | None:
    """Why a host is none of the public internet's, as far as it shows without asking a name server."""
    labels = host.split(".")
    # 127.1, 0x7f000001 and 2130706433 are addresses to whoever dials, and no public name ends in a number.
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        return None if is_public(host) else f"{host} is not a public address"
    if len(labels) == 1 or labels[-1] in _INNER_NAMES or ".".join(labels[-2:]) in _INNER_NAMES:
        return f"{host} is not a public name"
    return None


class FilteringResolver(CachingThreadedResolver):
    """Resolves to public IPv4 addresses only; loopback names go to 127.0.0.1 where a port there is allowed.

    Which port that is was checked before, by `AddressGuard`. ``refused`` says why a name was refused, because Twisted
    tells whoever asked only that it has no address.
    """

    loopback = False
    refused: ClassVar[dict[str, str]] = {}

    @classmethod
    def from_crawler(cls, crawler: "Crawler", reactor: "ReactorBase") -> "FilteringResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver.loopback = bool(crawler.settings.getlist("CHIPWIRE_LOOPBACK_PORTS"))
        return resolver

    def getHostByName(self, name: str, timeout: "Sequence[int]" = ()) -> "Deferred[str]":  # noqa: N802  # Twisted's name
        if is_loopback_name(name) or name == _HERE:
            return defer.succeed(_HERE) if self.loopback else defer.fail(DNSLookupError(f"{name} is not public"))
        reactor: Any = self.reactor
        answer = threads.deferToThreadPool(reactor, reactor.getThreadPool(), self._resolve, name)
        late = Failure(DNSLookupError(f"the name {name} takes too long"))  # type: ignore[no-untyped-call]
        return answer.addTimeout(NAME_SECONDS, reactor, lambda *_: late)

    def _resolve(self, name: str) -> str:
        if len(self.refused) >= _REMEMBERED:
            self.refused.clear()
        self.refused.pop(name, None)
        try:
            return resolve_public(name)
        except DNSLookupError as error:
            if "not public" in str(error):
                self.refused[name] = str(error)
            raise


def resolve_public(name: str) -> str:
    """A public IPv4 address of `name`, which may be such an address itself.

    Raises:
        DNSLookupError: it has none, or any of its addresses is not public (a mixed answer is an attack or a fault).
    """
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise DNSLookupError(f"the name {name} cannot be resolved") from error
    for address in addresses:
        if not is_public(address):
            raise DNSLookupError(f"the name {name} leads to {address}, which is not public")
    if not addresses:
        raise DNSLookupError(f"the name {name} cannot be resolved")
    return addresses[0]


HOPS = "chipwire_hops"
"""In ``Request.meta``: a list to which every address is added that a request leads to by redirects, itself the first."""


class AddressGuard:
    """Downloader middleware: refuses every request that `refusal` refuses, redirects and robots.txt included.

    Of a name that the resolver refused it says so.
    """

    def __init__(self, loopback_ports: "Sequence[int]") -> None:
        self._loopback_ports = loopback_ports

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> "AddressGuard":
        return cls([int(port) for port in crawler.settings.getlist("CHIPWIRE_LOOPBACK_PORTS")])

    def process_request(self, request: "Request", spider: Any = None) -> None:
        request.meta.get(HOPS, []).append(request.url)
        why = refusal(request.url, self._loopback_ports)
        if why is not None:
            raise IgnoreRequest(f"refused: {why}")

    def process_exception(self, request: "Request", exception: Exception, spider: Any = None) -> None:
        why = FilteringResolver.refused.get(urlsplit(request.url).hostname or "")
        if why is not None and isinstance(exception, CannotResolveHostError):
            raise IgnoreRequest(f"refused: {why}") from exception
