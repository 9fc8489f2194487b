from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.entities import load_catalogue
from index.knowledge.field_terms import TermFinder, load_field_terms
from index.text.fold import fold
from index.text.tokens import has_han

TERMS = load_field_terms()
GROUP = "[group.g]\nlead = 1\nbody = 1\n"
ENTITIES = "[entities]\ndiversified = []\nconsumer = []\nordinary = []\n"


def finder(**groups: str) -> TermFinder:
    return TermFinder([(term, group) for group, terms in groups.items() for term in terms.split(",")])


def test_both_languages_have_words_of_the_field_and_words_against_it() -> None:
    for against in (False, True):
        terms = [term for group in TERMS.groups.values() if group.against is against for term in group.terms]
        assert sum(has_han(term) for term in terms) >= 50
        assert sum(not has_han(term) for term in terms) >= 50


def test_every_term_is_found_by_itself() -> None:
    every = TermFinder(TERMS.terms)
    for term, group in TERMS.terms:
        assert list(every.find(term)) == [(0, term, group)]


def test_entities_that_say_little_are_in_the_catalogue_and_in_one_list_only() -> None:
    catalogue = load_catalogue()
    for ids in (TERMS.diversified, TERMS.consumer, TERMS.ordinary):
        assert {id for id in ids if catalogue.get(id) is None} == set()
    assert not TERMS.diversified & TERMS.consumer
    assert {catalogue.by_id[id].kind for id in TERMS.diversified | TERMS.consumer} == {"company"}
    assert "company" not in {catalogue.by_id[id].kind for id in TERMS.ordinary}


def test_the_longest_term_takes_the_place_of_what_it_contains() -> None:
    found = finder(field="ai chip,foundry", chips="chip", other="potato chip").find(
        fold("An AI chip, a chip, potato chips, two foundries")
    )
    assert [(term, group) for _, term, group in found] == [
        ("ai chip", "field"),
        ("chip", "chips"),
        ("potato chip", "other"),
    ]


def test_every_occurrence_counts_for_all_groups_of_its_term_and_of_those_inside_it() -> None:
    terms = TermFinder([("high-bandwidth memory", "field"), ("high-bandwidth memory", "named"), ("memory", "chips")])
    assert sorted(terms.every("high-bandwidth memory, memory")) == ["chips", "chips", "field", "named"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chips", 1),
        ("chipset", 0),
        ("microchip", 0),
        ("OpenAI chip", 1),
        ("AI芯片", 1),
        ("chip芯", 1),
        ("CPUs and GPUs", 2),
        ("CHIP", 1),
        ("chip-maker", 1),
        ("process processes", 2),
    ],
)
def test_english_terms_match_whole_words_and_their_plurals(text: str, found: int) -> None:
    terms = finder(g="chip,cpu,gpu,process,ai chip,芯片")
    assert len(list(terms.find(fold(text)))) == found


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("bias = ", "x.toml"),
        (f"{GROUP}en = []\nzh = []\n{ENTITIES}", "bias must be a number"),
        (f"bias = 0\n{GROUP}en = []\n{ENTITIES}", "group g must have"),
        (f'bias = 0\n{GROUP}en = ["a", "a"]\nzh = []\n{ENTITIES}', "'a' twice"),
        (f'bias = 0\n{GROUP}en = [" a"]\nzh = []\n{ENTITIES}', "non-empty strings"),
        (
            f'bias = 0\n{GROUP}en = ["a"]\nzh = []\n[group.h]\nlead = 1\nbody = 1\nen = ["A"]\nzh = []\n{ENTITIES}',
            "stands in g and in h",
        ),
        (f"bias = 0\n{GROUP}en = []\nzh = []\n[entities]\nordinary = []\n", "must have consumer, diversified, ordinary"),
        (f"bias = 0\ncolour = 1\n{ENTITIES}", "unknown key 'colour'"),
        (f'bias = 0\n[group.g]\nlead = "1"\nbody = 1\nen = []\nzh = []\n{ENTITIES}', "lead must be a number"),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused_with_the_reason(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        load_field_terms(file)
