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


SEEN = datetime(2024, 3, 8, 4, tzinfo=UTC)
CHINESE = "微软正在秘密研发自己的人工智能芯片，以减少对外部供应商的依赖，知情人士称该项目已经进行了数年。"


def read(body: str, head: str = "", hint: Hint | None = None, url: str = "https://news.example/a"):  # type: ignore[no-untyped-def]
    return extract(Page(url, f"<html><head>{head}</head><body>{body}</body></html>".encode()), "news", hint, SEEN)


def test_a_page_that_tells_only_when_it_was_updated_has_no_publication_date() -> None:
    text = f"<p>{CHINESE}</p><p>据外媒2023年4月18日报道，{CHINESE}</p>"
    article = read(f"<article><h1>微软自研AI芯片</h1>{text}</article><div>页面更新:2024-03-07</div>")
    assert (article.published, article.date_source) == (None, None)
    assert iso(article.modified) == "2024-03-07T04:00:00Z"
    assert "2023年4月18日" in article.text, "the text's own dates stay to speak for themselves"


def test_where_the_date_was_read_is_told_with_it() -> None:
    article = read(f"<article><h1>Packaging</h1><p>By Ada Lee | Nov 13, 2023 6:00 AM ET</p>{BODY}</article>")
    assert (iso(article.published), article.date_source, article.date_note) == ("2023-11-13T11:00:00Z", "text", None)
    article = read(f"<article><h1>Packaging</h1><p>Nov 13, 2023</p>{BODY}</article>")
    assert (iso(article.published), article.date_note) == ("2023-11-13T12:00:00Z", "only the day is stated")


def test_a_date_still_to_come_is_the_time_of_the_fetch_and_flagged() -> None:
    article = read(f"<article>{BODY}</article>", '<meta property="article:published_time" content="2024-05-01T08:00:00Z">')
    assert article.published == SEEN
    assert "2024-05-01" in (article.date_note or "")


def test_a_changed_headline_is_seen_though_the_feed_has_the_old_one() -> None:
    hint = Hint("TSMC to double packaging", datetime(2023, 11, 13, 9, tzinfo=UTC))
    article = read(
        f"<article><h1>TSMC to triple packaging</h1>{BODY}</article>", "<title>TSMC to triple packaging</title>", hint
    )
    assert (article.title, iso(article.published), article.date_source) == (
        "TSMC to triple packaging",
        "2023-11-13T09:00:00Z",
        "feed",
    )


def test_image_section_tags_and_captions_are_kept_apart_from_the_text() -> None:
    article = read(
        f'<article><h1>Packaging</h1><figure><img src="/a.jpg"><figcaption>A packaging line in Tainan. Photo: CNA'
        f"</figcaption></figure>{BODY}</article>",
        '<meta property="og:image" content="/lead.jpg?w=1200"><meta property="article:section" content="Foundry">'
        '<meta property="article:tag" content="TSMC"><meta property="article:tag" content="CoWoS">',
    )
    assert (article.image, article.section, article.tags) == (
        "https://news.example/lead.jpg?w=1200",
        "Foundry",
        ("TSMC", "CoWoS"),
    )
    assert len(article.captions) == 1
    assert "Tainan" in article.captions[0]
    assert "Tainan" not in article.text


def test_what_the_list_said_serves_where_the_page_says_nothing() -> None:
    hint = Hint(author="Ada Lee", summary="In short.", image="https://news.example/i.jpg", tags=("TSMC",))
    article = read(f"<article><h1>Packaging</h1>{BODY}</article>", hint=hint)
    assert (article.author, article.summary, article.image, article.tags) == (
        "Ada Lee",
        "In short.",
        "https://news.example/i.jpg",
        ("TSMC",),
    )


@pytest.mark.parametrize(
    "image",
    [
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http://",
        "/logo.svg",
        "https://x.example/favicon.png",
    ],
)
def test_what_is_no_picture_on_the_web_is_no_lead_image(image: str) -> None:
    assert read(f"<article>{BODY}</article>", f'<meta property="og:image" content="{image}">').image is None


def test_the_canonical_address_is_http_or_nothing() -> None:
    for link in ("javascript:alert(1)", "ftp://news.example/a", "http://", "http://[::1"):
        assert read(f"<article>{BODY}</article>", f'<link rel="canonical" href="{link}">').canonical_url is None


def test_a_title_without_the_sites_name() -> None:
    for title in ("TSMC doubles packaging capacity | Chip News", "TSMC doubles packaging capacity - Chip News"):
        head = f'<title>{title}</title><meta property="og:site_name" content="Chip News">'
        assert read(f"<article>{BODY}</article>", head).title == "TSMC doubles packaging capacity"


def test_tables_are_kept_as_rows() -> None:
    rows = "<tr><th>Chip</th><th>HBM</th></tr><tr><td>H100</td><td>80 GB</td></tr><tr><td>H200</td><td>141 GB</td></tr>"
    text = read(f"<article><h1>Chips compared</h1>{BODY}<table>{rows}</table></article>").text
    row = next(line for line in text.splitlines() if "H200" in line)
    assert "141 GB" in row
    assert "H100" not in row


def test_the_feeds_author_is_nobody_where_it_is_the_outlet() -> None:
    head = '<title>Packaging doubles</title><meta property="og:site_name" content="Chip News">'
    for given, author in (("Ada Lee", "Ada Lee"), ("Chip News", None), ("desk@news.example (Ada Lee)", None), (None, None)):
        markup = f"<html><head>{head}</head><body><article>{BODY}</article></body></html>"
        article = extract(Page("https://news.example/a", markup.encode()), hint=Hint(author=given))
        assert article.author == author, given
