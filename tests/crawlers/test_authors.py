"""Names of authors, without what sites put around them."""

import pytest
from lxml import html

from crawlers.authors import MOST, authors_of
from crawlers.byline import Byline
from crawlers.marks import marks_of

EMPTY = html.document_fromstring("<html><body></body></html>")


def authors(*declared: str, page: str = "<p></p>", near: tuple[str, ...] = (), site: str | None = "Chip News") -> str | None:
    marks = marks_of(html.document_fromstring(f"<html><body>{page}</body></html>"))
    return authors_of(declared, marks, Byline(near), [site] if site else [])


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        (("Ada Lee",), "Ada Lee"),
        (("By Ada Lee",), "Ada Lee"),
        (("Ada Lee and Bo Wu",), "Ada Lee, Bo Wu"),
        (("Ada Lee, Bo Wu",), "Ada Lee, Bo Wu"),
        (("Ada Lee", "ada lee"), "Ada Lee"),
        (("Ada Lee, Senior Editor",), "Ada Lee"),
        (("张三、李四",), "张三, 李四"),
        (("作者：张三",), "张三"),
        (("记者 张三",), "张三"),
        (("https://news.example/authors/1", "Ada Lee"), "Ada Lee"),
        (("ada.lee@news.example",), None),
        (("admin",), None),
        (("Chip News",), None),
        (("Chip News Staff",), None),
        (("", "  "), None),
        (("@adalee",), None),
        (("Ada Lee Chip News Staff Writer",), "Ada Lee"),
        (("news service reports",), None),
        (("Agencies",), None),
        (("Revised Edition Edited by Ada Lee",), None),
        (("Chip",), None),  # what the outlet's name begins with
        (("网络整理",), None),
        (("医技药剂党支部宣传与通讯工作小组",), None),
        (("CHIPS.NET",), None),
        (("让-吕克·奥尼尔·德拉图尔",), "让-吕克·奥尼尔·德拉图尔"),
        (("Jean-Luc O’Neill III",), "Jean-Luc O’Neill III"),
    ],
)
def test_declared_names_are_cleaned(declared: tuple[str, ...], names: str | None) -> None:
    assert authors(*declared) == names


def test_what_is_marked_in_the_page_serves_where_nothing_is_declared() -> None:
    assert authors(page='<a rel="author" href="/x">Ada Lee</a>') == "Ada Lee"
    assert authors("Bo Wu", page='<a rel="author" href="/x">Ada Lee</a>') == "Bo Wu"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ('<span class="byline">By Ada Lee</span><span class="byline">By Bo Wu</span>', "Ada Lee"),
        ('<a rel="author">Ada Lee</a><a rel="author">Bo Wu</a>', "Ada Lee, Bo Wu"),
        ('<div itemprop="author"><p><b itemprop="name">Ada Lee</b></p></div><b itemprop="name">Chips</b>', "Ada Lee"),
        ('<div class="kit__contributors--author">By <b>Ada Lee</b></div>', "Ada Lee"),
        ('<div class="post-author-box">More on chips from here</div>', None),
        ('<div class="authority">Ada Lee</div>', None),
    ],
)
def test_an_author_is_marked_by_names_of_elements(page: str, names: str | None) -> None:
    assert authors(page=page) == names


def test_of_many_marked_authors_the_one_in_the_byline_is_the_articles() -> None:
    columns = "".join(f'<p class="author">{name}：</p>' for name in ("黄某", "刀锋", "股侠", "展锋"))
    assert authors(page=columns, near=("2018年12月28日 19:55",)) is None
    assert authors(page=f'{columns}<b class="author">张三</b>', near=("2018年12月28日 19:55 张三",)) == "张三"


@pytest.mark.parametrize(
    ("near", "names"),
    [
        (("By Ada Lee",), "Ada Lee"),
        (("By Ada Lee, Bo Wu and Cy Young | Nov 13, 2023",), "Ada Lee, Bo Wu, Cy Young"),
        (("Written by", "Ada Lee"), "Ada Lee"),
        (("作者：张三  编辑：李四",), "张三"),
        (("文/张三",), "张三"),
        (("作者 林妤 | 發布日期 2023 年 04 月 24 日 10:05 | 分類 半導體",), "林妤"),
        (("本文来自公众号“芯西东”，作者：林一诺，创氪经授权发布。",), "林一诺"),
        (("作者：张三，李四",), "张三, 李四"),
        (("By the end of the year TSMC will have doubled it",), None),
        (("Nov 13, 2023",), None),
    ],
)
def test_a_byline_serves_where_nothing_is_marked_either(near: tuple[str, ...], names: str | None) -> None:
    assert authors(near=near) == names


def test_a_hundred_names_are_cut() -> None:
    names = authors(*(f"Ada Number{chr(65 + n % 26)}{chr(97 + n // 26)}" for n in range(100)))
    assert names is not None
    assert names.count(",") == MOST - 1
