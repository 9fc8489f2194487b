from datetime import UTC, datetime

import pytest

from crawlers.extract import Hint, Page, extract
from index.errors import ExtractionError
from index.text.times import iso

BODY = (
    "<p>TSMC said it would double its advanced packaging capacity within the year.</p>"
    "<p>Demand from AI customers exceeds what it can make today, the chairman added.</p>"
)


def page(head: str = "", body: str = BODY, url: str = "https://news.example/2023/11/a", charset: str = "utf-8"):  # type: ignore[no-untyped-def]
    content = f"<nav>Home News About</nav><article>{body}</article><footer>© 2021 News</footer>"
    markup = f"<html><head>{head}</head><body>{content}</body></html>"
    return extract(Page(url, markup.encode(charset)))


def test_json_ld_is_believed_first() -> None:
    article = page(
        '<title>Site | x</title><meta property="og:title" content="OG title">'
        '<script type="application/ld+json">{"@graph": [{"@type": "Organization", "name": "N"}, {"@type": "NewsArticle",'
        '"headline": "TSMC doubles packaging", "datePublished": "2023-11-13T08:30:00+08:00",'
        '"dateModified": "2023-11-14T00:00:00Z", "author": [{"name": "Ann Lee"}, {"name": "Bo Wu"}]}]}</script>'
    )
    assert article.title == "TSMC doubles packaging"
    assert iso(article.published) == "2023-11-13T00:30:00Z"
    assert iso(article.modified) == "2023-11-14T00:00:00Z"
    assert article.author == "Ann Lee, Bo Wu"


def test_meta_tags_serve_where_there_is_no_json_ld() -> None:
    article = page(
        '<meta property="og:title" content="Packaging"><meta property="article:published_time" content="2023-11-13T08:30:00Z">'
        '<meta name="author" content="https://news.example/authors/1"><meta property="og:site_name" content="News">'
    )
    assert (article.title, iso(article.published), article.author) == ("Packaging", "2023-11-13T08:30:00Z", None)


def test_a_date_written_under_a_chinese_headline_is_in_beijing_time() -> None:
    text = "台积电表示，将在一年内把先进封装产能提高一倍，以满足人工智能客户的需求。" * 3
    article = page(
        "<title>台积电扩产_芯闻</title>", f"<h1>台积电扩产</h1><div>2023年10月18日 09:12 编辑：李</div><p>{text}</p>"
    )
    assert (article.title, article.lang, iso(article.published)) == ("台积电扩产", "zh", "2023-10-18T01:12:00Z")


def test_the_year_in_a_footer_is_no_publication_date() -> None:
    assert page("<title>Packaging capacity doubles</title>").published is None


def test_a_feeds_word_is_taken_only_where_the_page_is_silent() -> None:
    hint = Hint("Feed title", datetime(2023, 1, 2, tzinfo=UTC))
    markup = f"<html><head><title>x</title></head><body><article>{BODY}</article></body></html>"
    article = extract(Page("https://news.example/a", markup.encode()), "news", hint)
    assert (article.title, iso(article.published), article.source) == ("Feed title", "2023-01-02T00:00:00Z", "news")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<p>来源：片上纪要</p>", "片上纪要"),
        ("<p>以下文章来源于亿欧硬科技 ,作者黄开心</p>", "亿欧硬科技"),
        ("<p>來源 | 晶圓筆記</p>", "晶圓筆記"),
        ("<p>This article originally appeared on Pacific Wire.</p>", "Pacific Wire"),
        ("<p>来源：本站</p>", None),
    ],
)
def test_a_repost_names_its_origin(line: str, name: str | None) -> None:
    article = page(body=line + BODY)
    assert (article.origin.name if article.origin else None) == name


def test_a_canonical_link_to_another_host_is_an_origin() -> None:
    article = page('<link rel="canonical" href="https://wire.example/h200?utm_medium=x">')
    assert article.canonical_url == "https://wire.example/h200"
    assert article.origin is not None
    assert article.origin.url == "https://wire.example/h200"
    assert page('<link rel="canonical" href="/2023/11/a">').origin is None


@pytest.mark.parametrize("label", ["gb2312", "gbk", "GB18030"])
def test_gb2312_pages_are_read_by_their_own_declaration(label: str) -> None:
    text = "算力供不应求，云厂商限制客户使用服务器，等待时间长达数月。" * 4
    article = page(
        f'<meta http-equiv="Content-Type" content="text/html; charset={label}">', f"<p>{text}</p>", charset="gb18030"
    )
    assert text[:20] in article.text


def test_navigation_and_footers_are_left_out() -> None:
    article = page()
    assert "Home News" not in article.text
    assert "©" not in article.text
    assert article.text.count("\n\n") == 1


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "an image"),
        (b"PK\x03\x04", "ZIP"),
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"just words", "plain text"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"<html><body><p>Too short.</p></body></html>", "no article text"),
        (b"<" * 5000, "no article text|cannot be parsed"),
        (b"<p>" + b"x" * 10_000_001, "larger than"),
    ],
)
def test_what_is_no_article_page_is_refused_with_a_reason(body: bytes, why: str) -> None:
    with pytest.raises(ExtractionError, match=why):
        extract(Page("https://news.example/a", body))
