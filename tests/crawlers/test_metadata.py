"""What a page declares of itself, and what hostile declarations cost: nothing but themselves."""

import json

import pytest
from lxml import html

from crawlers.marks import marks_of
from crawlers.metadata import Declared, declared_metadata


def declared(head: str = "", body: str = "") -> Declared:
    tree = html.document_fromstring(f"<html><head>{head}</head><body>{body}<p>x</p></body></html>")
    return declared_metadata(tree, marks_of(tree))


def ld(node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


ARTICLE = {"@type": "NewsArticle", "headline": "TSMC doubles packaging", "datePublished": "2023-11-13"}


@pytest.mark.parametrize(
    "node",
    [
        ARTICLE,
        [ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "N"}, ARTICLE]},
        {**ARTICLE, "@type": ["Article", "NewsArticle"]},
        {**ARTICLE, "headline": ["TSMC doubles packaging"]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
    ],
)
def test_the_article_is_found_wherever_it_stands_in_json_ld(node: object) -> None:
    found = declared(ld(node))
    assert (found.headline, found.published["json-ld"]) == ("TSMC doubles packaging", ("2023-11-13",))


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Ada Lee"}, ("Ada Lee",)),
        ([{"name": "Ada Lee"}, {"name": "Bo Wu"}], ("Ada Lee", "Bo Wu")),
        ("Ada Lee", ("Ada Lee",)),
        (["Ada Lee", "Bo Wu"], ("Ada Lee", "Bo Wu")),
        ({"name": ["Ada Lee", "Bo Wu"]}, ("Ada Lee", "Bo Wu")),
        (7, ()),
        (None, ()),
        ({"name": {"a": 1}}, ()),
    ],
)
def test_authors_are_read_in_all_shapes(author: object, names: tuple[str, ...]) -> None:
    assert declared(ld({**ARTICLE, "author": author})).authors == names


def test_an_author_may_be_a_reference_to_another_node() -> None:
    graph = [{**ARTICLE, "author": {"@id": "#ada"}}, {"@type": "Person", "@id": "#ada", "name": "Ada Lee"}]
    assert declared(ld({"@graph": graph})).authors == ("Ada Lee",)


def test_meta_tags_and_microdata_are_each_a_source_of_their_own() -> None:
    found = declared(
        '<meta property="article:published_time" content="2023-11-13T08:00:00Z"><meta name="author" content="Ada Lee">'
        '<meta property="og:image" content="/a.jpg"><meta property="article:section" content="Hardware">'
        '<meta property="article:tag" content="TSMC"><meta property="article:tag" content="CoWoS">',
        '<div itemscope><time itemprop="datePublished" datetime="2023-11-14">x</time></div>'
        '<time datetime="2023-11-15">y</time>',
    )
    assert found.published["meta"] == ("2023-11-13T08:00:00Z",)
    assert found.published["microdata"] == ("2023-11-14",)
    assert found.published["time"] == ("2023-11-14", "2023-11-15")
    assert (found.authors, found.images[0], found.section, found.tags) == (
        ("Ada Lee",),
        "/a.jpg",
        "Hardware",
        ("TSMC", "CoWoS"),
    )


HOSTILE = {
    "broken": "{",
    "null": "null",
    "number": "1e999",
    "array of nothing": "[[[[[]]]]]",
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "huge": json.dumps({**ARTICLE, "articleBody": "x" * 5_000_000}),
    "wrong types": json.dumps(
        {"@type": 7, "headline": {"a": []}, "datePublished": [[]], "author": [[[]]], "image": {"url": {}}}
    ),
    "cycle": json.dumps({"@graph": [{**ARTICLE, "@id": "#a", "author": {"@id": "#a"}, "publisher": {"@id": "#a"}}]}),
    "surrogate": '{"@type": "NewsArticle", "headline": "\\ud800"}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_ld_costs_itself_and_what_follows_is_read(name: str) -> None:
    found = declared(f'<script type="application/ld+json">{HOSTILE[name]}</script><meta property="og:title" content="A title">')
    assert found.og_title == "A title"
    assert found.headline is None or isinstance(found.headline, str)
    assert all(isinstance(author, str) for author in found.authors)


def test_a_hundred_thousand_meta_tags_are_borne() -> None:
    found = declared('<meta property="article:tag" content="a">' * 100_000 + '<meta property="og:title" content="A title">')
    assert found.og_title == "A title"


def test_a_page_that_is_declared_as_such_only_has_its_dates_and_no_author() -> None:
    page = {"@type": "WebPage", "datePublished": "2018-06-07", "dateModified": "2019-12-01", "author": {"name": "Ann"}}
    found = declared(ld(page))
    assert (found.published["json-ld"], found.modified, found.authors) == (("2018-06-07",), ("2019-12-01",), ())
    article = {"@type": "NewsArticle", "datePublished": "2018-06-08"}
    assert declared(ld([page, article])).published["json-ld"] == ("2018-06-08",)


def test_an_abbreviation_has_its_date_in_its_title() -> None:
    page = '<abbr itemprop="datePublished" title="2018-06-05T03:14:00-07:00">mardi 5 juin</abbr>'
    assert declared("", page).published["microdata"] == ("2018-06-05T03:14:00-07:00",)


def test_authors_of_cited_works_are_not_the_articles() -> None:
    works = "".join(f'<meta itemprop="author" content="Cited {name}">' for name in ("A", "B", "C"))
    assert declared('<meta name="citation_author" content="Ann Lee">', works).authors == ("Ann Lee",)


def test_the_outlet_that_a_page_names_is_read() -> None:
    assert declared('<meta name="mediaid" content="参考芯闻"><meta name="ContentSource" content="片上社">').outlets == (
        "参考芯闻",
        "片上社",
    )
