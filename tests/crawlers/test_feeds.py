import subprocess
import sys
import time
from datetime import UTC, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from crawlers.feed_bounds import MAX_ENTRIES
from crawlers.feeds import FeedEntry, read_feed
from index.errors import ExtractionError
from index.text.times import iso

BASE = "https://news.example/feed"
RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>N</title>
<item><title>H200 &amp; HBM3e</title><link>/2023/h200?utm_source=rss</link><pubDate>Mon, 13 Nov 2023 22:00:00 +0800</pubDate>
<description>&lt;b&gt;Short&lt;/b&gt; text</description><content:encoded><![CDATA[<p>Long text</p>]]></content:encoded></item>
<item><title>No link</title></item><item><title>Bad</title><link>javascript:alert(1)</link></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title>Maia</title><link href="https://news.example/maia"/>
<updated>2023-11-15T18:00:00Z</updated><author><name>Ann</name></author></entry></feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Chips & \\u82af\\u7247", "language": "zh-CN",
"home_page_url": "https://news.example", "items": [{"id": "1", "url": "https://news.example/j", "title": "J < K",
"date_published": "2023-11-15T18:00:00Z", "content_html": "<p>c</p>", "authors": [{"name": "Ann"}, {"name": "Bo"}],
"tags": ["HBM", 3], "banner_image": "/b.jpg"}, 7,
 {"id": "https://news.example/by-id", "content_text": "1 < 2"}, {"id": "2"}]}"""
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rss(items: str, channel: str = "") -> bytes:
    return f'<rss version="2.0" {SPACES}><channel><title>N</title>{channel}{items}</channel></rss>'.encode()


def one(inside: str, channel: str = "", zone: ZoneInfo | None = None) -> FeedEntry:
    """The one entry of a feed whose item holds `inside` and an address."""
    link = "" if "<link" in inside else "<link>https://news.example/1</link>"
    [entry] = read_feed(rss(f"<item>{link}{inside}</item>", channel), BASE, zone=zone).entries
    return entry


# -- what an entry says


def test_rss_entries_have_absolute_clean_addresses_and_keep_the_one_that_was_linked() -> None:
    [entry] = read_feed(RSS, BASE).entries
    assert (entry.url, entry.raw_url) == ("https://news.example/2023/h200", "https://news.example/2023/h200?utm_source=rss")
    assert (entry.title, iso(entry.published), entry.content) == ("H200 & HBM3e", "2023-11-13T14:00:00Z", "<p>Long text</p>")
    assert entry.summary == "Short text"


def test_atom_and_json_feed_are_read_alike() -> None:
    [atom], [json, *_] = read_feed(ATOM, BASE).entries, read_feed(JSON, BASE).entries
    assert (atom.url, atom.author, iso(atom.updated), atom.published) == (
        "https://news.example/maia",
        "Ann",
        "2023-11-15T18:00:00Z",
        None,
    )
    assert (json.url, json.author, json.content) == ("https://news.example/j", "Ann, Bo", "<p>c</p>")


def test_a_json_feed_says_what_it_is_and_its_items_may_be_known_by_an_id_that_is_an_address() -> None:
    feed = read_feed(b"\xef\xbb\xbf" + JSON, BASE)
    assert (feed.title, feed.language, feed.homepage) == ("Chips & 芯片", "zh-CN", "https://news.example/")
    first, second = feed.entries
    assert (first.title, first.tags, first.image) == ("J < K", ("HBM",), "https://news.example/b.jpg")
    assert (second.url, second.content, second.summary) == ("https://news.example/by-id", "1 &lt; 2", "1 < 2")


def test_an_rdf_items_date_is_when_it_came_out() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>N</title></channel><item rdf:about="https://news.example/r">
    <title>R</title><link>https://news.example/r</link><dc:date>2023-11-15T18:00:00+08:00</dc:date></item></rdf:RDF>"""
    [entry] = read_feed(body, BASE).entries
    assert (entry.url, iso(entry.published)) == ("https://news.example/r", "2023-11-15T10:00:00Z")


