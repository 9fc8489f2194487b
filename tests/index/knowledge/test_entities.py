from collections import Counter
from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.entities import load_catalogue
from index.knowledge.linker import Linker
from index.knowledge.names import spellings
from index.text.tokens import has_han

CATALOGUE = load_catalogue()


def test_the_catalogue_is_large_enough_and_named_in_three_scripts() -> None:
    kinds = Counter(entity.kind for entity in CATALOGUE.by_id.values())
    assert kinds["company"] >= 60
    assert kinds["chip"] >= 120
    companies = [e for e in CATALOGUE.by_id.values() if e.kind == "company"]
    assert sum(e.zh is not None for e in companies) >= 60
    assert sum(any(has_han(name) for name in e.surfaces) for e in CATALOGUE.by_id.values()) >= 150


@pytest.mark.parametrize(
    "entity_id",
    ["nvidia", "microsoft", "tsmc", "nvidia-h100", "microsoft-athena", "google-tpu-v4", "aws-trainium2", "huawei-ascend-910b"],
)
def test_ids_of_the_contract_are_there(entity_id: str) -> None:
    assert CATALOGUE.get(entity_id) is not None


@pytest.mark.parametrize("entity", CATALOGUE.by_id.values(), ids=lambda entity: entity.id)
def test_every_entity_has_a_note_with_a_source_and_is_found_by_its_unambiguous_names(entity, linker) -> None:  # type: ignore[no-untyped-def]
    assert entity.note
    assert entity.source
    assert entity.kind != "chip" or entity.maker or entity.parent, "a chip is made by someone"
    for surface in entity.surfaces:
        if surface not in entity.ambiguous:
            assert entity.id in {mention.id for mention in linker.find(surface)}, surface


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(CATALOGUE)


def test_no_sure_name_belongs_to_two_entities() -> None:
    owners: dict[str, set[str]] = {}
    for entity in CATALOGUE.by_id.values():
        for surface in set(entity.surfaces) - set(entity.ambiguous):
            for spelling in spellings(surface):
                owners.setdefault(spelling, set()).add(entity.id)
    assert {spelling: ids for spelling, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('id = "A"\nkind = "chip"\nname = "A"', "slug"),
        ('id = "a"\nkind = "tree"\nname = "A"', "kind 'tree'"),
        ('id = "a"\nkind = "chip"', "lacks 'name'"),
        ('id = "a"\nkind = "chip"\nname = "A"\ncolour = "red"', "unknown key 'colour'"),
        ('id = "a"\nkind = "chip"\nname = "A"\nmaker = "nobody"', "is no entity"),
        ('id = "a"\nkind = "chip"\nname = "A"\nambiguous = ["B"]', "none of its names"),
        ('id = "a"\nkind = "chip"\nname = "A"\nambiguous = ["A"]', "no context"),
        ('id = "a"\nkind = "chip"\nname = "A"\naliases = [7]', "list of non-empty strings"),
        ("broken =", "x.toml"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_named(tmp_path: Path, entry: str, why: str) -> None:
    (tmp_path / "x.toml").write_text(f"[[entity]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        load_catalogue(tmp_path)
