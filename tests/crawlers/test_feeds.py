import gzip

import pytest

from crawlers.feeds import parse_feed, parse_sitemap
from index.errors import ExtractionError
from index.text.times import iso

BASE = "https://news.example/feed"
RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>N</title>
<item><title>H200 &amp; HBM3e</title><link>/2023/h200?utm_source=rss</link><pubDate>Mon, 13 Nov 2023 22:00:00 +0800</pubDate>
<description>&lt;b&gt;Short&lt;/b&gt; text</description><content:encoded><![CDATA[<p>Long text</p>]]></content:encoded></item>
<item><title>No link</title></item><item><title>Bad</title><link>javascript:alert(1)</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>Maia</title><link href="https://news.example/maia"/>
<updated>2023-11-15T18:00:00Z</updated><author><name>Ann</name></author></entry></feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "https://news.example/j",
"title": "J", "date_published": "2023-11-15T18:00:00Z", "content_html": "<p>c</p>", "authors": [{"name": "Ann"}]}, 7]}"""


def test_rss_entries_have_absolute_clean_addresses_and_utc_times() -> None:
    [entry] = parse_feed(RSS, BASE)
    assert entry.url == "https://news.example/2023/h200"
    assert (entry.title, iso(entry.published), entry.content) == ("H200 & HBM3e", "2023-11-13T14:00:00Z", "<p>Long text</p>")


def test_atom_and_json_feed_are_read_alike() -> None:
    [atom], [json] = parse_feed(ATOM, BASE), parse_feed(JSON, BASE)
    assert (atom.url, atom.author, iso(atom.updated)) == ("https://news.example/maia", "Ann", "2023-11-15T18:00:00Z")
    assert (json.url, json.author, json.content) == ("https://news.example/j", "Ann", "<p>c</p>")


def test_a_gb2312_feed_is_read_by_its_declaration() -> None:
    body = '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><item><title>算力紧缺</title><link>http://a.example/1</link></item></channel></rss>'
    assert parse_feed(body.encode("gb2312"), BASE)[0].title == "算力紧缺"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><title>&b;</title></channel></rss>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><rss/>'.encode("utf-16"),
        b"<html><body>a bot wall</body></html>",
        b"",
        b'{"version": "something else"}',
        b"{broken",
        b"x" * 20_000_001,
    ],
    ids=["entities", "entities in UTF-16", "page", "empty", "other JSON", "broken JSON", "huge"],
)
def test_what_is_no_feed_or_an_attack_is_refused(body: bytes) -> None:
    with pytest.raises(ExtractionError):
        parse_feed(body, BASE)


def test_sitemaps_indexes_and_news_sitemaps_are_read_plain_and_gzipped() -> None:
    index = b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/s1.xml.gz</loc></sitemap></sitemapindex>'
    assert parse_sitemap(index, "https://news.example/sitemap.xml").sitemaps == ("https://news.example/s1.xml.gz",)
    news = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://news.example/a</loc><news:news><news:publication><news:name>N</news:name></news:publication>
    <news:publication_date>2023-10-17T20:00:00Z</news:publication_date><news:title>Rules</news:title></news:news></url>
    <url><loc>https://news.example/b</loc><lastmod>2023-10-18</lastmod></url></urlset>"""
    for body in (news, gzip.compress(news)):
        first, second = parse_sitemap(body, "https://news.example/s.xml").pages
        assert (first.title, iso(first.published)) == ("Rules", "2023-10-17T20:00:00Z")
        assert iso(second.updated) == "2023-10-18T00:00:00Z"


def test_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(ExtractionError, match="larger than"):
        parse_sitemap(gzip.compress(b" " * 30_000_000), "https://news.example/s.xml.gz")