def test_the_page_is_preferred_to_the_entry_itself_and_to_its_enclosure() -> None:
    links = (
        '<link rel="self" href="https://news.example/1.atom"/><link rel="enclosure" href="https://news.example/1.mp3"/>'
        '<link rel="alternate" type="text/html" href="../page"/>'
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/a/b/"><entry>{links}</entry></feed>'
    assert read_feed(body.encode(), BASE).entries[0].url == "https://other.example/a/page"


def test_an_entry_without_a_link_is_known_by_a_permanent_id_that_is_an_address() -> None:
    items = (
        "<item><guid isPermaLink='false'>https://news.example/g</guid></item><item><guid isPermaLink='false'>a-7</guid></item>"
    )
    [entry] = read_feed(rss(items), BASE).entries
    assert (entry.url, entry.id) == ("https://news.example/g", "https://news.example/g")


def test_the_original_address_is_preferred_to_feedburners() -> None:
    entry = one(
        "<link>http://feeds.example/~r/n/1</link><feedburner:origLink>https://news.example/story</feedburner:origLink>",
    )
    assert (entry.url, entry.raw_url) == ("https://news.example/story", "http://feeds.example/~r/n/1")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://news.example/1", "data:text/html,x", "mailto:a@news.example", "http://"]
)
def test_links_that_are_not_http_are_dropped(link: str) -> None:
    assert read_feed(rss(f"<item><title>T</title><link>{link}</link></item>"), BASE).entries == ()


def test_a_link_with_line_breaks_and_spaces_is_read_as_browsers_do() -> None:
    assert one("<link>\n https://news.example/a b\n/c </link>").url == "https://news.example/a%20b/c"


def test_titles_and_summaries_are_plain_text() -> None:
    entry = one(
        "<title>&lt;b&gt;H&lt;/b&gt;100 &amp;amp; 昇腾&lt;script&gt;alert(1)&lt;/script&gt;</title>"
        "<description><![CDATA[<p>One.</p><p>Two&nbsp;<i>2</i>.</p><style>p{}</style>]]></description>"
    )
    assert (entry.title, entry.summary) == ("H100 & 昇腾", "One. Two 2.")


def test_a_title_that_the_feed_calls_text_keeps_its_angle_brackets() -> None:
    body = ATOM.replace(b"<title>Maia</title>", b'<title type="text">a &lt;b&gt; c</title>')
    assert read_feed(body, BASE).entries[0].title == "a <b> c"


def test_all_authors_are_named_once() -> None:
    entry = one("<dc:creator>Ann</dc:creator><dc:creator>王伟</dc:creator><author>mail@news.example (Ann)</author>")
    assert entry.author == "Ann, 王伟"


def test_the_fullest_text_is_the_content_and_a_teaser_is_none() -> None:
    long, teaser = "<p>" + "Long text. " * 60 + "</p>", "<p>Teaser.</p>"
    both = one(f"<description><![CDATA[{teaser}]]></description><content:encoded><![CDATA[{long}]]></content:encoded>")
    assert both.content is not None
    assert both.content.startswith("<p>Long")
    assert one(f"<description><![CDATA[{teaser}]]></description>").content is None
    assert (one(f"<description><![CDATA[{long}]]></description>").content or "").startswith("<p>Long")


@pytest.mark.parametrize(
    "inside",
    [
        '<media:content medium="image" url="/i.jpg"/><media:thumbnail url="/t.jpg"/>',
        '<media:group><media:content type="video/mp4" url="/v"/><media:content type="image/png" url="/i.jpg"/></media:group>',
        '<media:thumbnail url="/i.jpg"/>',
        '<enclosure type="audio/mpeg" url="/a.mp3"/><enclosure type="image/jpeg" url="https://news.example/i.jpg"/>',
        '<itunes:image href="https://news.example/i.jpg"/>',
    ],
    ids=["content", "group", "thumbnail", "enclosure", "itunes"],
)
def test_the_image_is_found_wherever_it_stands(inside: str) -> None:
    assert one(inside).image == "https://news.example/i.jpg"


def test_tags_are_read_once_each() -> None:
    assert one("<category>HBM</category><category>芯片</category><category>HBM</category>").tags == ("HBM", "芯片")


# -- what a feed says of itself


def test_a_feed_says_who_it_is_and_where_it_has_gone() -> None:
    feed = read_feed(
        rss("", "<language>zh-CN</language><link>/</link><itunes:new-feed-url>https://new.example/feed</itunes:new-feed-url>"),
        BASE,
    )
    assert (feed.title, feed.language, feed.homepage) == ("N", "zh-CN", "https://news.example/")
    assert feed.new_address == "https://new.example/feed"


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("", None),
        ("<ttl>90</ttl>", timedelta(minutes=90)),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>999999999</ttl>", timedelta(days=366)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(minutes=30)),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", timedelta(days=1)),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(days=1)),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(channel: str, ttl: timedelta | None) -> None:
    assert read_feed(rss("", channel), BASE).ttl == ttl


