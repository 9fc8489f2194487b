"""The demo newsroom as data and as a web server."""

import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers.extract import Page, extract
from crawlers.feeds import read_feed
from crawlers.newsroom.catalogue import NewsItem, Newsroom, load_newsroom
from crawlers.newsroom.server import NewsroomServer, demo_sources
from crawlers.newsroom.site import DRAFT, build_site
from crawlers.sitemaps import read_sitemap
from crawlers.sources import source_from

NEWSROOM = load_newsroom()


@pytest.fixture(scope="module")
def server() -> Iterator[NewsroomServer]:
    with NewsroomServer(NEWSROOM) as server:
        yield server


def get(server: NewsroomServer, host: str, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"Host": host, **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def test_there_are_enough_articles_in_both_languages_and_scripts() -> None:
    languages = Counter(item.lang for item in NEWSROOM.items)
    assert len(NEWSROOM.items) >= 60
    assert languages["en"] >= 36
    assert languages["zh-Hans"] + languages["zh-Hant"] >= 24
    assert languages["zh-Hant"] >= 5


def test_stories_are_covered_independently_and_copied_and_one_week_is_dense() -> None:
    stories = NEWSROOM.stories().values()
    assert sum(len({i.outlet.id for i in story if i.copy_of is None}) >= 2 for story in stories) >= 10
    assert sum(item.copy_of is not None for item in NEWSROOM.items) >= 4
    weeks = Counter(item.published.isocalendar()[:2] for item in NEWSROOM.items)
    assert weeks[2023, 46] >= 12


def test_every_outlet_has_a_feed_or_a_sitemap_that_lists_all_its_articles() -> None:
    site = build_site(NEWSROOM, 8701)
    for entry in demo_sources(NEWSROOM, 8701):
        source = source_from(entry, "newsroom")
        host = source.homepage.split("//")[1].split(":")[0]
        listed: set[str] = set()
        for feed in source.feeds:
            listed |= {e.url for e in read_feed(site[host, "/" + feed.split("/", 3)[3]].body, feed).entries}
        for address in source.sitemaps:
            sitemap = read_sitemap(site[host, "/" + address.split("/", 3)[3]].body, address)
            listed |= {page.url for page in sitemap.pages}
            for further in sitemap.sitemaps:
                answer = site[host, "/" + further.url.split("/", 3)[3]]
                listed |= {page.url for page in read_sitemap(answer.body, further.url).pages}
        assert len(listed) == len(NEWSROOM.of(source.id)), source.id


@pytest.mark.parametrize("item", NEWSROOM.items, ids=lambda item: item.key)
def test_every_article_can_be_extracted_from_its_page(item: NewsItem) -> None:
    site = build_site(NEWSROOM, 8701)
    page = site[f"{item.outlet.host}.localhost", item.path]
    found = extract(Page(f"http://{item.outlet.host}.localhost:8701{item.path}", page.body, page.content_type))
    assert found.title == item.title
    assert found.lang == item.lang[:2]
    assert found.published is not None
    assert abs((found.published - item.published).total_seconds()) < 86_400
    first = next(block.text for block in item.blocks if block.kind == "p")
    opening = found.text.split("\n\n")[0]
    assert opening.startswith(("来源", "以下文章来源", "This article originally")) or opening[:20] == first[:20], (
        "no byline before it"
    )
    text = "".join(found.text.split())
    for block in item.blocks:
        if len(block.text) > 25:
            assert "".join(block.text.split()) in text, block.text[:60]
    for chrome in (
        "Log in to comment",
        "fab_rat",
        "版权声明",
        "友情链接",
        "上滑加载更多",
        "Type your email",
        "214 partners",
        "延伸閱讀",
    ):
        assert chrome not in found.text, chrome
    assert (found.origin is not None) == (item.copy_of is not None)


def test_copies_name_the_outlet_they_repeat() -> None:
    site = build_site(NEWSROOM, 8701)
    for item in NEWSROOM.items:
        if item.copy_of is not None:
            original = NEWSROOM.item(item.copy_of)
            page = site[f"{item.outlet.host}.localhost", item.path]
            found = extract(Page(f"http://{item.outlet.host}.localhost:8701{item.path}", page.body))
            assert found.origin is not None
            assert found.origin.name == original.outlet.name


def test_one_outlet_is_gb2312_and_says_so_only_in_the_page(server: NewsroomServer) -> None:
    item = NEWSROOM.of("suanli-shiyi")[0]
    status, body, headers = get(server, "suanlishiyi.localhost", item.path)
    assert status == 200
    assert "charset" not in headers["Content-Type"]
    assert item.title in body.decode("gb2312")


def test_unchanged_pages_answer_304(server: NewsroomServer) -> None:
    _, _, headers = get(server, "waferledger.localhost", "/feed.xml")
    for name, value in (("If-None-Match", headers["ETag"]), ("If-Modified-Since", headers["Last-Modified"])):
        assert get(server, "waferledger.localhost", "/feed.xml", **{name: value})[:2] == (304, b"")
    assert get(server, "waferledger.localhost", "/feed.xml", **{"If-None-Match": '"other"'})[0] == 200


def test_every_outlet_is_a_host_of_its_own_with_its_own_robots(server: NewsroomServer) -> None:
    assert b"Crawl-delay" in get(server, "waferledger.localhost", "/robots.txt")[1]
    assert b"Crawl-delay" not in get(server, "pacificwire.localhost", "/robots.txt")[1]
    path = NEWSROOM.of("wafer-ledger")[0].path
    assert get(server, "pacificwire.localhost", path)[0] == 404
    assert DRAFT.encode() in get(server, "waferledger.localhost", "/drafts/next")[1]
    assert b"The Wafer Ledger" in get(server, "127.0.0.1", "/")[1]


def test_the_same_data_gives_the_same_bytes() -> None:
    assert build_site(NEWSROOM, 8701) == build_site(load_newsroom(), 8701)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no front matter", "front matter"),
        ("+++\ntitle = \n+++\nx", "x.md"),
        ('+++\ntitle = "t"\nlang = "en"\nstory = "s"\n+++\nx', "missing keys \\['published'\\]"),
        ('+++\ntitle = "t"\nlang = "en"\nstory = "s"\npublished = 2023-01-01T00:00:00\n+++\nx', "no time zone"),
        ('+++\ntitle = "t"\nlang = "en"\nstory = "s"\npublished = 2023-01-01T00:00:00Z\ncopy_of = "a/b"\n+++\n', "no original"),
        ('+++\ntitle = "t"\nlang = "en"\nstory = "s"\npublished = 2023-01-01T00:00:00Z\n+++\n', "no text"),
    ],
)
def test_a_malformed_article_is_named(tmp_path: Path, text: str, why: str) -> None:
    folder = Path(load_newsroom.__code__.co_filename).parent
    (tmp_path / "outlets.toml").write_bytes((folder / "outlets.toml").read_bytes())
    (tmp_path / "articles" / "wafer-ledger").mkdir(parents=True)
    (tmp_path / "articles" / "wafer-ledger" / "x.md").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        load_newsroom(tmp_path)


def test_the_newsroom_is_the_one_that_is_shipped() -> None:
    assert isinstance(NEWSROOM, Newsroom)
    assert {outlet.id for outlet in NEWSROOM.outlets} == {item.outlet.id for item in NEWSROOM.items}
