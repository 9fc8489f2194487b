import time

import pytest

from crawlers.charset import codec_of, decode_page, header_charset


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GB2312", "gb18030"),
        ("big5", "big5hkscs"),
        ("ISO-8859-1", "cp1252"),
        (" utf8 ", "utf-8"),
        ("iso-2022-jp", "iso2022_jp"),
        ("punycode", None),
        ("idna", None),
        ("unicode_escape", None),
        ("utf-7", None),
        ("zlib", None),
        ("rot13", None),
        ("undefined", None),
        ("no such", None),
        ("", None),
        ("\x00", None),
    ],
)
def test_a_label_stands_for_an_encoding_of_pages_or_for_none(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


def test_a_page_that_claims_an_encoding_that_is_none_is_read_all_the_same_and_at_once() -> None:
    started = time.process_time()
    assert "caf\u00e9" in decode_page(b"caf\xe9 " * 200_000, "text/html; charset=punycode")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("written", ["charset", "charset=", "charset=\t'", "charset =", "charset= charset="])
def test_a_charset_that_does_not_come_is_not_looked_for_long(written: str) -> None:
    started = time.process_time()
    many = (f"{written}{' ' * 100_000}\x00", f"<meta {written * 500}>")
    for text in many:
        header_charset(text)
        decode_page(b"\xff" + text.encode(), text)
    assert time.process_time() - started < 0.5


def test_the_charset_of_a_header_is_found_however_it_is_written() -> None:
    assert header_charset("text/html; Charset = 'gbk'") == "gbk"
    assert header_charset("text/html") is None
    assert header_charset(None) is None