# -- encodings and document types


def test_a_gb2312_feed_is_read_by_its_declaration() -> None:
    body = '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><item><title>算力紧缺</title><link>http://a.example/1</link></item></channel></rss>'
    assert read_feed(body.encode("gb2312"), BASE).entries[0].title == "算力紧缺"


@pytest.mark.parametrize(
    ("encoding", "content_type", "declared"),
    [
        ("utf-8", "text/xml; charset=gb2312", ""),
        ("utf-8", "text/xml", "gb2312"),
        ("gb18030", "application/xml; charset=gbk", ""),
        ("gb18030", "text/xml; charset=utf-8", "gbk"),
        ("gb18030", None, ""),
        ("gb18030", "text/xml; charset=ISO-8859-1", "gb2312"),
        ("big5hkscs", None, "big5"),
        ("utf-8-sig", None, "gb2312"),
        ("utf-16", None, "utf-16"),
        ("utf-16-le", None, "utf-16"),
        ("utf-32", None, ""),
        ("utf-8", "application/xml; charset=punycode", ""),
    ],
)
def test_an_encoding_that_is_claimed_wrongly_does_no_harm(encoding: str, content_type: str | None, declared: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = head + rss("<item><title>晶片短缺與算力</title><link>http://a.example/1</link></item>").decode()
    assert read_feed(body.encode(encoding), BASE, content_type).entries[0].title == "晶片短缺與算力"


def test_one_spoilt_character_does_not_turn_a_feed_into_noise() -> None:
    body = rss("<item><title>芯片出口新规" + "，各方回应" * 30 + "</title><link>http://a.example/1</link></item>")
    spoilt = body.replace("出".encode(), "出".encode()[:2], 1)
    assert (read_feed(spoilt, BASE).entries[0].title or "").startswith("芯片")


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">',
        "<!DOCTYPE rss>",
        '<!DOCTYPE rss [ <!ENTITY nbsp "&#160;"> <!-- <!ENTITY x SYSTEM "y"> --> <!ENTITY s \'N>M\'> <!ELEMENT rss ANY> ]>',
        '<?xml-stylesheet href="x"?><!-- <!DOCTYPE x [ -->\n\n',
        "Warning: mysql_connect() in /var/www on line 3\n<?xml version='1.0'?>",
        '<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://www.w3.org/x.ent">%HTMLlat1;]>',
    ],
    ids=["netscape", "bare", "characters", "comment", "warning", "character set"],
)
def test_a_harmless_start_does_not_cost_the_feed(start: str) -> None:
    item = "<item><title>A</title><link>http://a.example/1</link></item>"
    assert [entry.title for entry in read_feed(start.encode() + rss(item), BASE).entries] == ["A"]


