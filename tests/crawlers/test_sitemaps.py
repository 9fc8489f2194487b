import gzip
import time
import tracemalloc
import zlib
from random import Random
from zoneinfo import ZoneInfo

import pytest

from crawlers import sitemaps
from crawlers.sitemaps import SitemapLink, read_sitemap, sitemaps_in_robots
from index.errors import ExtractionError
from index.text.times import iso

BASE = "https://news.example/sitemap.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
NEWS = """<url><image:image><image:loc>/i.jpg</image:loc><image:title>Not the title</image:title></image:image>
<loc>https://news.example/a?utm_source=x</loc><xhtml:link rel="alternate" hreflang="zh" href="https://news.example/zh/a"/>
<news:news><news:publication><news:name>N</news:name><news:language>zh-cn</news:language></news:publication>
<news:publication_date>2023-10-17T20:00:00+08:00</news:publication_date><news:title>美国 &amp; 芯片</news:title>
<news:keywords>NVIDIA, 出口管制 ,NVIDIA</news:keywords></news:news></url>"""


def urlset(*urls: str, spaces: str = SPACES) -> bytes:
    return f'<?xml version="1.0"?><urlset {spaces}>{"".join(urls)}</urlset>'.encode()


def test_an_index_names_further_sitemaps_with_their_times() -> None:
    index = f"""<sitemapindex {SPACES}><sitemap><loc>/s1.xml.gz</loc><lastmod>2023-11-20</lastmod></sitemap>
    <sitemap><loc> https://news.example/s2.xml </loc></sitemap><sitemap><loc>ftp://news.example/s3</loc></sitemap></sitemapindex>"""
    sitemap = read_sitemap(index.encode(), BASE, zone=ZoneInfo("Asia/Shanghai"))
    first, second = sitemap.sitemaps
    assert (first.url, iso(first.lastmod)) == ("https://news.example/s1.xml.gz", "2023-11-19T16:00:00Z")
    assert second == SitemapLink("https://news.example/s2.xml")
    assert sitemap.pages == ()


def test_a_news_sitemap_says_what_its_namespaces_say_and_nothing_of_the_image_is_taken_for_the_page() -> None:
    [page] = read_sitemap(urlset(NEWS), BASE).pages
    assert (page.url, page.raw_url) == ("https://news.example/a", "https://news.example/a?utm_source=x")
    assert (page.title, iso(page.published), page.updated) == ("美国 & 芯片", "2023-10-17T12:00:00Z", None)
    assert (page.tags, page.language, page.image) == (("NVIDIA", "出口管制"), "zh-cn", "https://news.example/i.jpg")


@pytest.mark.parametrize(
    "spaces", ["", 'xmlns="http://www.google.com/schemas/sitemap/0.84"', 'xmlns="https://www.sitemaps.org/x"']
)
def test_namespaces_may_be_old_wrong_or_missing(spaces: str) -> None:
    [page] = read_sitemap(
        urlset("<url><loc>https://news.example/b</loc><lastmod>2023-10-18</lastmod></url>", spaces=spaces), BASE
    ).pages
    assert (page.url, iso(page.updated), page.published) == ("https://news.example/b", "2023-10-18T00:00:00Z", None)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b"\n\n ", b"<?xml-stylesheet href='x'?><!-- c -->"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_stands_before_and_whether_it_is_packed_makes_no_difference(prefix: bytes, packed: bool) -> None:
    body = prefix + urlset("<url><loc>https://news.example/a?x=1&amp;y=2</loc></url>")
    [page] = read_sitemap(gzip.compress(body) if packed else body, BASE, "text/plain").pages
    assert page.url == "https://news.example/a?x=1&y=2"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030"])
def test_encodings_are_those_of_the_document(encoding: str) -> None:
    body = (
        f'<?xml version="1.0" encoding="{encoding[:6].replace("gb1803", "gb18030")}"?>'
        + urlset(NEWS).decode().partition("?>")[2]
    )
    assert read_sitemap(body.encode(encoding), BASE).pages[0].title == "美国 & 芯片"


