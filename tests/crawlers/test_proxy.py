"""The browser's proxy: what it dials, what it refuses, and that one connection carries one request."""

import asyncio

import pytest
from twisted.internet.error import DNSLookupError

from crawlers.proxy import DiallingProxy
from tests.crawlers.local_site import LocalSite, Reply

SECONDS = 10


async def _ask(proxy: DiallingProxy, request: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.address.rsplit(":", 1)[1]))
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), SECONDS)
    writer.close()
    return answer.decode()


def ask(request: str, *ports: int, resolve: dict[str, str] | None = None) -> str:
    """What a proxy that may dial these loopback ports answers; names resolve as given."""

    def known(name: str) -> str:
        if name not in (resolve or {}):
            raise DNSLookupError(f"the name {name} leads to 10.0.0.1 address, which is not public")
        return (resolve or {})[name]

    async def run() -> str:
        async with DiallingProxy(ports, known) as proxy:
            return await _ask(proxy, request)

    return asyncio.run(run())


def test_a_plain_request_is_sent_on_in_origin_form() -> None:
    with LocalSite({"/a?b=1": Reply(b"hello")}) as site:
        answer = ask(f"GET {site.address}/a?b=1 HTTP/1.1\r\nHost: localhost:{site.port}\r\n\r\n", site.port)
        assert answer.endswith("hello")
        assert site.asked[0].headers["Connection"] == "close"


def test_a_tunnel_passes_bytes_both_ways() -> None:
    with LocalSite({"/a": Reply(b"hello")}) as site:
        inner = f"GET /a HTTP/1.1\r\nHost: localhost:{site.port}\r\nConnection: close\r\n\r\n"
        answer = ask(f"CONNECT localhost:{site.port} HTTP/1.1\r\n\r\n{inner}", site.port)
        assert "200 Connection established" in answer
        assert answer.endswith("hello")


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "169.254.169.254",
    ],
)
@pytest.mark.parametrize("form", ["GET http://{}:{}/ HTTP/1.1\r\n\r\n", "CONNECT {}:{} HTTP/1.1\r\n\r\n"])
def test_addresses_that_are_not_public_are_refused(target: str, form: str) -> None:
    with LocalSite({"/": Reply(b"secret")}) as canary:
        answer = ask(form.format(target, canary.port))
        assert answer.startswith("HTTP/1.1 403")
        assert canary.asked == []


def test_a_name_is_dialled_at_the_address_that_was_checked() -> None:
    with LocalSite({"/": Reply(b"hello")}) as site:
        # As if site.example resolved to a public address: the proxy dials what the resolver gave it, and asks nobody else.
        request = f"GET http://site.example:{site.port}/ HTTP/1.1\r\nHost: site.example\r\n\r\n"
        assert ask(request, resolve={"site.example": "127.0.0.1"}).endswith("hello")
        assert "not public" in ask(request)


def test_what_is_no_http_is_refused() -> None:
    assert ask("hello\r\n\r\n").startswith("HTTP/1.1 400")
    assert ask("GET file:///etc/passwd HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 403")
