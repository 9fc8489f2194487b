"""No address that is not public is ever dialled, whoever names it: nearly two hundred targets by every way there is in.

A canary listens on this machine, on a port that no setting allows. It must hear nothing; and with its port allowed it must
hear from every route, which shows that each of them leads somewhere.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

import pytest
from scrapy.settings import Settings as ScrapySettings

from crawlers.engine import scrapy_settings
from crawlers.netguard import refusal
from crawlers.proxy import DiallingProxy
from crawlers.sources import source_from
from index.errors import CatalogueError
from index.settings import Settings
from index.store.database import Store
from index.text.address import canonical_url
from tests.crawlers.audited import PUBLIC
from tests.crawlers.forbidden import targets
from tests.crawlers.local_site import LocalSite, Reply, html_page
from tests.crawlers.running import TIMEOUT, environment

TARGETS = targets()
RESOLVED = {
    name: f"http://{name}.example:{{port}}/{{route}}"
    for name in ("inward", "metadata", "mixed", "mixed-first", "rebinding", "empty")
}
"""Names that only their resolution shows for what they are."""
ROUTES = ("direct", "redirect", "item", "item-redirect", "refresh", "entry", "child", "listed", "older", "robots", "announced")


@pytest.fixture
def canary() -> Iterator[LocalSite]:
    """Answers everything, as a service would that believes whoever reaches it."""
    with LocalSite() as canary:
        yield canary


@pytest.mark.parametrize("name", TARGETS)
def test_it_is_refused_before_anything_is_resolved_or_dialled(name: str) -> None:
    assert refusal(TARGETS[name].format(port=8702, route="x"), [8701]) is not None


def test_each_target_has_an_address_of_its_own() -> None:
    assert len({target.format(port=8702, route="x") for target in TARGETS.values()}) == len(TARGETS) >= 150


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "news.example", "[2606:4700::1111]", "例子.中国", "a_b.example:8080", "1.example"]
)
def test_a_public_site_is_not_refused(address: str) -> None:
    assert refusal(f"https://{address}/a?b=c%20d", ()) is None


def test_only_web_schemes_have_a_handler_at_all() -> None:
    settings = ScrapySettings(scrapy_settings([], Settings()))
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler is not None} == {"http", "https"}


@pytest.mark.parametrize("form", ["GET {} HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT {} HTTP/1.1\r\n\r\n"])
def test_a_browser_reaches_none_of_them_either(form: str, canary: LocalSite) -> None:
    async def ask(port: int, target: str) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(form.format(target).encode())
        answer = await reader.read()
        writer.close()
        return answer

    async def ask_all() -> dict[str, bytes]:
        async with DiallingProxy(()) as proxy, asyncio.timeout(60):
            port = int(proxy.address.rsplit(":", 1)[1])
            return {name: await ask(port, _as_asked(form, target, canary)) for name, target in TARGETS.items()}

    answers = asyncio.run(ask_all())
    assert {name for name, answer in answers.items() if not answer.startswith((b"HTTP/1.1 403", b"HTTP/1.1 400"))} == set()
    assert canary.asked == []


def _as_asked(form: str, target: str, canary: LocalSite) -> str:
    whole = target.format(port=canary.port, route="proxy")
    return whole.split("//", 1)[-1].split("/")[0] if form.startswith("CONNECT") else whole


def test_no_route_of_a_crawl_leads_to_any_of_them(canary: LocalSite, tmp_path: Path) -> None:
    with LocalSite() as site:
        tried = crawl(site, tmp_path, _at(canary, TARGETS))
        assert canary.asked == []
        assert tried.dialled == {("127.0.0.1", str(site.port))}
    for route in ("item-redirect", "refresh"):
        # The first is a path on a site that does not exist, to every reader of redirects; the other no address to any.
        unread = {"backslash", "port too large"}
        assert tried.refused(route) == set(TARGETS) - unread, "each was followed, and refused"
    for route in ("item", "entry", "listed"):
        listed = {name for name in TARGETS if _is_listed(TARGETS[name])}
        assert listed - tried.refused(route) == set()
        assert len(listed) > 150
    assert len([host for host in tried.hosts if host.startswith("r")]) == len(TARGETS), "every robots.txt was asked for"
    allowed = {asked.headers["Host"].split(".")[0][1:] for asked in site.asked if asked.path == "/robots-feed"}
    own = {"three slashes", "no slashes"}  # which are paths on the same site, where nothing is: no rules
    assert {list(TARGETS)[int(number)] for number in allowed} == own, "a robots.txt that cannot be read forbids"


def test_a_name_is_dialled_at_the_address_that_was_checked_or_not_at_all(canary: LocalSite, tmp_path: Path) -> None:
    with LocalSite() as site:
        tried = crawl(site, tmp_path, _at(canary, RESOLVED), index=False)
        assert canary.asked == []
        assert tried.dialled == {("127.0.0.1", str(site.port)), (PUBLIC, str(canary.port))}


def test_with_its_port_allowed_the_canary_hears_from_every_route(canary: LocalSite, tmp_path: Path) -> None:
    with LocalSite() as site:
        tried = crawl(site, tmp_path, {"control": f"http://localhost:{canary.port}/{{route}}"}, canary)
    assert {asked.path.strip("/") for asked in canary.asked} >= set(ROUTES)
    assert ("127.0.0.1", str(canary.port)) in tried.dialled, "what is dialled is written down"


def _at(canary: LocalSite, named: Mapping[str, str]) -> dict[str, str]:
    return {name: target.replace("{port}", str(canary.port)) for name, target in named.items()}


def _is_listed(target: str) -> bool:
    """Whether a list's entry with this address is one at all."""
    try:
        canonical_url(target.format(port=8702, route="x"))
    except ValueError:
        return False
    return True


