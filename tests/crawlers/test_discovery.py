import pytest

from crawlers.discovery import MAX_FEEDS, feeds_of_page, looks_like_feed, source_from_address
from index.errors import CatalogueError, ExtractionError

HOME = "https://www.chipnews.example/"
PAGE = """<!DOCTYPE html><html lang="zh-TW"><head>
<title>首頁 | 晶片新聞</title>
<meta property="og:site_name" content="晶片新聞 ChipNews">
<link rel="alternate" hreflang="en" type="application/rss+xml" href="/en/feed">
<link rel="alternate" type="application/rss+xml" title="晶片新聞 &raquo; 評論" href="/comments/feed/">
<link rel="ALTERNATE nofollow" type="application/rss+xml; charset=utf-8" title="晶片新聞" href="feed/?utm_source=x">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
<link rel="alternate" type="application/feed+json" title="JSON" href="https://www.chipnews.example/feed.json">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
<link rel="stylesheet" type="text/css" href="/feed.css">
</head><body><a href="/about">關於</a> <a href="/rss.xml">RSS 訂閱</a> <a href="/feed/">again</a>
<a href="/newsfeed-is-down-today">a story</a></body></html>""".encode()
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Wafer &amp;amp; Weekly</title><link>https://wafer.example/</link>
<language>en-us</language><image><title>Logo</title></image>
<item><title>One</title><link>https://wafer.example/1</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN"><title>芯片前线</title>
<link rel="self" href="https://front.example.cn/atom.xml"/><link href="https://front.example.cn/"/>
<entry><title>流片</title><link href="https://front.example.cn/1"/><id>1</id></entry></feed>""".encode()
JSON = b'{"version":"https://jsonfeed.org/version/1.1","title":"JSON Chips","home_page_url":"https://j.example/","items":[]}'


class TestFeedsOfAPage:
    found = feeds_of_page(PAGE, HOME)

    def test_declared_feeds_come_first_then_links_then_comments(self) -> None:
        assert self.found == [
            (f"{HOME}feed/", "晶片新聞"),
            (f"{HOME}feed.json", "JSON"),
            (f"{HOME}rss.xml", "RSS 訂閱"),
            (f"{HOME}comments/feed/", "晶片新聞 » 評論"),
        ]

    def test_relative_addresses_follow_the_pages_base(self) -> None:
        body = b'<base href="https://cdn.example/site/"><link rel=alternate type="application/atom+xml" href="atom.xml">'
        assert feeds_of_page(body, HOME) == [("https://cdn.example/site/atom.xml", "")]

    def test_a_page_without_feeds_has_none(self) -> None:
        assert feeds_of_page(b"<html><a href='/x'>x</a></html>", HOME) == []

    def test_there_are_never_more_than_the_limit(self) -> None:
        body = "".join(f'<a href="/c{n}/feed/">x</a>' for n in range(MAX_FEEDS * 3)).encode()
        assert len(feeds_of_page(body, HOME)) == MAX_FEEDS

    def test_what_is_no_page_is_refused(self) -> None:
        with pytest.raises(ExtractionError):
            feeds_of_page(b"", HOME)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/feed", "https://a.example/blog/feed/", "https://a.example/rss.xml", "https://a.example/x/atom.xml",
        "https://a.example/index.rdf", "https://a.example/?feed=rss2", "https://a.example/tech?format=rss",
        "https://a.example/press-releases?pagetemplate=rss", "https://feeds.example.com/news", "https://a.example/rss.php",
        "https://a.example/headlines.atom", "https://a.example/feed.json", "https://a.example/feeds/all",
        "https://rss.example.com/x.aspx?Tid=1", "https://a.example/rss-feed.xml",
    ],
)  # fmt: skip
def test_an_address_like_a_feeds_is_told(address: str) -> None:
    assert looks_like_feed(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/", "https://a.example/feedback", "https://a.example/newsfeed-is-down", "https://feeds.example.com/",
        "https://a.example/atomic-layer-deposition", "https://a.example/sitemap.xml", "https://a.example/rssi.html",
        "https://a.example/?q=feed",
    ],
)  # fmt: skip
def test_an_address_unlike_a_feeds_is_not(address: str) -> None:
    assert not looks_like_feed(address)


class TestSourceFromAddress:
    def test_a_homepage_gives_its_first_feed_name_and_language(self) -> None:
        source = source_from_address(HOME, PAGE, taken={"chipnews"})
        assert (source.id, source.name, source.language) == ("chipnews-2", "晶片新聞 ChipNews", "zh-Hant")
        assert (source.feeds, source.homepage, source.country) == ((f"{HOME}feed/",), HOME, "TW")
        assert (source.kind, source.topic, source.stored) == ("press", "on-topic", "full")

    def test_a_page_without_a_site_name_is_called_by_its_title(self) -> None:
        body = b"<html><title>Wafer Weekly | Home</title><a href='/feed/'>RSS</a></html>"
        source = source_from_address("https://wafer.example", body)
        assert (source.id, source.name, source.language) == ("wafer-weekly", "Wafer Weekly", "en")

    def test_rss_speaks_for_itself(self) -> None:
        source = source_from_address("https://wafer.example/feed?utm_source=x", RSS)
        assert (source.id, source.name, source.language) == ("wafer-weekly", "Wafer & Weekly", "en")
        assert (source.feeds, source.homepage) == (("https://wafer.example/feed",), "https://wafer.example/")

    def test_atom_speaks_for_itself(self) -> None:
        source = source_from_address("https://front.example.cn/atom.xml", ATOM)
        assert (source.id, source.name, source.language) == ("front-example", "芯片前线", "zh-Hans")
        assert (source.homepage, source.country) == ("https://front.example.cn/", "CN")

    def test_a_json_feed_speaks_for_itself(self) -> None:
        source = source_from_address("https://j.example/feed.json", JSON)
        assert (source.id, source.homepage) == ("json-chips", "https://j.example/")

    def test_a_sitemap_is_a_source_too(self) -> None:
        body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/1</loc></url></urlset>'
        source = source_from_address("https://www.wafer.example/sitemap.xml", body)
        assert (source.id, source.sitemaps, source.feeds) == ("wafer-example", ("https://www.wafer.example/sitemap.xml",), ())

    @pytest.mark.parametrize(
        ("address", "body", "why"),
        [
            ("ftp://a.example/", RSS, "'ftp://a.example/' cannot be a source"),
            (HOME, b"", "is neither a feed nor a page: the page is empty"),
            (HOME, b"plain words", "is neither a feed nor a page"),
            (HOME, b"<html><p>Nothing here</html>", "names no feed. Give the feed's own address"),
            (HOME, b"<html lang='fr'><a href='/feed/'>x</a>", "is in 'fr'; sources are in English or Chinese"),
            (HOME, b'{"items": []}', "is neither a feed nor a page"),
        ],
    )
    def test_what_cannot_be_a_source_says_why(self, address: str, body: bytes, why: str) -> None:
        with pytest.raises(CatalogueError, match=why):
            source_from_address(address, body)

    @pytest.mark.parametrize(
        "body",
        [
            b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel><title>&a;</title></channel></rss>',
            b"<rss version='2.0'><channel>" + b"<title>" * 20_000,
            b"{" * 100_000,
            b"<html>" + b"<div>" * 100_000,
            b'{"version":"https://jsonfeed.org/version/1","title":["x"],"home_page_url":{"a":1},"language":5,"items":[]}',
        ],
    )
    def test_a_hostile_answer_is_refused_or_read_but_never_crashes(self, body: bytes) -> None:
        try:
            feeds = source_from_address("https://a.example/feed", body).feeds
        except CatalogueError:
            feeds = ("https://a.example/feed",)
        assert feeds == ("https://a.example/feed",)
