"""Overrides of single sites: the schema, and for each entry a page in pages/, written here in the manner of that site."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import html

from crawlers.body import Body, main_body
from crawlers.extract import Page, extract
from crawlers.overrides import override_of, read_overrides
from index.article import Article
from index.text.times import iso

PAGES = Path(__file__).parent / "pages"
SITES = Path(read_overrides.__code__.co_filename).with_name("sites.toml")
OVERRIDES = read_overrides(SITES.read_text(encoding="utf-8"))


def body_of(host: str, url: str | None) -> Body:
    tree = html.document_fromstring((PAGES / f"{host}.html").read_text(encoding="utf-8"))
    return main_body(tree, url)


@pytest.mark.parametrize("host", OVERRIDES)
def test_every_entry_has_a_page_in_which_its_body_and_all_it_drops_are_found(host: str) -> None:
    override = OVERRIDES[host]
    (body, *_) = override.body(html.document_fromstring((PAGES / f"{host}.html").read_text(encoding="utf-8")))
    for path in override.drop_paths:
        assert path(body), f"{path.path} matches nothing in the page"
    assert len(override.why) > 20


def test_a_wechat_article_is_read_whole_and_in_order() -> None:
    body = body_of("mp.weixin.qq.com", "https://mp.weixin.qq.com/s/abc")
    assert body.text.split("\n\n") == [
        "先进封装的产能在一年里翻了一倍，排队的客户却没有变少。",
        "我们问了三家设计公司，答案都一样：今年拿到的配额只够做样片。",
        "谁在等",
        "云厂商自研芯片的团队等得最久，因为他们的订单最小，议价也最弱。",
    ]


def wechat() -> Article:
    page = Page("https://mp.weixin.qq.com/s/abc", (PAGES / "mp.weixin.qq.com.html").read_bytes())
    return extract(page, seen=datetime(2023, 11, 20, tzinfo=UTC))


def test_the_title_of_a_wechat_article_is_its_headline() -> None:
    assert wechat().title == "封装产能翻倍之后，谁先拿到货"


def test_the_author_of_a_wechat_article_is_the_account() -> None:
    assert wechat().author == "片上纪要"


def test_the_time_of_a_wechat_article_is_that_in_its_script() -> None:
    assert (iso(wechat().published), wechat().date_source) == ("2023-11-14T00:20:00Z", "meta")


def test_the_language_of_a_wechat_article_is_chinese() -> None:
    assert wechat().lang == "zh"


@pytest.mark.parametrize("chrome", ["限时优惠", "关注片上纪要", "精选留言", "扫一扫", "阅读原文", "原创", "昨天"])
def test_what_is_around_a_wechat_article_is_left_out(chrome: str) -> None:
    assert chrome in (PAGES / "mp.weixin.qq.com.html").read_text(encoding="utf-8")
    assert chrome not in body_of("mp.weixin.qq.com", "https://mp.weixin.qq.com/s/abc").text


def test_without_its_override_the_same_page_is_read_worse() -> None:
    assert "限时优惠" in body_of("mp.weixin.qq.com", "https://other.example/s/abc").text


def test_an_entry_serves_the_subdomains_of_its_host_and_no_other() -> None:
    assert override_of("mp.weixin.qq.com") is override_of("cdn.mp.weixin.qq.com")
    assert override_of("mp.weixin.qq.com") is not None
    assert override_of("weixin.qq.com") is None
    assert override_of("notmp.weixin.qq.com.example") is None
    assert override_of("") is None
    assert override_of(None) is None


def test_a_page_without_the_element_falls_back_to_the_general_rules() -> None:
    text = "台积电表示，将在一年内把先进封装产能提高一倍，以满足人工智能客户的需求。"
    tree = html.document_fromstring(f"<div><p>{text}</p><p>{text}</p></div>")
    assert text in main_body(tree, "https://mp.weixin.qq.com/s/abc").text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1", "expected a table"),
        ('["a.example"]\ndrop = []\nwhy = "w"', "body is missing"),
        ('["a.example"]\nbody = 3\ndrop = []\nwhy = "w"', "body is missing or no str"),
        ('["a.example"]\nbody = "//p"\ndrop = "//a"\nwhy = "w"', "drop is missing or no list"),
        ('["a.example"]\nbody = "//p"\ndrop = []\nwhy = "w"\nboby = "x"', "unknown keys \\['boby'\\]"),
        ('["a.example"]\nbody = "//p["\ndrop = []\nwhy = "w"', "malformed XPath"),
        ('["a.example"]\nbody = "//p"\ndrop = []\nwhy = "w"\nauthor = 1', "author is no str"),
        ('["a.example"]\nbody = "//p"\ndrop = []\nwhy = "w"\npublished = "("', "malformed regular expression"),
        ("[", "Invalid|Expected|Unclosed"),
    ],
)
def test_a_malformed_entry_is_named(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_overrides(text)
