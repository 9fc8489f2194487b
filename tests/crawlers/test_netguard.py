import socket

import pytest
from twisted.internet.error import DNSLookupError

from crawlers.netguard import is_public, refusal, resolve_public


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "1.1.1.1"])
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::1", "fe80::1%eth0", "not an address"],
)  # fmt: skip
def test_everything_else_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://x.localhost:81/", "http://[::1]/", "http://2130706433/", "http://127.1/",
     "http://0x7f.1/", "http://10.1.2.3/", "http://[::ffff:10.0.0.1]/", "ftp://news.example/", "file:///etc/passwd", "http://a:99999/"],
)  # fmt: skip
def test_a_request_inward_is_refused_before_it_is_made(url: str) -> None:
    assert refusal(url, ()) is not None


def test_a_loopback_port_can_be_allowed_and_no_other_is() -> None:
    assert refusal("http://wafer.localhost:8701/a", [8701]) is None
    assert refusal("http://127.0.0.1:8701/a", [8701]) is None
    assert refusal("http://wafer.localhost:8702/a", [8701]) is not None
    assert refusal("http://10.0.0.1:8701/a", [8701]) is not None


def test_a_name_that_leads_inward_is_not_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(*addresses: str) -> None:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)

    answers("93.184.216.34")
    assert resolve_public("news.example") == "93.184.216.34"
    for inward in (("127.0.0.1",), ("93.184.216.34", "10.0.0.1")):
        answers(*inward)
        with pytest.raises(DNSLookupError, match="not public"):
            resolve_public("rebound.example")