def test_declared_characters_are_put_in_but_not_in_cdata() -> None:
    start = b'<!DOCTYPE rss [<!ENTITY half "&#189;"><!ENTITY id "tag:n,">]>'
    [entry] = read_feed(
        start
        + rss(
            "<item><link>http://a.example/1</link><title>&half;</title>"
            "<guid isPermaLink='false'>&id;<![CDATA[&id;]]></guid></item>"
        ),
        BASE,
    ).entries
    assert (entry.title, entry.id) == ("½", "tag:n,&id;")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "start",
    [
        BOMB,
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
        '<!DOCTYPE x [<!ENTITY a PUBLIC "x" "http://127.0.0.1/">]>',
        "<!DOCTYPE x [<!ENTITY % a \"<!ENTITY b 'c'>\"> %a;]>",
        "<!DOCTYPE x [<!ENTITY % a SYSTEM 'http://127.0.0.1/x.dtd'> %a;]>",
        f'<!DOCTYPE x [<!ENTITY a "{"a" * 300}">]>',
        '<!DOCTYPE x [<!ENTITY a "&#37;b;">',
        "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "{n}">' for n in range(1001)) + "]>",
        "<!doctype x [<!entity a '&b;'>]>",
        "noise <!DOCTYPE x [<!-- ]> --><!ENTITY a '&b;'>]>",
    ],
    ids=["nested", "file", "public", "parameter", "remote", "long", "unclosed", "many", "lower case", "hidden"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-16-be"])
def test_entities_of_which_attacks_are_made_are_refused_in_every_encoding(start: str, encoding: str) -> None:
    body = start + rss("<item><title>&b;</title><link>http://a.example/1</link></item>").decode()
    with pytest.raises(ExtractionError, match=r"entit|document type|no markup"):
        read_feed(body.encode(encoding), BASE)


def test_entities_that_stand_for_too_much_together_are_refused() -> None:
    body = f'<!DOCTYPE x [<!ENTITY a "{"a" * 250}">]>'.encode() + rss("<item><title>" + "&a;" * 5000 + "</title></item>")
    with pytest.raises(ExtractionError, match="too much text"):
        read_feed(body, BASE)


def test_a_bomb_declared_in_utf_7_is_never_expanded() -> None:
    body = (
        b'<?xml version="1.0" encoding="utf-7"?>'
        + BOMB.replace("<", "+ADw-").encode()
        + rss("<item><title>&b;</title><link>http://a.example/1</link></item>")
    )
    assert read_feed(body, BASE).entries[0].title == "&b;"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>a bot wall</body></html>",
        b"<!DOCTYPE html><html><head><title>x</title></head></html>",
        b"<urlset><url><loc>http://a.example/1</loc></url></urlset>",
        b"",
        b"\x00\x01\x02",
        b"plain words",
        b'{"version": "something else"}',
        b"{broken",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"9" * 5000 + b"}",
        b"x" * 20_000_001,
        b"\x1f\x8bnot gzip",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(ExtractionError):
        read_feed(body, BASE)


# -- times


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2023年11月20日 10:00", "2023-11-20T02:00:00Z"),
        ("2023年11月20日 星期一 下午3:05", "2023-11-20T07:05:00Z"),
        ("2023/11/20 10:00:00", "2023-11-20T02:00:00Z"),
        ("2023-11-20 10:00:00", "2023-11-20T02:00:00Z"),
        ("2023-11-20", "2023-11-19T16:00:00Z"),
        ("2023-11-20T10:00:00Z", "2023-11-20T10:00:00Z"),
        ("2023-11-20 10:00:00 +0900", "2023-11-20T01:00:00Z"),
        ("Mon, 20 Nov 2023 10:00:00 CST", "2023-11-20T02:00:00Z"),
        ("2023-11-20 10:00:00 CST", "2023-11-20T02:00:00Z"),
        ("Mon, 20 Nov 2023 10:00:00", "2023-11-20T02:00:00Z"),
        ("Mon, 20 Nov 2023 10:00:00 GMT", "2023-11-20T10:00:00Z"),
        ("Mon,20 Nov 2023 10:00:00 GMT+8", "2023-11-20T02:00:00Z"),
        ("Nov. 20th, 2023 at 3:05 pm EST", "2023-11-20T20:05:00Z"),
        ("1700445600", "2023-11-20T02:00:00Z"),
        ("1700445600000", "2023-11-20T02:00:00Z"),
        ("2063-11-20T10:00:00Z", "2063-11-20T10:00:00Z"),
        ("2023年13月45日", None),
        ("99999999999", None),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
    ],
)
def test_times_in_a_chinese_feed_are_chinas_where_they_name_no_zone(written: str, moment: str | None) -> None:
    entry = one(f"<pubDate>{written}</pubDate>", "<language>zh-CN</language>", ZoneInfo("Asia/Shanghai"))
    assert iso(entry.published) == moment


def test_cst_is_central_time_in_an_english_feed_and_no_zone_is_utc() -> None:
    assert iso(one("<pubDate>Mon, 20 Nov 2023 10:00:00 CST</pubDate>").published) == "2023-11-20T16:00:00Z"
    entry = one("<pubDate>2023-11-20 10:00</pubDate>")
    assert entry.published is not None
    assert entry.published.utcoffset() == UTC.utcoffset(None)
    assert iso(entry.published) == "2023-11-20T10:00:00Z"


# -- bounds

GOOD = "<item><title>Good</title><link>http://a.example/1</link></item>"


