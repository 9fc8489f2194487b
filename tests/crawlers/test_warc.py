"""WARC files as archives write them, made here with warcio's own writer."""

import gzip
import tracemalloc
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest

from crawlers.files import read_file
from crawlers.newsroom.catalogue import load_newsroom
from crawlers.newsroom.site import build_site
from crawlers.warc import MAX_BYTES, Captured, LeftOut, WarcCounts, read_warc
from index.article import Article, Rejected
from index.knowledge.reading import Reading
from index.knowledge.topic import TopicGate
from tests.crawlers.archive import CHIP, CHIP_ZH, PARK, PHONE, Archive, page

RESPONSE = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/"


def articles(path: Path, **filters: object) -> list[Article]:
    return [item.article for item in read_warc(path, **filters) if isinstance(item, Captured)]  # type: ignore[arg-type]


def left_out(path: Path, **filters: object) -> list[tuple[str, str]]:
    items = read_warc(path, **filters)  # type: ignore[arg-type]
    return [(item.url.rsplit("/", 1)[-1], item.reason) for item in items if isinstance(item, LeftOut)]


@pytest.fixture(scope="module")
def gate() -> TopicGate:
    return TopicGate.of(Reading.build())


@pytest.mark.parametrize("packed", [True, False])
def test_articles_in_both_languages_come_out_with_address_and_capture_time(tmp_path: Path, packed: bool) -> None:
    archive = Archive(packed=packed)
    archive.add("https://news.example/a?utm_source=x", page(*CHIP)).add("http://xinwen.example/b.html", page(*CHIP_ZH))
    items = list(read_warc(archive.save(tmp_path)))
    assert all(isinstance(item, Captured) for item in items)
    first, second = (item for item in items if isinstance(item, Captured))
    assert (first.article.url, first.article.title, first.article.lang) == ("https://news.example/a", CHIP[0], "en")
    assert (second.article.url, second.article.title, second.article.lang) == ("http://xinwen.example/b.html", CHIP_ZH[0], "zh")
    assert "CoWoS" in first.article.text
    assert (first.article.source, second.article.source) == ("news.example", "xinwen.example")
    assert first.seen == datetime(2023, 11, 20, 6, 30, tzinfo=UTC)
    assert first.article.published is None, "the archive's date says when a page was fetched, not when it was published"


@pytest.mark.parametrize(
    ("charset", "label"), [("gbk", "gb2312"), ("gb18030", "gbk"), ("big5", "big5"), ("utf-8", "iso-8859-1")]
)
def test_pages_in_old_encodings_are_read_whatever_the_header_calls_them(tmp_path: Path, charset: str, label: str) -> None:
    title, text = ("封裝產能擴大", "台積電計劃明年擴大先進封裝產能，以滿足輝達的訂單。" * 4) if charset == "big5" else CHIP_ZH
    archive = Archive().add("http://a.example/1", page(title, text, charset), media_type=f"text/html; charset={label}")
    [article] = articles(archive.save(tmp_path))
    assert article.title == title
    assert text[:20] in article.text


def test_what_is_no_article_is_left_out_with_its_reason(tmp_path: Path) -> None:
    archive = Archive()
    archive.add("https://a.example/moved", b"", status="301 Moved Permanently")
    archive.add("https://a.example/missing", page(*CHIP), status="404 Not Found")
    archive.add("https://a.example/paper", b"%PDF-1.7", media_type="application/pdf")
    archive.add("https://a.example/fake", b"%PDF-1.7 with a wrong header")
    archive.add("https://a.example/empty", b"")
    archive.add("https://a.example/short", b"<html><body>Hi</body></html>")
    archive.add("https://a.example/\x7fbad", page(*CHIP))
    archive.add("https://a.example/odd", b"\x00\x01", Content_Encoding="aws-chunked")
    archive.add("https://a.example/broken", gzip.compress(page(*CHIP))[:-40], Content_Encoding="gzip")
    archive.add("https://a.example/good", page(*CHIP))
    path = archive.save(tmp_path)
    assert dict(left_out(path)) == {
        "moved": "status",
        "missing": "status",
        "paper": "type",
        "fake": "extraction",
        "empty": "extraction",
        "short": "extraction",
        "\x7fbad": "address",
        "odd": "encoding",
        "broken": "encoding",
    }
    assert [article.url for article in articles(path)] == ["https://a.example/good"]


def test_records_that_are_no_responses_are_passed_over(tmp_path: Path) -> None:
    archive = Archive()
    archive.add("https://a.example/1", b"", kind="request", media_type=None)
    archive.add("https://a.example/1", page(*CHIP))
    assert [type(item) for item in read_warc(archive.save(tmp_path))] == [Captured]


def test_only_wanted_hosts_and_those_under_them_are_read(tmp_path: Path) -> None:
    archive = Archive()
    for host in ("example.com", "www.example.com", "news.example.com", "notexample.com", "example.com.evil.net"):
        archive.add(f"https://{host}/1", page(*CHIP))
    path = archive.save(tmp_path)
    assert [article.url for article in articles(path, hosts=["example.com"])] == [
        "https://example.com/1",
        "https://www.example.com/1",
        "https://news.example.com/1",
    ]
    assert [reason for _, reason in left_out(path, hosts={"example.com"})] == ["host", "host"]


