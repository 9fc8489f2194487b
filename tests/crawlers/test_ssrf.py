"""Nothing inside is ever dialled: not by any way of writing it, not by any way in, not by a name that changes its mind."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from scrapy.settings import Settings as ScrapySettings
from twisted.internet.error import DNSLookupError

from crawlers.browser import browser_path, browser_settings
from crawlers.engine import scrapy_settings
from crawlers.netguard import is_public, refusal, resolve_public
from index.settings import Settings
from tests.crawlers.forbidden import FORBIDDEN, NAMES, PERMITTED, SINGLE, Forbidden
from tests.crawlers.internet import PUBLIC, TIMEOUT, Canary, Internet
from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import command, environment, record, stored, write_source

# -- the guard and the resolver

_ADDRESS = r"http://((0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])[./]){4}"
INNER_V4 = tuple(dict.fromkeys(url[7:-1] for url in (each.url for each in FORBIDDEN) if re.fullmatch(_ADDRESS, url)))
"""The IPv4 addresses of the table in their usual notation."""


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)


def test_the_table_names_enough_and_nothing_twice() -> None:
    assert len(FORBIDDEN) >= 150
    assert len({each.name for each in FORBIDDEN}) == len(FORBIDDEN)


@pytest.mark.parametrize("target", FORBIDDEN, ids=lambda target: target.name.encode("unicode_escape").decode())
def test_a_forbidden_address_is_refused_or_its_name_is(target: Forbidden, monkeypatch: pytest.MonkeyPatch) -> None:
    for ports in ((), (8701,), (80 + 8000, 65535)):
        if not target.answer:
            assert refusal(target.url, ports) is not None
    if target.answer:
        answering(monkeypatch, *target.answer)
        with pytest.raises(DNSLookupError, match="not public"):
            resolve_public(urlsplit(target.url).hostname or "")


@pytest.mark.parametrize("address", INNER_V4)
def test_no_name_may_lead_to_a_forbidden_address_not_even_the_address_itself(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, address)
    for name in ("rebound.example", address):
        with pytest.raises(DNSLookupError, match="not public"):
            resolve_public(name)
    answering(monkeypatch, PUBLIC, address)
    with pytest.raises(DNSLookupError, match="not public"):
        resolve_public("mixed.example")


@pytest.mark.parametrize("address", SINGLE)
def test_single_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PERMITTED)
def test_what_lies_next_to_a_forbidden_range_is_permitted(address: str) -> None:
    assert is_public(address)
    assert refusal(f"http://[{address}]/" if ":" in address else f"https://{address}:8443/", ()) is None


@pytest.mark.parametrize(
    "url",
    ["https://news.example/a", "http://news.example:8080/", "http://news.example./", "http://xn--fiqs8s.example/", "http://中国.example/",
     "http://a_b.example/", "http://10.example/", "https://1.2.3.4.example/?u=http://127.0.0.1/", "http://internal.example/@10.0.0.1"],
)  # fmt: skip
def test_an_ordinary_address_is_not_refused(url: str) -> None:
    assert refusal(url, ()) is None


# -- Scrapy's settings


@pytest.mark.parametrize("browser", [False, True])
def test_scrapy_can_fetch_over_http_and_https_and_in_no_other_way(browser: bool) -> None:
    ours = scrapy_settings([], Settings())
    wanted = browser_settings(Path("/usr/bin/chromium"), "http://127.0.0.1:9") if browser else {"DOWNLOAD_HANDLERS": {}}
    ours["DOWNLOAD_HANDLERS"] |= wanted["DOWNLOAD_HANDLERS"]
    handlers = ScrapySettings(ours).getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler is not None} == {"http", "https"}
    assert {"file", "ftp", "s3"} <= set(handlers), "Scrapy has none of them any more: this test looks in the wrong place"


@pytest.mark.parametrize("port", [1, 22, 25, 110, 445, 1023, 2049, 6000, 6379, 6667, 11211])
def test_a_port_of_another_service_is_refused_on_public_hosts_too(port: int) -> None:
    assert "not one of a web site" in (refusal(f"http://news.example:{port}/", ()) or "")


def test_scrapy_neither_listens_nor_takes_a_proxy_from_the_environment_nor_waits_for_pages_that_refresh() -> None:
    settings = ScrapySettings(scrapy_settings([], Settings()))
    for name in ("TELNETCONSOLE_ENABLED", "HTTPPROXY_ENABLED", "COOKIES_ENABLED"):
        assert name in ScrapySettings()
        assert not settings.getbool(name)
    assert 0 < settings.getfloat("METAREFRESH_MAXDELAY") < 10, "more is a page that reloads itself, not one that moved"
    guard = settings.getwithbase("DOWNLOADER_MIDDLEWARES")
    order = sorted((place, name) for name, place in guard.items() if place is not None)
    assert order[0][1] == "crawlers.netguard.AddressGuard", "what comes before the guard could answer in its place"


# -- every way into a crawl

TARGETS = {
    # name of the target: where it leads without a guard, if anywhere, is the canary
    "loopback": "http://127.0.0.1/",
    "ten": "http://10.1.2.3/",
    "metadata": "http://169.254.169.254/",
    "port": "http://192.168.1.1:8080/",
    "shared": "http://100.64.0.1/",
    "any": "http://0.0.0.0/",
    "short": "http://127.1/",
    "number": "http://2130706433/",
    "hexadecimal": "http://0x7f.1/",
    "octal": "http://0177.0.0.1/",
    "fullwidth": "http://１０.0.0.1/",
    "azure": "http://168.63.129.16/",
    "benchmark": "http://198.18.0.1/",
    "multicast": "http://224.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "localhost": "http://localhost/",
    "google": "http://metadata.google.internal/",
    "name": "http://inner.example/",
    "mixed": "http://inner-first.example/",
    "secure": "https://10.0.0.2/",
    "user": "http://user@10.0.0.3/",
    "backslash": "http://news.example\\@10.0.0.4/",
    "dot": "http://10.0.0.5./",
    "six": "http://[::1]/",
    "mapped": "http://[::ffff:10.0.0.6]/",
    "nat64": "http://[64:ff9b::a00:7]/",
    "empty": "https:///",
    "scheme": "gopher://127.0.0.1/",
}
DIALLED = frozenset(list(TARGETS)[: list(TARGETS).index("secure")])
"""Those that the engine dials without a guard; the others nothing could dial, or nothing that speaks HTTP in the clear."""
ROUTES = (
    "feed", "feed-redirect", "page", "page-redirect", "refresh", "sitemap", "sitemap-page", "sitemap-redirect", "list",
    "list-page", "robots",
)  # fmt: skip
STATUSES = (301, 302, 303, 307, 308)
CHANGING = "changing.example"


def there(route: str, name: str) -> str:
    """The address of a target, with a path that tells by which way it was come to."""
    return f"{TARGETS[name]}{route}/{name}"


def redirect(route: str, name: str, status: int = 302) -> Reply:
    place = there(route, name).encode().decode("latin-1")  # headers are bytes
    return Reply(b"", status, {"Location": place})


def feed_of(links: list[str]) -> Reply:
    items = "".join(f"<item><title>About {n}</title><link>{link}</link></item>" for n, link in enumerate(links))
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'
    return Reply(body.encode(), headers={"Content-Type": "application/rss+xml"})


def sitemap_of(kind: str, element: str, links: list[str]) -> Reply:
    inside = "".join(f"<{element}><loc>{link}</loc></{element}>" for link in links)
    return Reply(f'<{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</{kind}>'.encode())


def publish(site: LocalSite) -> str:
    """Put every way to every target on the site; the text of a catalogue that begins with all of them."""
    here = "http://news.example"
    for at, name in enumerate(TARGETS):
        status = STATUSES[at % len(STATUSES)]
        for route in ("feed-redirect", "page-redirect", "sitemap-redirect"):
            site.pages[f"/{route}/{name}"] = redirect(route, name, status)
        refresh = f'<meta http-equiv="refresh" content="0; url={there("refresh", name)}">'
        page = html_page(at)
        site.pages[f"/refresh/{name}"] = Reply(page.body.replace(b"<head>", f"<head>{refresh}".encode()), headers=page.headers)
    site.pages["/robots.txt"] = lambda headers: (
        redirect("robots", host.removesuffix(".robots.example"))
        if (host := headers["Host"]).endswith(".robots.example")
        else Reply(b"", headers={"Connection": "close"} if host == CHANGING else {})
    )
    site.pages["/a/1"], site.pages["/a/2"] = html_page(1), html_page(2)
    site.pages["/pages"] = feed_of(
        [f"{here}/a/1", *(there("page", name) for name in TARGETS)]
        + [f"{here}/{route}/{name}" for name in TARGETS for route in ("page-redirect", "refresh")]
    )
    site.pages["/all"] = feed_of([each.url.replace("&", "&amp;") for each in FORBIDDEN])
    site.pages["/loop"] = feed_of([f"http://127.0.0.1.nip.example:{site.port}/loop/page", f"{site.address}/a/2"])
    site.pages["/sitemap.xml"] = sitemap_of("urlset", "url", [there("sitemap-page", name) for name in TARGETS])
    names = list(TARGETS)
    for part, chosen in enumerate((names[:14], names[14:])):
        links = [there("sitemap", name) for name in chosen]
        site.pages[f"/index/{part}"] = sitemap_of("sitemapindex", "sitemap", links)
        links = [f"{here}/sitemap-redirect/{name}" for name in chosen]
        site.pages[f"/index-redirect/{part}"] = sitemap_of("sitemapindex", "sitemap", links)
    anchors = "".join(f'<a href="{there("list-page", name)}">An article about {name}</a>' for name in TARGETS)
    site.pages["/list"] = Reply(
        f"<html><body>{anchors}</body></html>".encode(), headers={"Content-Type": "text/html; charset=utf-8"}
    )
    changing = feed_of([f"http://{CHANGING}/changed/page"])
    site.pages["/changing"] = Reply(changing.body, headers={"Connection": "close"})
    indexes = ("index/0", "index/1", "index-redirect/0", "index-redirect/1")
    addressable = [name for name in TARGETS if name not in ("empty", "scheme")]  # a catalogue has no others
    catalogue: dict[str, dict[str, list[str]]] = {
        "direct": {"feeds": [there("feed", name) for name in addressable]},
        "redirected": {"feeds": [f"{here}/feed-redirect/{name}" for name in TARGETS]},
        "pages": {"feeds": [f"{here}/pages"]},
        "all": {"feeds": [f"{here}/all"]},
        "loop": {"feeds": [f"{here}/loop"]},
        "maps": {"sitemaps": [f"{here}/{path}" for path in ("sitemap.xml", *indexes)]},
        "robots": {"feeds": [f"http://{name}.robots.example/feed" for name in TARGETS]},
        "changing": {"feeds": [f"http://{CHANGING}/changing"]},
        "inner": {"feeds": ["http://inner.example/feed"]},
    }
    lists = [f"{here}/list", *(there("list", name) for name in addressable)]
    rules = "".join(f'[[source.lists]]\nurl = {json.dumps(url)}\nlinks = "a"\npattern = "list-page"\n' for url in lists)
    usual = 'kind = "press"\nlanguage = "en"\ndelay = 0\n'
    return "".join(
        f'[[source]]\nid = "{each}"\nname = "{each}"\n{usual}'
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in addresses.items())
        for each, addresses in {**catalogue, "lists": {}}.items()
    ) + rules  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crawled:
    """What came of a crawl of all routes, once guarded and once not."""

    internet: Internet
    site: LocalSite
    canary: Canary
    home: Path

    def asked(self, host: str) -> list[str]:
        return [each.path for each in self.site.asked if each.headers["Host"].partition(":")[0] == host]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Crawled]]:
    """The same site crawled with the guard, and without it: two processes, each with an internet, a site and a canary."""
    folder = tmp_path_factory.mktemp("crawls")
    names = {name: [list(answer)] for name, answer in NAMES.items()}
    names |= {name: [[PUBLIC]] for name in ("news.example", *(f"{each}.robots.example" for each in TARGETS))}
    names |= {"localhost": [["127.0.0.1"]], "metadata.google.internal": [["169.254.169.254"]]}
    # robots.txt and the feed are asked of a public address, the page of another one.
    names[CHANGING] = [[PUBLIC], [PUBLIC], ["10.0.0.9"]]
    with LocalSite() as site, LocalSite() as bare, Canary() as canary, Canary() as other:
        guarded = Internet(names, site.port, canary.port, str(folder / "guarded.log"))
        unguarded = replace(guarded, site=bare.port, canary=other.port, log=str(folder / "bare.log"), guarded=False)
        crawled = {
            True: Crawled(guarded, site, canary, folder / "True" / "home"),
            False: Crawled(unguarded, bare, other, folder / "False" / "home"),
        }
        running = []
        for guard, each in crawled.items():
            own = folder / str(guard)
            own.mkdir()
            (own / "s.toml").write_text(publish(each.site), encoding="utf-8")
            arguments = ("--home", str(each.home), "crawl", "--sources", str(own / "s.toml"))
            running.append(each.internet.start(own, *arguments, loopback_ports=str(each.site.port)))
        try:
            for process in running:
                out, err = process.communicate(timeout=TIMEOUT)
                assert "internal error" not in err + out, err
                assert "Traceback" not in err, err
        finally:
            for process in running:
                process.kill()
        yield crawled


def test_a_crawl_dials_nothing_but_public_addresses(crawls: dict[bool, Crawled]) -> None:
    crawled = crawls[True]
    assert crawled.canary.connections == 0, crawled.canary.lines
    dialled = {(address, port) for address, port in crawled.internet.logged("dial")}
    assert dialled == {(PUBLIC, 80), ("127.0.0.1", crawled.site.port)}, "the second is allowed by the setting"
    assert {tuple(each) for each in crawled.internet.logged("connect")} == {("127.0.0.1", crawled.site.port)}
    assert len(crawled.internet.logged("process")) > 1, "those that parse are watched as well"


def test_without_the_guard_the_canary_hears_of_it(crawls: dict[bool, Crawled]) -> None:
    crawled = crawls[False]
    assert crawled.canary.connections > len(ROUTES) * len(DIALLED)
    addresses = {address for address, _ in crawled.internet.logged("dial")}
    assert set(INNER_V4) <= addresses, "the table was in the feed, and nothing else kept it from being dialled"


@pytest.mark.parametrize("route", ROUTES)
def test_no_way_leads_inside(route: str, crawls: dict[bool, Crawled]) -> None:
    assert {path for path in crawls[True].canary.paths() if path.startswith(f"/{route}/")} == set()
    reached = {path.removeprefix(f"/{route}/") for path in crawls[False].canary.paths() if path.startswith(f"/{route}/")}
    assert reached >= DIALLED, "without the guard this way must lead there, or it proves nothing"


@pytest.mark.parametrize("route", ["feed-redirect", "page-redirect", "refresh", "sitemap-redirect"])
def test_every_page_that_leads_on_was_asked_for(route: str, crawls: dict[bool, Crawled]) -> None:
    assert {f"/{route}/{name}" for name in TARGETS} <= set(crawls[True].asked("news.example"))


def test_what_lies_outside_is_fetched_beside_it(crawls: dict[bool, Crawled]) -> None:
    assert {"/pages", "/a/1", "/sitemap.xml", "/list", "/all"} <= set(crawls[True].asked("news.example"))
    assert {f"{name}.robots.example" for name in TARGETS} <= {each.headers["Host"] for each in crawls[True].site.asked}
    allowed = {each.headers["Host"] for each in crawls[True].site.asked if each.path == "/feed"}
    # A backslash may be read as a slash, which makes the place a page of news.example: then there are no rules.
    assert allowed <= {"backslash.robots.example"}, "a robots.txt that leads inside cannot be read, which means no"


def test_an_allowed_port_of_this_machine_is_allowed_under_its_own_name_only(crawls: dict[bool, Crawled]) -> None:
    assert "/a/2" in crawls[True].asked("localhost")
    assert crawls[True].asked("127.0.0.1.nip.example") == []
    assert "/loop/page" in crawls[False].asked("127.0.0.1.nip.example")


def test_a_name_that_changes_its_answer_is_dialled_where_it_was_checked_or_not_at_all(crawls: dict[bool, Crawled]) -> None:
    for guard in (True, False):
        answers = [answer for name, answer in crawls[guard].internet.logged("lookup") if name == CHANGING]
        assert answers[:3] == [[PUBLIC], [PUBLIC], ["10.0.0.9"]], "it was asked for each connection"
        assert crawls[guard].asked(CHANGING) == ["/robots.txt", "/changing"]
    assert ["10.0.0.9", 80] in crawls[False].internet.logged("dial")
    assert ["10.0.0.9", 80] not in crawls[True].internet.logged("dial")
    assert "/changed/page" in crawls[False].canary.paths() - crawls[True].canary.paths()


def test_a_name_that_leads_inside_is_told_as_what_it_is(crawls: dict[bool, Crawled]) -> None:
    said = record(crawls[True].home, "inner").last_outcome or ""
    assert "the name inner.example leads to 10.0.0.7, which is not public" in said
    assert [name for name, _ in crawls[True].internet.logged("lookup")].count("inner.example") >= 1


# -- the browser's proxy


def test_the_browsers_proxy_dials_nothing_inside_in_either_form(tmp_path: Path) -> None:
    names = {name: [list(answer)] for name, answer in NAMES.items()}
    names |= {"localhost": [["127.0.0.1"]], "metadata.google.internal": [["169.254.169.254"]]}
    names |= {"news.example": [[PUBLIC]], CHANGING: [[PUBLIC], ["10.0.0.9"]]}
    inner = {name: url for name, url in TARGETS.items() if url.isascii() and url.startswith("http:")}
    requests = [f"GET {there('plain', name)} HTTP/1.1\r\nHost: news.example\r\n\r\n" for name in inner]
    for name, url in inner.items():
        place = url.removeprefix("http://").removesuffix("/")
        place = place if place.rsplit(":", 1)[-1].isdigit() and "]" not in place else f"{place}:80"
        requests.append(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\nGET /tunnel/{name} HTTP/1.1\r\nHost: a\r\n\r\n")
    requests.append("CONNECT 127.0.0.1:22/@news.example:80 HTTP/1.1\r\n\r\n")
    outer = [f"GET http://{host}/a/1 HTTP/1.1\r\nHost: {host}\r\n\r\n" for host in ("news.example", CHANGING, CHANGING)]
    (tmp_path / "requests.json").write_text(json.dumps([*requests, *outer]))
    heard: dict[bool, set[str]] = {}
    with LocalSite({"/a/1": html_page(1)}) as site:
        for guard in (True, False):
            with Canary() as canary:
                internet = Internet(names, site.port, canary.port, str(tmp_path / f"{guard}.log"), guard)
                out, err = internet.start(tmp_path, "proxy", str(tmp_path / "requests.json")).communicate(timeout=TIMEOUT)
                assert out, err
                answers = json.loads(out)
                heard[guard] = canary.paths()
                if guard:
                    assert canary.connections == 0
                    assert set(answers[: len(requests)]) == {"HTTP/1.1 403 Refused"}
                    assert answers[len(requests) :] == ["HTTP/1.1 200 OK"] * 2 + ["HTTP/1.1 403 Refused"]
                    assert internet.logged("dial") == [[PUBLIC, 80]] * 2
    assert heard[True] == set()
    assert heard[False] >= {f"/{form}/{name}" for form in ("plain", "tunnel") for name in DIALLED if name in inner}


# -- a real browser

IN_PAGE = {
    "script": "add('script', {src: at})",
    "style": "add('link', {rel: 'stylesheet', href: at})",
    "prefetch": "add('link', {rel: 'prefetch', href: at})",
    "preload": "add('link', {rel: 'preload', as: 'script', href: at})",
    "preconnect": "add('link', {rel: 'preconnect', href: at})",
    "icon": "add('link', {rel: 'icon', href: at})",
    "manifest": "add('link', {rel: 'manifest', href: at})",
    "image": "add('img', {src: at})",
    "video": "add('video', {src: at, preload: 'auto'})",
    "frame": "add('iframe', {src: at})",
    "srcdoc": "add('iframe', {srcdoc: `<script src='${at}'><\\/script>`})",
    "object": "add('object', {data: at})",
    "embed": "add('embed', {src: at})",
    "fetch": "fetch(at, {mode: 'no-cors'}).catch(e => 0)",
    "request": "const x = new XMLHttpRequest(); x.open('GET', at); x.send()",
    "events": "new EventSource(at)",
    "socket": "new WebSocket(at.replace('http', 'ws'))",
    "beacon": "navigator.sendBeacon(at, 'x')",
    "module": "import(at).catch(e => 0)",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('${at}', {mode: 'no-cors'})`])))",
    "ping": "const a = add('a', {href: '#', ping: at}); a.click()",
    "window": "window.open(at)",
    "call": "const c = new RTCPeerConnection({iceServers: [{urls: `stun:${h}:${p}`}, "
    "{urls: `turn:${h}:${p}?transport=tcp`, username: 'u', credential: 'c'}]}); "
    "c.createDataChannel('d'); c.createOffer().then(o => c.setLocalDescription(o))",
}
"""Ways in which a page's scripts may reach for an address ``at``, which is host ``h`` and port ``p``."""
LEAVING = {
    "refresh": '<meta http-equiv="refresh" content="0; url={at}">',
    "location": "<script>location = '{at}'</script>",
    "form": "<form id=f action='{at}'></form><script>document.getElementById('f').submit()</script>",
    "base": "<base href='{at}/'><script src='x.js'></script>",
}
"""Ways in which a page may lead a browser away from itself."""
HEARD = {"script", "style", "preload", "frame", "srcdoc", "fetch", "request", "events", "socket", "beacon", "module", "worker"}
HEARD_LEAVING = {"refresh", "location", "form", "redirect"}
"""Those that lead to a listener that is allowed; of the others a browser leaves some alone, for reasons of its own."""


