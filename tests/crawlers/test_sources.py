from pathlib import Path

import pytest

from crawlers.sources import choose, load_sources, source_from
from index.errors import CatalogueError, NotFound
from index.knowledge.entities import load_catalogue

GOOD = {"id": "a-b", "name": "A", "kind": "press", "language": "en", "feeds": ["https://a.example/feed"]}


def test_the_catalogue_has_at_least_twenty_sources_in_both_languages() -> None:
    sources = load_sources()
    assert len(sources) >= 20
    assert {source.language for source in sources} >= {"en", "zh-Hans"}


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.id)
def test_every_source_is_complete(source) -> None:  # type: ignore[no-untyped-def]
    assert source.homepage
    assert source.country
    assert not source.company or load_catalogue().get(source.company), "its company is in the entity catalogue"
    assert source.stored == "full" or source.note, "what may not be copied says why"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": "A B"}, "slug"),
        ({"kind": "blog"}, "kind"),
        ({"language": "fr"}, "language"),
        ({"feeds": ["ftp://x"]}, "feeds"),
        ({"feeds": []}, "neither feeds nor sitemaps"),
        ({"delay": -1}, "delay"),
        ({"delay": True}, "delay"),
        ({"name": 7}, "name must be a string"),
        ({"colour": "red"}, "unknown key 'colour'"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_named(change: dict[str, object], why: str) -> None:
    with pytest.raises(CatalogueError, match=why):
        source_from({**GOOD, **change}, "file.toml")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(CatalogueError, match="lacks 'name'"):
        source_from({k: v for k, v in GOOD.items() if k != "name"}, "file.toml")


def test_sources_are_chosen_by_id() -> None:
    sources = [source_from(GOOD, "f"), source_from({**GOOD, "id": "c"}, "f")]
    assert [s.id for s in choose(sources, ["c"])] == ["c"]
    assert choose(sources, []) == sources
    with pytest.raises(NotFound, match="There are: a-b, c"):
        choose(sources, ["x"])


def test_a_file_without_sources_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("x = 1")
    with pytest.raises(CatalogueError, match="no \\[\\[source\\]\\]"):
        load_sources([tmp_path / "s.toml"])