def test_only_wanted_languages_are_read(tmp_path: Path) -> None:
    german = (
        "Der Park öffnet seinen neuen Weg",
        "Spaziergänger erreichen den See nun von Norden her, ohne die Straße zu überqueren. " * 4,
    )
    archive = Archive().add("https://a.example/en", page(*CHIP)).add("https://a.example/zh", page(*CHIP_ZH))
    path = archive.add("https://a.example/de", page(*german)).save(tmp_path)
    assert [article.lang for article in articles(path, languages=["zh"])] == ["zh"]
    assert [article.lang for article in articles(path, languages=["en", "zh"])] == ["en", "zh"]
    assert [article.lang for article in articles(path)] == ["en", "zh", "und"]
    assert left_out(path, languages=["en"]) == [("zh", "language"), ("de", "language")]


def test_the_gate_takes_what_is_of_the_field_and_says_why_not(tmp_path: Path, gate: TopicGate) -> None:
    archive = Archive().add("https://a.example/chip", page(*CHIP)).add("https://a.example/park", page(*PARK))
    archive.add("https://a.example/zh", page(*CHIP_ZH)).add("https://a.example/phone", page(*PHONE))
    entities = "".join(f"&#{ord(char)};" for char in CHIP_ZH[1])
    path = archive.add("https://a.example/entities", page(CHIP_ZH[0], entities)).save(tmp_path)
    assert [article.url.rsplit("/", 1)[-1] for article in articles(path, gate=gate) if article.url] == [
        "chip",
        "zh",
        "entities",
    ]
    park, phone = (item for item in read_warc(path, gate=gate) if isinstance(item, LeftOut))
    assert park == LeftOut("https://a.example/park", "topic", "the page has too few words of the field")
    assert (phone.url, phone.reason) == ("https://a.example/phone", "topic")
    assert "against it: 'smartphone'" in phone.why


def test_a_quick_look_at_real_pages_loses_nothing_of_the_field(tmp_path: Path, gate: TopicGate) -> None:
    archive = Archive()
    outlets = load_newsroom()
    pages = build_site(outlets, 80)
    for item in outlets.items:
        answer = pages[f"{item.outlet.host}.localhost", item.path]
        archive.add(f"http://{item.outlet.host}.localhost{item.path}", answer.body, media_type=answer.content_type)
    path = archive.save(tmp_path)
    judged = [a.url for a in articles(path) if gate.judge(a.title, a.text, a.lang).on_topic]
    assert len(judged) > 80
    assert [article.url for article in articles(path, gate=gate)] == judged


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(page(*CHIP))),
        ("gzip", gzip.compress(page(*CHIP)[:300]) + gzip.compress(page(*CHIP)[300:])),
        ("deflate", zlib.compress(page(*CHIP))),
        ("deflate", zlib.compress(page(*CHIP))[2:-4]),
        ("br", brotli.compress(page(*CHIP))),
        ("gzip, br", brotli.compress(gzip.compress(page(*CHIP)))),
        ("gzip", page(*CHIP)),
        ("identity", page(*CHIP)),
    ],
    ids=["gzip", "gzip members", "deflate", "raw deflate", "brotli", "both", "only the header", "identity"],
)
def test_compressed_pages_are_unpacked(tmp_path: Path, encoding: str, packed: bytes) -> None:
    path = Archive().add("https://a.example/1", packed, Content_Encoding=encoding).save(tmp_path)
    assert [article.title for article in articles(path)] == [CHIP[0]]


