"""The headline among all that a page calls itself."""

import pytest
from lxml import html

from crawlers.byline import visible_lines
from crawlers.headline import headline, names_of_site
from crawlers.marks import marks_of
from crawlers.metadata import declared_metadata


def read(title: str = "", head: str = "", body: str = "", hint: str | None = None) -> str:
    tree = html.document_fromstring(f"<html><head><title>{title}</title>{head}</head><body>{body}<p>x</p></body></html>")
    return headline(declared_metadata(tree, marks_of(tree)), hint, tree, visible_lines(tree))


def og(title: str, site: str = "") -> str:
    named = f'<meta property="og:site_name" content="{site}">' if site else ""
    return f"<meta property='og:title' content='{title}'>{named}"


def ld(title: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}"}}</script>'


@pytest.mark.parametrize(
    ("title", "head", "body"),
    [
        # The <title> bears out the heading against what is told to others.
        ("TSMC doubles packaging - Ledger News", og("A new era in chips"), "<h1>TSMC doubles packaging</h1>"),
        ("TSMC doubles packaging - Ledger News", ld("A new era in chips"), "<h1>TSMC doubles packaging</h1>"),
        # So does a meta tag.
        ("Chips today", og("TSMC doubles packaging") + ld("A new era in chips"), "<h1>TSMC doubles packaging</h1>"),
        # The site's name is a heading too, and even declared as the headline.
        ("TSMC doubles packaging – Ledger News", ld("Ledger News"), "<h1>TSMC doubles packaging</h1>"),
        ("Ledger News » Archive » TSMC doubles packaging", "", "<h1>Ledger News</h1><h2>TSMC doubles packaging</h2>"),
        ("TSMC doubles packaging | Ledger News Online", og("TSMC doubles packaging"), "<h1>Ledger News Online</h1>"),
        # A name that goes before, or after.
        ("LEDGER NEWS|TSMC doubles packaging", og("LEDGER NEWS|TSMC doubles packaging", "Ledger News"), ""),
        ("", ld("TSMC doubles packaging - Ledger News") + og("x", "Ledger News"), ""),
        # A heading that no title has serves where nothing is declared.
        ("Ledger News", "", "<h1>TSMC doubles packaging</h1>"),
        # Nothing but the <title>.
        ("TSMC doubles packaging | Chips | Ledger News", "", ""),
    ],
)
def test_the_headline_is_found(title: str, head: str, body: str) -> None:
    assert read(title, head, body) == "TSMC doubles packaging"


def test_a_quotation_mark_in_a_meta_tag_does_not_cut_the_headline_off() -> None:
    meta = '<meta property="og:title" content="狂奔的台积电"暗伤"曝露？">'
    assert read('狂奔的台积电"暗伤"曝露？_网闻财经', meta, '<h1>狂奔的台积电"暗伤"曝露？</h1>') == '狂奔的台积电"暗伤"曝露？'


@pytest.mark.parametrize("site", ["集芯网", "晨间新闻", "某某日报", "EDM 电子设计"])
def test_a_chinese_sites_name_after_a_hyphen_without_spaces_is_cut_off(site: str) -> None:
    assert read(f"台积电先进封装产能翻倍-{site}", body="<div>台积电先进封装产能翻倍</div>") == "台积电先进封装产能翻倍"


def test_a_hyphen_within_a_headline_cuts_nothing_off() -> None:
    assert read("英伟达发布GB200-NVL72机柜") == "英伟达发布GB200-NVL72机柜"
    assert read("Sub-3nm chips are coming") == "Sub-3nm chips are coming"


def test_the_feeds_title_comes_before_a_bare_title_and_after_the_pages_own() -> None:
    assert read("Ledger", hint="TSMC doubles packaging") == "TSMC doubles packaging"
    assert read("Ledger", og("TSMC doubles it"), hint="TSMC doubles packaging") == "TSMC doubles it"


def test_a_page_without_any_is_untitled() -> None:
    assert read() == "Untitled"


def test_the_sites_names_are_those_declared_and_those_behind_the_headline() -> None:
    tree = html.document_fromstring(
        f"<html><head><title>封装产能翻倍_网闻财经_网闻</title>{og('x', '网闻网')}</head><body>x</body></html>"
    )
    assert names_of_site(declared_metadata(tree, marks_of(tree)), tree)[:3] == ["网闻网", "网闻财经", "网闻"]
    tree = html.document_fromstring("<html><head><title>封装产能翻倍-集芯网</title></head><body>x</body></html>")
    assert "集芯网" in names_of_site(declared_metadata(tree, marks_of(tree)), tree)