class Tried:
    """What became of a crawl: ``dialled`` are addresses and ports, ``hosts`` the names by which the site was asked."""

    def __init__(self, home: Path, log: str, site: LocalSite, names: Mapping[str, str]) -> None:
        self.dialled = {tuple(line.split()) for line in log.splitlines()}
        self.hosts = {asked.headers["Host"].split(":")[0] for asked in site.asked}
        self._names = names
        with Store.open_reader(home) as store:
            self._notes = {str(row[0]): str(row[1]) for row in store.rows("SELECT url, note FROM fetch")}
        self._site = site

    def refused(self, route: str) -> set[str]:
        """The targets whose page by this route was tried and refused, by what the store says of it."""
        return {name for number, name in enumerate(self._names) if self._note(route, number, name)}

    def _note(self, route: str, number: int, name: str) -> str | None:
        if route in ("item-redirect", "refresh"):
            url = f"{self._site.address}/{route}/{number}"
        else:
            target = self._names[name].format(route=route)
            url = canonical_url(target) if _is_listed(target) else ""
        note = self._notes.get(url)
        return None if note == "None" else note


def crawl(site: LocalSite, folder: Path, named: Mapping[str, str], *allowed: LocalSite, index: bool = True) -> Tried:
    """Crawl `site`, which leads to every one of the `named` addresses (with ``{route}`` in them) by every route.

    Without `index` the sitemaps of an index are left out: they are read one after the other, and a name that cannot be
    resolved is tried three times.
    """
    numbered = list(enumerate(named.values()))

    def by(route: str) -> list[str]:
        return [target.format(route=route) for _, target in numbered]

    pages = _Pages(site)
    pages.feed(
        "/feed", [*by("item"), *(f"{site.address}/{kind}/{n}" for kind in ("item-redirect", "refresh") for n, _ in numbered)]
    )
    pages.urls("/sitemap.xml", "urlset", "url", by("entry"))
    pages.urls("/index.xml", "sitemapindex", "sitemap", by("child"))
    anchors = "".join(f'<li><a href="{escape(url)}">An accelerator is announced today</a></li>' for url in by("listed"))
    site.pages["/list"] = Reply(f"<html><body><ul>{anchors}</ul></body></html>".encode())
    sources = [
        {
            "id": "lists",
            "feeds": [f"{site.address}/feed"],
            "sitemaps": [f"{site.address}/sitemap.xml", *([f"{site.address}/index.xml"] if index else [])],
            "lists": [{"url": f"{site.address}/list", "links": "li a"}],
        }
    ]
    for number, target in numbered:
        to = {route: _header(target.format(route=route)) for route in ROUTES}
        site.pages[f"/item-redirect/{number}"] = Reply(b"", 302, {"Location": to["item-redirect"]})
        refresh = (
            f'<html><head><meta http-equiv="refresh" content="0; url={escape(target.format(route="refresh"))}"></head></html>'
        )
        site.pages[f"/refresh/{number}"] = Reply(refresh.encode(), headers={"Content-Type": "text/html"})
        site.pages[f"/redirect/{number}"] = Reply(b"", 301, {"Location": to["redirect"]})
        pages.feed(f"/announced/{number}", [f"{site.address}/a/1"], escape(target.format(route="announced")))
        older = f'<a class="older" href="{escape(target.format(route="older"))}">Older</a>'
        site.pages[f"/pages/{number}"] = Reply(
            f'<html><body><a href="/a/1">A chip is announced</a>{older}</body></html>'.encode()
        )
        sources += [
            {"id": f"direct-{number}", "feeds": [target.format(route="direct")]},
            {"id": f"redirect-{number}", "feeds": [f"{site.address}/redirect/{number}"]},
            {"id": f"announced-{number}", "feeds": [f"{site.address}/announced/{number}"]},
            {"id": f"robots-{number}", "feeds": [f"http://r{number}.localhost:{site.port}/robots-feed"]},
            {
                "id": f"older-{number}",
                "lists": [{"url": f"{site.address}/pages/{number}", "pattern": "/a/", "next": "a.older"}],
            },
        ]
    robots = {f"r{number}.localhost:{site.port}": target.format(route="robots") for number, target in numbered}
    site.pages["/robots.txt"] = _robots(robots)
    site.pages["/a/1"] = html_page(1)
    (folder / "s.toml").write_text("".join(_toml(source) for source in sources if _is_source(source)), "utf-8")
    home, log = folder / "home", folder / "log"
    command = [sys.executable, "-m", "tests.crawlers.audited", str(log), "--home", str(home), "crawl", "--since", "2000"]
    command += ["--no-refresh", "--sources", str(folder / "s.toml")]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT, env=environment(site, *allowed), check=False, cwd=ROOT
    )
    assert "Traceback" not in result.stderr
    return Tried(home, log.read_text("utf-8"), site, named)


