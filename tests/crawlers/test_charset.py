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


SIMPLIFIED = "台积电周一表示，将在一年内把先进封装产能提高一倍，以满足人工智能客户的需求，这是公司的计划。" * 3
TRADITIONAL = "台積電週一表示，將在一年內把先進封裝產能提高一倍，以滿足人工智慧客戶的需求，這是公司的計畫。" * 3
FRENCH = "Le fabricant a présenté hier à Grenoble un procédé de gravure déjà prêt, où l’énergie est récupérée."
KOREAN = "삼성전자는 월요일 인공지능 고객의 수요를 맞추기 위해 첨단 패키징 생산 능력을 두 배로 늘리겠다고 밝혔다."
JAPANESE = "同社は月曜日、人工知能の顧客の需要を満たすために、先端パッケージの生産能力を一年で二倍にすると発表した。"


def page(text: str, encoding: str, meta: str | None) -> bytes:
    declared = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{declared}<title>x</title></head><body><p>{text}</p></body></html>".encode(encoding)


@pytest.mark.parametrize("header", [None, "utf-8", "iso-8859-1", "gb2312", "big5", "euc-kr", "no such"])
@pytest.mark.parametrize("meta", [None, "utf-8", "gb2312", "gbk", "big5"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((SIMPLIFIED, encoding) for encoding in ("gb2312", "gbk", "gb18030", "utf-8")),
        *((TRADITIONAL, encoding) for encoding in ("big5", "gbk", "utf-8")),
    ],
)
def test_chinese_is_read_whatever_the_header_and_the_page_claim(
    text: str, encoding: str, meta: str | None, header: str | None
) -> None:
    assert text in decode_page(page(text, encoding, meta), f"text/html; charset={header}" if header else None)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(FRENCH, "cp1252"), (FRENCH, "iso-8859-15"), (KOREAN, "euc-kr"), (JAPANESE, "shift_jis"), (JAPANESE, "euc-jp")],
)
def test_other_languages_are_read_as_they_claim(text: str, encoding: str) -> None:
    text = text.replace("’", "'")
    assert text in decode_page(page(text, encoding, encoding))


def test_characters_beyond_gbk_and_big5_are_read_under_the_narrower_name() -> None:
    assert "镕䶮" in decode_page(page(f"{SIMPLIFIED}镕䶮", "gb18030", "gb2312"))
    assert "喺㗎" in decode_page(page(f"{TRADITIONAL}喺㗎", "big5hkscs", "big5"))


def test_a_page_that_is_cut_or_damaged_in_one_place_stays_in_its_encoding() -> None:
    for text, encoding in ((SIMPLIFIED, "utf-8"), (FRENCH * 200, "utf-8"), (SIMPLIFIED, "gbk"), (TRADITIONAL, "big5")):
        whole = page(text, encoding, encoding)
        assert text[:40] in decode_page(whole[:-30])
        middle = len(whole) // 2
        assert text[:20] in decode_page(whole[:middle] + b"\xff" + whole[middle:])
