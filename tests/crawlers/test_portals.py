"""What is read from pages in the manner of Chinese and Taiwanese news sites, field by field (pages/portals)."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.extract import Page, extract
from index.article import Article
from index.text.times import iso

PAGES = Path(__file__).parent / "pages" / "portals"
EXPECTED = tomllib.loads((PAGES / "expected.toml").read_text(encoding="utf-8"))
SEEN = datetime(2023, 4, 25, tzinfo=UTC)


def read(name: str) -> Article:
    markup = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    body = markup.encode(EXPECTED[name].get("encoding", "utf-8"), "xmlcharrefreplace")
    return extract(Page("https://portal.example/a/1", body), seen=SEEN)


def test_every_page_is_expected_to_be_something() -> None:
    assert {path.stem for path in PAGES.glob("*.html")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_text_is_the_article_and_nothing_else(name: str) -> None:
    assert read(name).text.split("\n\n") == EXPECTED[name]["text"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_title_is_the_headline(name: str) -> None:
    assert read(name).title == EXPECTED[name]["title"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_time_is_that_of_publication(name: str) -> None:
    assert iso(read(name).published) == EXPECTED[name]["published"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_author_is_a_person_or_nobody(name: str) -> None:
    assert read(name).author == EXPECTED[name].get("author")


@pytest.mark.parametrize("name", EXPECTED)
def test_the_origin_is_the_outlet_that_is_named(name: str) -> None:
    origin = read(name).origin
    assert (origin.name if origin else None) == EXPECTED[name].get("origin")


@pytest.mark.parametrize("name", EXPECTED)
def test_the_language_is_chinese(name: str) -> None:
    assert read(name).lang == "zh"
