import gzip
import json
from pathlib import Path

import pytest

from crawlers.files import article_from_json, read_file
from index.article import Article, Rejected
from index.errors import ExtractionError, UsageError
from index.text.times import iso


def lines(tmp_path: Path, *content: bytes, name: str = "in.jsonl") -> list[Article | Rejected]:
    path = tmp_path / name
    path.write_bytes(b"\n".join(content))
    return list(read_file(path))


def test_a_malformed_line_is_reported_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    found = lines(tmp_path, b'{"text": "First article."}', b"{broken", b"", b'{"text": "Last article."}')
    assert [type(each).__name__ for each in found] == ["Article", "Rejected", "Article"]
    assert isinstance(found[1], Rejected)
    assert (found[1].line, found[1].why.startswith("not valid JSON")) == (2, True)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"[1]", "not a JSON object"),
        (b'{"text": NaN}', "NaN is not JSON"),
        (b'{"text": 7}', "text must be a string"),
        (b'{"title": "only"}', "neither text nor html"),
        (b'{"text": "   "}', "neither text nor html"),
        (b'{"text": "x", "published": "soon"}', "published is 'soon'"),
        (b'{"text": "x", "url": "javascript:1"}', "url: not an http"),
        (b'{"text": "x", "lang": "fr"}', "lang is 'fr'"),
        (b'{"text": "a \\ud800 b"}', "lone surrogate"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"html": "%PDF-1.4 binary"}', "a PDF"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: bytes, why: str) -> None:
    with pytest.raises(ExtractionError, match=why):
        article_from_json(line)


def test_a_line_with_text_alone_gets_title_language_and_source() -> None:
    article = article_from_json('{"text": "英伟达发布H200。它有141GB内存。", "published": "2023-11-13 22:00:00"}'.encode())
    assert (article.title, article.lang, article.source, article.url) == ("英伟达发布H200", "zh", "import", None)
    assert iso(article.published) == "2023-11-13T22:00:00Z"


def test_what_a_line_says_wins_over_what_its_page_says() -> None:
    page = "<html><head><title>Page title</title></head><body><article><h1>Page title</h1><p>" + "Body text. " * 20
    line = {"html": page, "url": "https://a.example/x?utm_source=1", "title": "Given", "source": "wire", "author": "A. Writer"}
    article = article_from_json(json.dumps(line).encode())
    assert (article.title, article.source, article.author) == ("Given", "wire", "A. Writer")
    assert article.url == "https://a.example/x"
    assert "Body text." in article.text


def test_gzipped_files_are_read_and_damaged_ones_reported(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl.gz"
    whole = gzip.compress(b'{"text": "One article here."}\n' * 3)
    path.write_bytes(whole)
    assert len(list(read_file(path))) == 3
    path.write_bytes(whole[:-9])
    assert isinstance(list(read_file(path))[-1], Rejected)


def test_a_page_that_is_a_pdf_is_rejected_with_the_reason(tmp_path: Path) -> None:
    assert lines(tmp_path, b"%PDF-1.7 ...", name="page.html") == [
        Rejected(0, "this is a PDF, not an HTML page", str(tmp_path / "page.html"))
    ]


def test_a_text_file_has_its_title_in_the_first_line(tmp_path: Path) -> None:
    text = "标题在此\n\n来源 | 片上纪要\n\n" + "正文第一段，讲到英伟达与台积电的合作。" * 3
    [article] = lines(tmp_path, text.encode(), name="a.txt")
    assert isinstance(article, Article)
    assert (article.title, article.lang) == ("标题在此", "zh")
    assert article.origin is not None
    assert article.origin.name == "片上纪要"


REPOST = """封装产能翻倍之后，谁先拿到货

以下文章来源于片上纪要 ,作者林一诺

先进封装的产能在一年里翻了一倍，排队的客户却没有变少，我们问了三家设计公司，答案都一样：今年拿到的配额只够做样片，量产要等到明年年底。

- END -

页面更新:2024-03-07

© CopyRight 2008-2024 All Rights Reserved.
"""


def test_the_update_of_a_pasted_page_is_kept_and_is_no_publication(tmp_path: Path) -> None:
    [article] = lines(tmp_path, REPOST.encode(), name="a.txt")
    assert isinstance(article, Article)
    assert (article.published, article.date_source) == (None, None)
    assert iso(article.modified) == "2024-03-07T04:00:00Z"
    assert (article.author, article.origin and article.origin.name) == ("林一诺", "片上纪要")


def test_a_date_below_the_title_of_a_text_is_its_publication(tmp_path: Path) -> None:
    [article] = lines(tmp_path, REPOST.replace("以下文章", "2023年4月24日 10:05\n以下文章").encode(), name="a.txt")
    assert isinstance(article, Article)
    assert (iso(article.published), article.date_source) == ("2023-04-24T02:05:00Z", "text")
    assert iso(article.modified) == "2024-03-07T04:00:00Z"


def test_a_file_of_another_kind_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "a.docx").touch()
    with pytest.raises(UsageError, match="none of JSONL, HTML, text and WARC"):
        list(read_file(tmp_path / "a.docx"))
    with pytest.raises(UsageError, match="no file"):
        list(read_file(tmp_path / "b.jsonl"))
