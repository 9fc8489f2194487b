"""Whom a repost names as its source, and in which words."""

import pytest
from lxml import html

from crawlers.byline import Byline
from crawlers.marks import marks_of
from crawlers.origin import marked_sources, named_origin, origin_of

HERE = "https://news.example/a"
TEXT = (
    "台积电表示，将在一年内把先进封装产能提高一倍。\n\n人工智能客户的需求超过了它今天的产能。\n\n分析师认为这一目标可以实现。"
)


def origin(
    *near: str, text: str = TEXT, own: tuple[str, ...] = ("芯闻",), canonical: str | None = None
) -> tuple[str, str] | None:
    found = origin_of(Byline(near), text, own, canonical, HERE)
    return None if found is None else (found.name, found.words)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("来源：片上纪要", "片上纪要"),
        ("來源：晶圓筆記", "晶圓筆記"),
        ("2023年04月24日 10:05 稿源：片上纪要", "片上纪要"),
        ("2023-11-13 09:00 来源: 片上纪要 作者: 张三", "片上纪要"),
        ("文章来源于片上纪要", "片上纪要"),
        ("以下文章来源于片上纪要 ，作者张三", "片上纪要"),
        ("转自：片上纪要", "片上纪要"),
        ("本文转载自公众号“片上纪要”", "片上纪要"),
        ("This article originally appeared on Pacific Wire.", "Pacific Wire"),
        ("This story was originally published by Pacific Wire", "Pacific Wire"),
        ("Source: Pacific Wire", "Pacific Wire"),
    ],
)
def test_a_byline_names_the_outlet_with_its_words(line: str, name: str) -> None:
    found = origin(line)
    assert found is not None
    assert found[0] == name
    assert found[1] in line
    assert name in found[1]


@pytest.mark.parametrize(
    "line", ["来源：芯闻", "来源：本站", "来源：网络", "来源：原创", "Source: company reports", "来源：", "来源：12345"]
)
def test_the_outlet_itself_and_nobody_are_no_origin(line: str) -> None:
    assert origin(line) is None


def test_the_end_of_a_text_names_its_origin_too() -> None:
    assert origin(text=f"{TEXT}\n\n（来源：片上纪要）") is not None
    assert named_origin(f"{TEXT}\n\n来源：片上纪要") is not None
    assert named_origin(TEXT) is None


def test_a_canonical_link_to_another_site_is_an_origin_with_its_address() -> None:
    found = origin_of(Byline(), TEXT, (), "https://wire.example/h200", HERE)
    assert found is not None
    assert (found.name, found.url) == ("wire.example", "https://wire.example/h200")
    assert "canonical" in found.words
    named = origin_of(Byline(("来源：片上纪要",)), TEXT, (), "https://wire.example/h200", HERE)
    assert named is not None
    assert (named.name, named.url) == ("片上纪要", "https://wire.example/h200")


@pytest.mark.parametrize(
    "canonical", [HERE, "https://m.news.example/a", "https://www.news.example/a", "https://tech.news.example/a"]
)
def test_a_canonical_link_within_the_site_is_none(canonical: str) -> None:
    assert origin(canonical=canonical) is None


def marked(name: str, *near: str, own: tuple[str, ...] = ("芯闻",)) -> str | None:
    found = origin_of(Byline(near), TEXT, own, None, HERE, [name])
    return found.name if found else None


def test_an_outlet_that_only_an_elements_name_calls_the_source_is_the_origin() -> None:
    assert marked("参考片讯", "2023年04月24日 10:05 参考片讯") == "参考片讯"
    assert marked("参考片讯") is None, "it must stand in the byline, for the words"
    assert marked("芯闻科技", "2023年04月24日 10:05 芯闻科技") is None


def test_sources_are_the_short_texts_of_elements_of_that_name() -> None:
    page = '<a class="source" href="/x">参考 芯闻</a><p class="resource">x y</p><div class="source">' + "长" * 31 + "</div>"
    assert marked_sources(marks_of(html.document_fromstring(f"<body>{page}</body>"))) == ["参考 芯闻"]
