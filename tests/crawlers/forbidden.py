"""Addresses that a crawl must never dial, each with a name: special-purpose ranges, and ways to write what lies in them."""

import ipaddress
from dataclasses import dataclass

V4_RANGES = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip
V6_RANGES = (
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/32",
    "2001:1::/32", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28",
    "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
)  # fmt: skip
"""IANA's special-purpose registries for IPv4 and IPv6, and what was one of them once: 6to4's relays, site-local, compatible."""

SINGLE = (
    "0.0.0.0", "127.0.0.1", "169.254.169.254", "169.254.170.2", "169.254.169.123", "168.63.129.16", "100.100.100.200",
    "192.0.0.192", "255.255.255.255", "::", "::1", "fd00:ec2::254", "fe80::1%eth0", "::127.0.0.1", "::10.0.0.1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:93.184.216.34", "::ffff:0:10.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::10.0.0.1", "2002:7f00:1::1", "2002:a00:1::",
    "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2001:0:53aa:64c:0:0:f5ff:fffe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forbidden:
    """``answer`` is what a name server would say to the host of ``url``, where it is a name that the guard lets pass."""

    name: str
    url: str
    answer: tuple[str, ...] = ()


WRITTEN = (
    # one number, fewer parts than four, octal, hexadecimal, and mixtures
    "http://2130706433/", "http://017700000001/", "http://0x7f000001/", "http://0X7F000001/", "http://127.1/", "http://127.0.1/",
    "http://0x7f.1/", "http://0177.0.0.1/", "http://0177.1/", "http://00000177.0.0.1/", "http://0x7f.0x0.0x0.0x1/", "http://0/",
    "http://00/", "http://0x0/", "http://10.1/", "http://012.0.0.1/", "http://0xa.0.0.1/", "http://167772161/", "http://192.168.257/",
    "http://0xc0.0xa8.0.1/", "http://3232235521/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
    "http://169.254.43518/", "http://127.000.000.001/", "http://4294967297/", "http://256.0.0.1/", "http://1.2.3.4.5/",
    "http://127.0.0.0x1/", "http://1572395042/", "http://093.184.216.34/",
    # dots at the end, letters that are digits, dots that are none
    "http://127.0.0.1./", "http://10.0.0.1./", "http://2130706433./", "http://localhost./", "http://１２７.０.０.１/", "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/", "http://127．0．0．1/", "http://127｡0｡0｡1/", "http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/", "http://²¹³⁰⁷⁰⁶⁴³³/", "http://１０.0.0.1/",
    "http://ｌｏｃａｌｈｏｓｔ/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://LOCALHOST/", "http://ſlocalhost.localhost/",
    # two readers, two hosts
    "http://news.example\\@127.0.0.1/", "http://127.0.0.1\\@news.example/", "http://news.example@10.0.0.1/", "http://a:b@127.0.0.1/",
    "http://10.0.0.1@news.example/", "http://news.example:80@127.0.0.1/", "http://a@b@127.0.0.1/", "http://127.0.0.1%2f@news.example/",
    "http://news.example%40127.0.0.1/", "http://127.0.0.1%00.news.example/", "http://127.0.0.1%2enews.example/",
    "http://%31%32%37.0.0.1/", "http://%6c%6f%63%61%6c%68%6f%73%74/", "http://[::1]news.example/", "http://news.example[::1]/",
    "http://[127.0.0.1]/", "http://[v1.127]/", "http://127.0.0.1\t/", "http://127.0.0.1 /", "http://127.0.0.1,news.example/",
    "http://[::1%25lo]/", "http://[0:0:0:0:0:0:0:1]/", "http://[0000::0001]/", "http://[::ffff:7f00:1]/", "http:///127.0.0.1/",
    "https:///", "http://", "http:127.0.0.1", "http:/\\127.0.0.1/", "//127.0.0.1/", "http://.../", "http://./",
    # names of this machine and of the network that it stands in
    "http://localhost/", "http://localhost:6379/", "http://a.localhost/", "http://localhost.localdomain/", "http://metadata/",
    "http://instance-data/latest/", "http://metadata.google.internal/computeMetadata/v1/", "http://metadata.google.internal./",
    "http://instance-data.ec2.internal/", "http://host.docker.internal/", "http://printer.local/", "http://router.lan/",
    "http://router.home.arpa/", "http://wiki.corp/", "http://intranet/", "http://a.onion/", "http://gitlab.intranet/",
    # ports and schemes
    "http://127.0.0.1:22/", "http://127.0.0.1:8700/", "http://news.example:0/", "http://news.example:65536/",
    "http://news.example:-1/", "http://news.example:0x50/", "http://news.example:80:90/", "http://news.example:８０８０x/",
    "ftp://news.example/", "file:///etc/passwd", "file://localhost/etc/passwd", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1/",
    "data:text/html,hello", "javascript:alert(1)", "ws://127.0.0.1/", "jar:http://127.0.0.1!/", "ldap://127.0.0.1/", "s3://bucket/key",
    "unix:///var/run/docker.sock", "netdoc:///etc/passwd", "blob:http://127.0.0.1/1", "view-source:http://127.0.0.1/",
)  # fmt: skip

NAMES = {
    "metadata.goog": ("169.254.169.254",),
    "metadata.tencentyun.com": ("169.254.0.23",),
    "kubernetes.default.svc": ("10.96.0.1",),
    "localtest.example": ("127.0.0.1",),
    "127.0.0.1.nip.example": ("127.0.0.1",),
    "inner.example": ("10.0.0.7",),
    "any.example": ("0.0.0.0",),
    "azure.example": ("168.63.129.16",),
    "inner-last.example": ("93.184.216.34", "10.0.0.8"),
    "inner-first.example": ("192.168.0.8", "93.184.216.34"),
    "inner-between.example": ("93.184.216.34", "169.254.169.254", "93.184.216.35"),
}
"""Public names that lead inward, with what the name service answers."""


def _hosted(address: str) -> str:
    return f"http://[{address.replace('%', '%25')}]/" if ":" in address else f"http://{address}/"


def _of_range(text: str) -> list[Forbidden]:
    network = ipaddress.ip_network(text)
    chosen = {"first": network[0], "middle": network[network.num_addresses // 2 + 1], "last": network[-1]}
    return [Forbidden(f"{text} {which}", _hosted(str(address))) for which, address in chosen.items()]


FORBIDDEN = (
    *(each for text in (*V4_RANGES, *V6_RANGES) for each in _of_range(text)),
    *(Forbidden(f"single {address}", _hosted(address)) for address in SINGLE),
    *(Forbidden(f"written {url}", url) for url in WRITTEN),
    *(Forbidden(f"name {name}", f"http://{name}/", answer) for name, answer in NAMES.items()),
)

PERMITTED = (
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
    "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2001:200::1", "2001:4860::1", "2003::1",
    "2400:cb00::1", "2606:2800:220:1::1", "2a00:1450::1",
)  # fmt: skip
"""Public addresses, most of them next to a range that is not."""