def test_a_million_entries_are_cut_and_the_cut_is_told() -> None:
    feed = read_feed(rss("<item><link>http://a.example/1</link></item>" * 300_000), BASE)
    assert len(feed.entries) == MAX_ENTRIES
    assert feed.cut == "it has more than 2,000 entries"


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 200_000 + "</a>" * 200_000,
        "<a/>" * 3_000_000,
        "<author>" + "a" * 5_000_000 + "</author>",
        "<author>" + "<![CDATA[a]]>" * 50_000 + "</author>",
        "<tags>" + ",".join(map(str, range(200_000))) + "</tags>",
        "".join(f"<category>{n}</category>" for n in range(100_000)),
        "<a " + " ".join(f'b{n}="c"' for n in range(200_000)) + "/>",
        "".join(f'<n{n}:a xmlns:n{n}="u{n}"/>' for n in range(100_000)),
        "<title>" + "&lt;/a" * 3_000_000 + "</title>",
        "<link>http://a.example/" + "&amp;a" * 2_000_000 + "</link>",
        "<!--" + "x" * 15_000_000 + "-->",
        '<a b="' + "x" * 15_000_000 + '"/>',
    ],
    ids="nested elements author cdata keywords categories attributes namespaces title link comment attribute".split(),
)
def test_an_entry_that_would_take_long_costs_itself_and_what_follows_it(inside: str) -> None:
    body = rss(f"{GOOD}<item><title>Bad</title>{inside}</item>{GOOD}")
    started = time.process_time()
    feed = read_feed(body, BASE)
    assert time.process_time() - started < 5
    assert [entry.title for entry in feed.entries] == ["Good"]
    assert feed.cut is not None


@pytest.mark.parametrize(
    "markup",
    ["<" * 2_000_000, "<a " * 600_000, '<a b="' * 400_000, "<!--" * 500_000, "<![CDATA[" * 200_000, "<div>" * 400_000,
     "&#" * 1_000_000, "&#" + "1" * 100_000 + ";", "<a" + " " * 2_000_000, "&#99999999999;", "<!DOCTYPE" * 100_000],
    ids=lambda markup: repr(markup[:8]),
)  # fmt: skip
@pytest.mark.parametrize("wellformed", [True, False], ids=["escaped", "raw"])
def test_hostile_html_in_an_entry_takes_no_long_time(markup: str, wellformed: bool) -> None:
    inside = markup.replace("&", "&amp;").replace("<", "&lt;") if wellformed else markup
    body = rss(f"{GOOD}<item><title>B</title><link>http://a.example/2</link><description>{inside}</description></item>")
    started = time.process_time()
    feed = read_feed(body, BASE)
    assert time.process_time() - started < 8
    assert feed.entries[0].title == "Good"


@pytest.mark.parametrize(
    "start",
    ["\n" * 10_000_000, "<?" + "encoding='" * 1_000_000, "< " * 5_000_000, "<!DOCTYPE x [" + "\n" * 10_000_000 + "]>",
     "<!DOCTYPE " * 1_000_000],
    ids=["lines", "encodings", "brackets", "subset", "types"],
)  # fmt: skip
def test_a_long_start_takes_no_long_time(start: str) -> None:
    started = time.process_time()
    try:
        read_feed(start.encode() + rss(GOOD), BASE)
    except ExtractionError:
        pass
    assert time.process_time() - started < 5


def test_bombs_are_refused_in_bounded_memory() -> None:
    code = """
import resource, zlib
from crawlers.feeds import read_feed
from index.errors import ExtractionError
levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
lol = f'<!DOCTYPE x [<!ENTITY e0 "lol">{levels}]><rss><channel><item><title>&e9;</title></item></channel></rss>'
square = f'<!DOCTYPE x [<!ENTITY a "{"a" * 200_000}">]><rss><channel><title>{"&a;" * 50_000}</title></channel></rss>'
packer = zlib.compressobj(wbits=31)
gzip = b"".join(packer.compress(b" " * 1_000_000) for _ in range(2_000)) + packer.flush()
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 200_000_000,) * 2)
for body in (lol.encode(), lol.encode("utf-16"), square.encode(), square.encode("utf-32"), gzip):
    try:
        read_feed(body, "http://a.example/")
    except ExtractionError:
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["refused"] * 5, done.stderr


def test_damaged_feeds_raise_extraction_errors_only() -> None:
    rng = Random(20231120)
    read = 0
    for body in (RSS, ATOM, JSON, rss(GOOD * 3, "<ttl>60</ttl>"), BOMB.encode() + RSS, RSS.decode().encode("utf-16")):
        for _ in range(150):
            changed = bytearray(body[: rng.randrange(1, len(body) + 1)] if rng.random() < 0.4 else body)
            for _ in range(rng.randrange(12)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            try:
                read_feed(bytes(changed), BASE)
                read += 1
            except ExtractionError:
                pass
    assert read > 100