def lure(canary: Canary) -> dict[str, Reply]:
    """Pages that reach for the canary in every way, by different names of this machine."""
    hosts = ("127.0.0.1", "localhost", "[::1]", "127.1", "a.localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0")
    steps = "".join(
        f"try {{ const at = `http://${{h}}:${{p}}/{way}`; {step} }} catch (e) {{}}\n" for way, step in IN_PAGE.items()
    )
    script = f"""
        const p = {canary.port};
        const add = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more));
        for (const h of {json.dumps(hosts)}) {{
        {steps}}}"""
    pages = {"/a/1": html_page(1, f"<script>{script}</script>")}
    for number, (way, markup) in enumerate(LEAVING.items(), 2):
        pages[f"/a/{number}"] = html_page(number, markup.format(at=f"http://localhost:{canary.port}/{way}"))
    pages[f"/a/{len(pages) + 1}"] = Reply(b"", 302, {"Location": f"http://127.0.0.1:{canary.port}/redirect"})
    return pages


@pytest.mark.skipif(browser_path() is None, reason="scrapy-playwright or Chromium is not installed")
def test_a_page_in_a_browser_reaches_nothing_on_this_machine_in_any_way(tmp_path: Path) -> None:
    running = []
    calls = socket.socket(type=socket.SOCK_DGRAM)
    with LocalSite() as site, LocalSite() as other, Canary() as canary, Canary() as heard, calls:
        calls.bind(("127.0.0.1", canary.port))
        for each, listener, allowed in ((site, canary, f"{site.port}"), (other, heard, f"{other.port},{heard.port}")):
            each.pages |= lure(listener)
            each.pages["/feed"] = Reply(rss(each, list(range(1, len(each.pages) + 1))))
            folder = tmp_path / str(each.port)
            folder.mkdir()
            file = write_source(folder / "s.toml", feeds=[f"{each.address}/feed"], javascript=True)
            variables = environment(each) | {"CHIPWIRE_LOOPBACK_PORTS": allowed}
            arguments = command(folder / "home", each, "crawl", "--sources", str(file))
            running.append(subprocess.Popen(arguments, env=variables, stderr=subprocess.DEVNULL))
        try:
            for process in running:
                process.wait(timeout=TIMEOUT)
        finally:
            for process in running:
                process.kill()
        calls.setblocking(False)
        with pytest.raises(BlockingIOError):
            calls.recv(1)
        assert canary.connections == 0, canary.lines
    assert set(site.pages) <= set(site.paths())
    assert len(stored(tmp_path / str(site.port) / "home")) >= 1, "the first page is read, and its scripts have run"
    assert {f"/{way}" for way in HEARD | HEARD_LEAVING} <= heard.paths(), "where its port is allowed all these ways lead there"