def test_zstandard_pages_are_unpacked(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd")
    path = Archive().add("https://a.example/1", zstd.compress(page(*CHIP)), Content_Encoding="zstd").save(tmp_path)
    assert [article.title for article in articles(path)] == [CHIP[0]]


@pytest.mark.parametrize("chunk", [7, 1000, 100_000])
def test_chunked_pages_are_put_together(tmp_path: Path, chunk: int) -> None:
    whole = page(*CHIP)
    parts = [whole[start : start + chunk] for start in range(0, len(whole), chunk)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    archive = Archive().add("https://a.example/1", body, Transfer_Encoding="chunked")
    archive.add("https://a.example/2", whole, Transfer_Encoding="chunked")
    assert [article.title for article in articles(archive.save(tmp_path))] == [CHIP[0]] * 2


def bomb(name: str) -> tuple[str, bytes]:
    """A Content-Encoding and a body in it that unpacks to a hundred megabytes."""
    flat = b"<html>" + b" " * (10 * MAX_BYTES)
    match name:
        case "gzip":
            return "gzip", gzip.compress(flat, 1)
        case "deflate":
            return "deflate", zlib.compress(flat, 1)
        case "brotli":
            return "br", brotli.compress(flat, quality=1)
        case "nested":
            return "gzip, gzip", gzip.compress(gzip.compress(flat, 1))
        case "many members":
            return "gzip", gzip.compress(b"") * 400_000
        case "many layers":
            return ", ".join(["gzip"] * 40), b"\x1f\x8b"
        case _:
            return "identity", flat[: MAX_BYTES + 1]


@pytest.mark.parametrize("name", ["gzip", "deflate", "brotli", "nested", "many members", "many layers", "not packed"])
def test_a_bomb_costs_one_page_and_little_memory(tmp_path: Path, name: str) -> None:
    encoding, body = bomb(name)
    archive = (
        Archive().add("https://a.example/bomb", body, Content_Encoding=encoding).add("https://a.example/good", page(*CHIP))
    )
    path = archive.save(tmp_path)
    articles(path)  # what is loaded once is not the bomb's
    tracemalloc.start()
    try:
        items = list(read_warc(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [type(item) for item in items] == [LeftOut, Captured]
    assert isinstance(items[0], LeftOut)
    assert items[0].reason == ("encoding" if name.startswith("many") else "size")
    assert peak < 6 * MAX_BYTES


@pytest.mark.parametrize(
    "markup", ["<script>" * 300_000, "<a" * 500_000, "<" * 2_000_000, "<b " + "x " * 500_000, "&#" * 500_000]
)
def test_markup_made_to_be_slow_is_not(tmp_path: Path, gate: TopicGate, markup: str) -> None:
    path = Archive().add("https://a.example/slow", f"<html>{markup}".encode()).save(tmp_path)
    assert [type(item) for item in read_warc(path, gate=gate, languages=["zh"])] == [LeftOut]


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_cut_off_anywhere_keeps_what_came_before_and_says_so(tmp_path: Path, packed: bool) -> None:
    archive = Archive(packed=packed)
    for number in range(3):
        archive.add(f"https://a.example/{number}", page(*CHIP))
    path = tmp_path / ("cut.warc.gz" if packed else "cut.warc")
    for end in range(archive.ends[1] + 12, archive.ends[2] - 20, 31):
        path.write_bytes(archive.data[:end])
        *before, last = read_warc(path)
        assert [type(item) for item in before] == [Captured, Captured], end
        assert isinstance(last, Rejected), end
        assert (last.line, last.file) == (3, str(path))
        assert last.why.startswith("the file cannot be read on from record 3: ")
        assert last.why.endswith("; the 2 records before that were read")
        assert "\n" not in last.why


@pytest.mark.parametrize("packed", [True, False])
def test_a_garbled_record_ends_the_file_with_one_line(tmp_path: Path, packed: bool) -> None:
    archive = Archive(packed=packed)
    for number in range(3):
        archive.add(f"https://a.example/{number}", page(*CHIP))
    data = bytearray(archive.data)
    data[archive.ends[0] + 15 : archive.ends[0] + 60] = b"\xff" * 45
    path = tmp_path / "garbled.warc"
    path.write_bytes(data)
    items = list(read_warc(path))
    assert isinstance(items[0], Captured)
    assert [type(item) for item in items].count(Rejected) == 1
    assert isinstance(items[-1], Rejected)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a web archive at all\n" * 100,
        b"A" * 3_000_000,
        b"WARC/1.0\r\n" + b"X-A: 1\r\n" * 400_000,
        RESPONSE + b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
        RESPONSE + b"\r\nContent-Length: 9999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
        RESPONSE.replace(b"WARC-Target-URI", b"X") + b"\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<html>",
        b"filedesc://x.arc 0.0.0.0 20230101000000 text/plain 10\n1 0 Example\n\n",
        gzip.compress(b"GIF89a" * 1000),
        b"\x1f\x8b\x08garbage",
    ],
    ids=[
        "empty",
        "text",
        "one long line",
        "endless headers",
        "no length",
        "too short",
        "no address",
        "ARC",
        "gzip of another",
        "bad gzip",
    ],
)
def test_a_file_that_is_no_web_archive_gives_one_clear_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    [rejected] = read_warc(path)
    assert isinstance(rejected, Rejected)
    assert rejected.why.startswith("the file cannot be read on from record 1: ")
    assert rejected.why.endswith("; nothing was read")


def test_importing_a_web_archive_counts_what_it_leaves_out(tmp_path: Path, gate: TopicGate) -> None:
    archive = Archive().add("https://a.example/chip", page(*CHIP)).add("https://a.example/park", page(*PARK))
    archive.add("https://a.example/404", b"", status="404 Not Found").add("https://b.example/chip", page(*CHIP))
    counts = WarcCounts()
    found = list(read_file(archive.save(tmp_path), gate=gate, hosts=["a.example"], source="cc-news", tell=counts.add))
    assert [item.source for item in found if isinstance(item, Article)] == ["cc-news"]
    assert counts == WarcCounts(1, Counter({"topic": 1, "status": 1, "host": 1}))
    assert str(counts) == "1 articles; left out: 1 by host, 1 by status, 1 by topic"