def test_addresses_that_are_not_escaped_are_read_all_the_same() -> None:
    first, second = read_sitemap(
        urlset("<url><loc>https://news.example/a?x=1&y=2</loc></url>", "<url><loc>https://news.example/新闻</loc></url>"), BASE
    ).pages
    assert first.url.startswith("https://news.example/a?x=1")
    assert second.url == "https://news.example/%E6%96%B0%E9%97%BB"


def test_a_truncated_sitemap_gives_what_came() -> None:
    body = urlset(*(f"<url><loc>https://news.example/{n}</loc></url>" for n in range(10)))
    assert len(read_sitemap(body[:-120], BASE).pages) in (7, 8)


def test_a_list_in_plain_text_is_a_sitemap() -> None:
    body = "\ufeffhttps://news.example/1\r\n\r\n  https://news.example/2 \njavascript:alert(1)\n".encode()
    assert [page.url for page in read_sitemap(body, BASE, "text/plain").pages] == [
        "https://news.example/1",
        "https://news.example/2",
    ]


def test_a_feed_may_serve_as_a_sitemap() -> None:
    body = b"<rss><channel><item><title>T</title><link>https://news.example/1</link></item></channel></rss>"
    [page] = read_sitemap(body, BASE).pages
    assert (page.url, page.title) == ("https://news.example/1", "T")


def test_an_empty_sitemap_is_one() -> None:
    assert read_sitemap(urlset(), BASE).pages == ()


def test_what_is_beyond_the_most_pages_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemaps.MAX_PAGES == 50_000, "which is as many as the protocol allows"
    monkeypatch.setattr(sitemaps, "MAX_PAGES", 500)
    sitemap = read_sitemap(urlset(*(f"<url><loc>https://news.example/{n}</loc></url>" for n in range(507))), BASE)
    assert (len(sitemap.pages), sitemap.left_out) == (500, 7)
    sitemap = read_sitemap("\n".join(f"https://news.example/{n}" for n in range(505)).encode(), BASE)
    assert (len(sitemap.pages), sitemap.left_out) == (500, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>https://news.example/1</body></html>",
        b"words\nhttps://news.example/1",
        b"https://",
        b'<!DOCTYPE urlset [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><urlset/>',
        b'<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset><url><loc>&a;</loc></url></urlset>',
        b"<urlset><url><loc>" + b"<a>" * 200_000,
        b"<urlset>" + b"<url/>" * 1_000_000 + b"</urlset>",
        b"<urlset><url>" + b"<a/>" * 1_000_000 + b"</url></urlset>",
        b"\x1f\x8b\x08broken",
        b"x" * 53_000_000,
    ],
    ids="empty page words host entities file deep tiny wide gzip large".split(),
)
def test_what_is_no_sitemap_or_an_attack_is_refused_at_once(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(ExtractionError):
        read_sitemap(body, BASE)
    assert time.process_time() - started < 3


def test_a_compression_bomb_is_refused_in_bounded_memory() -> None:
    packer = zlib.compressobj(1, wbits=31)
    body = b"".join(packer.compress(b" " * 1_000_000) for _ in range(400)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(ExtractionError, match="larger than"):
            read_sitemap(body, BASE)
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def test_damaged_sitemaps_raise_extraction_errors_only() -> None:
    rng = Random(20231120)
    read = 0
    for body in (
        urlset(NEWS, NEWS),
        gzip.compress(urlset(NEWS)),
        urlset(NEWS).decode().encode("utf-16"),
        b"https://a.example/\n" * 9,
    ):
        for _ in range(150):
            changed = bytearray(body[: rng.randrange(1, len(body) + 1)] if rng.random() < 0.4 else body)
            for _ in range(rng.randrange(12)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            try:
                read_sitemap(bytes(changed), BASE)
                read += 1
            except ExtractionError:
                pass
    assert read > 100


def test_robots_txt_names_sitemaps() -> None:
    text = """\ufeffUser-agent: *
Disallow: /sitemap: no
SITEMAP : https://news.example/a.xml # the news
Sitemap:https://news.example/b.xml?x=1
sitemap: https://news.example/a.xml
Sitemap: /relative.xml
Sitemap: file:///etc/passwd
# Sitemap: https://news.example/c.xml
Sitemap:"""
    assert sitemaps_in_robots(text.encode()) == ("https://news.example/a.xml", "https://news.example/b.xml?x=1")