ROOT = Path(__file__).parent.parent.parent


class _Pages:
    def __init__(self, site: LocalSite) -> None:
        self._site = site

    def feed(self, path: str, links: list[str], moved: str = "") -> None:
        items = "".join(f"<item><title>A chip</title><link>{escape(link)}</link></item>" for link in links)
        new = f'<itunes:new-feed-url xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">{moved}</itunes:new-feed-url>'
        self._site.pages[path] = Reply(f'<rss version="2.0"><channel><title>F</title>{new}{items}</channel></rss>'.encode())

    def urls(self, path: str, root: str, element: str, links: list[str]) -> None:
        inner = "".join(f"<{element}><loc>{escape(link)}</loc></{element}>" for link in links)
        head = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        self._site.pages[path] = Reply(f"{head}{inner}</{root}>".encode())


def _robots(by_host: Mapping[str, str]) -> Callable[[Mapping[str, str]], Reply]:
    def answer(headers: Mapping[str, str]) -> Reply:
        target = by_host.get(headers.get("Host", ""))
        return Reply(b"", 404) if target is None else Reply(b"", 302, {"Location": _header(target)})

    return answer


def _header(value: str) -> str:
    return value.replace("\t", "%09").encode("utf-8").decode("latin-1")


def _is_source(entry: Mapping[str, object]) -> bool:
    try:
        source_from({**_USUAL, **entry}, "test")
    except CatalogueError:
        return False
    return True


_USUAL = {"name": "N", "kind": "press", "language": "en", "delay": 0}


def _toml(entry: Mapping[str, object]) -> str:
    whole = {**_USUAL, **entry}
    rules = whole.pop("lists", [])
    lines = [f"{key} = {json.dumps(value)}" for key, value in whole.items()]
    assert isinstance(rules, list)
    for rule in rules:
        lines += ["[[source.lists]]", *(f"{key} = {json.dumps(value)}" for key, value in rule.items())]
    return "[[source]]\n" + "\n".join(lines) + "\n"
