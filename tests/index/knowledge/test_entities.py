"""The catalogue: large enough for an analyst, every entry whole, every name found, ids of the contract kept."""

import re
from collections import Counter
from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.entities import FOLDER, load_catalogue, read_catalogue
from index.knowledge.linker import Linker
from index.knowledge.names import MISPRINT, named, spellings
from index.text.tokens import has_han

CATALOGUE = load_catalogue()


def test_the_catalogue_is_large_enough_and_named_in_three_scripts() -> None:
    kinds = Counter(entity.kind for entity in CATALOGUE.by_id.values())
    assert kinds["company"] + kinds["organisation"] >= 600
    assert kinds["chip"] + kinds["system"] + kinds["technology"] + kinds["software"] + kinds["policy"] >= 900
    assert kinds["chip"] >= 400
    companies = [e for e in CATALOGUE.by_id.values() if e.kind == "company"]
    assert sum(any(has_han(name) for name in e.surfaces) for e in companies) >= 300
    assert sum(e.zh_hant is not None for e in CATALOGUE.by_id.values()) >= 150


@pytest.mark.parametrize(
    "entity_id",
    ["nvidia", "microsoft", "tsmc", "nvidia-h100", "microsoft-athena", "google-tpu-v4", "aws-trainium2", "huawei-ascend-910b"],
)
def test_ids_of_the_contract_are_there(entity_id: str) -> None:
    assert CATALOGUE.get(entity_id) is not None


@pytest.mark.parametrize(
    ("name", "entity_id"),
    [
        ("輝達", "nvidia"), ("辉达", "nvidia"), ("台積電", "tsmc"), ("聯發科", "mediatek"), ("艾司摩爾", "asml"),
        ("蘇姿丰的超微", "amd"),
        ("鴻海", "foxconn"), ("廣達電腦", "quanta"), ("緯穎", "wiwynn"), ("昇腾910C", "huawei-ascend-910c"),
        ("长鑫存储", "cxmt"),
        ("H20", "nvidia-h20"), ("MI455X", "amd-mi455x"), ("TPU v5p", "google-tpu-v5p"), ("Trainium3", "aws-trainium3"),
        ("Maia 200", "microsoft-maia-200"), ("SoIC", "soic"), ("HBM4E", "hbm4e"), ("UALink", "ualink"), ("CANN", "huawei-cann"),
        ("AI Diffusion Rule", "ai-diffusion-rule"), ("镓锗出口管制", "gallium-germanium-controls"),
        ("SemiAnalysis", "semianalysis"),
        ("New Street Research", "new-street-research"), ("集邦咨询", "trendforce"), ("KLA", "kla"), ("长电科技", "jcet"),
        ("Rapidus", "rapidus"), ("Wistron", "wistron"), ("壁仞科技", "biren"), ("NVL72 of the GB200", "nvidia-gb200-nvl72"),
    ],
)  # fmt: skip
def test_an_analyst_finds_what_news_names(name: str, entity_id: str, linker: Linker) -> None:
    assert entity_id in {mention.id for mention in linker.find(name)}


@pytest.mark.parametrize("entity", CATALOGUE.by_id.values(), ids=lambda entity: entity.id)
def test_every_entity_has_a_note_with_a_source_and_is_found_by_its_unambiguous_names(entity, linker) -> None:  # type: ignore[no-untyped-def]
    assert entity.note
    assert entity.source
    assert entity.kind != "chip" or entity.maker or entity.parent, "a chip is made by someone"
    assert entity.wikidata is None or re.fullmatch(r"Q[1-9]\d*", entity.wikidata)
    assert not set(entity.context) & set(entity.against), "one word cannot speak for and against"
    for surface in entity.surfaces:
        if surface not in entity.doubtful:
            assert entity.id in {mention.id for mention in linker.find(surface)}, surface
        else:
            assert entity.id in {mention.id for mention in linker.find(surface, guess=True)} | _others(surface), surface


def _others(surface: str) -> set[str]:
    """Entities that share a doubtful name: which of them stands first is a matter of context."""
    sharing = [e.id for e in CATALOGUE.by_id.values() if {*map(str.lower, e.surfaces)} & {surface.lower()}]
    return (
        set(sharing) if len(sharing) > 1 or surface in {short for e in CATALOGUE.by_id.values() for short in e.short} else set()
    )


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(CATALOGUE)


def test_no_sure_name_belongs_to_two_entities() -> None:
    owners: dict[str, set[str]] = {}
    for entity in CATALOGUE.by_id.values():
        for surface in set(entity.surfaces) - entity.doubtful:
            for spelling in spellings(surface):
                owners.setdefault(spelling, set()).add(entity.id)
    assert {spelling: ids for spelling, ids in owners.items() if len(ids) > 1} == {}


def test_no_wikidata_item_stands_for_two_entities() -> None:
    items = Counter(entity.wikidata for entity in CATALOGUE.by_id.values() if entity.wikidata)
    assert [item for item, times in items.items() if times > 1] == []
    assert len(items) >= 40


def test_a_misprint_is_no_name_of_anything_else() -> None:
    names, _ = named(CATALOGUE)
    wrong = [name for known in names.values() if {each.standing for each in known} > {MISPRINT} for name in known]
    assert wrong == []


def test_successors_lead_forward_and_end() -> None:
    for entity in CATALOGUE.by_id.values():
        seen = {entity.id}
        following = entity.successor
        while following is not None:
            assert following not in seen, f"{entity.id} comes after itself"
            seen.add(following)
            following = CATALOGUE.by_id[following].successor


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('id = "A"\nkind = "chip"\nname = "A"', "slug"),
        ('id = "a"\nkind = "tree"\nname = "A"', "kind 'tree'"),
        ('id = "a"\nkind = "chip"', "lacks 'name'"),
        ('id = "a"\nkind = "chip"\nname = "A"\ncolour = "red"', "unknown key 'colour'"),
        ('id = "a"\nkind = "chip"\nname = "A"\nmaker = "nobody"', "is no entity"),
        ('id = "a"\nkind = "chip"\nname = "A"\nparent = "a"', "its own parent"),
        ('id = "a"\nkind = "chip"\nname = "A"\nambiguous = ["B"]', "none of its names"),
        ('id = "a"\nkind = "chip"\nname = "A"\nambiguous = ["A"]', "no context"),
        ('id = "a"\nkind = "chip"\nname = "A"\ncodenames = ["B"]', "no context"),
        ('id = "a"\nkind = "chip"\nname = "A"\ncontext = ["c"]\nambiguous = ["A"]\nusual = ["A"]', "ambiguous and usual"),
        ('id = "a"\nkind = "chip"\nname = "A"\ncontext = ["c"]\nmisprints = ["A"]', "a name and a misprint"),
        ('id = "a"\nkind = "chip"\nname = "A"\nwikidata = "182477"', "no item such as Q182477"),
        ('id = "a"\nkind = "chip"\nname = "A"\naliases = [7]', "list of non-empty strings"),
        ('id = "a"\nkind = "chip"\nname = "A"\naliases = ["B", "B"]', "an entry twice"),
        ("broken =", "x.toml"),
    ],
)
def test_an_entry_that_breaks_the_schema_is_named(tmp_path: Path, entry: str, why: str) -> None:
    (tmp_path / "x.toml").write_text(f"[[entity]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        load_catalogue(tmp_path)


def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('# head\n\n[[entity]]\nid = "a"\nkind = "chip"\nname = "A"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text(
        '[[entity]]\nid = "a"\nkind = "chip"\nname = "A"\n\n[[entity]]\nid = "b"\nkind = "x"\nname = "B"\n'
    )
    problems: list = []  # type: ignore[type-arg]
    assert [entity.id for _, _, entity in read_catalogue(tmp_path, problems)] == ["a"]
    assert [str(problem) for problem in problems] == [
        "b.toml, line 1: the id 'a' is used twice, first in a.toml, line 3.",
        "b.toml, line 8: 'b': kind 'x' is none of company, organisation, chip, system, technology, software, policy.",
    ]


def test_families_reach_over_generations() -> None:
    assert "hbm3e" in CATALOGUE.family_of("hbm")
    assert {"google-tpu-v4", "google-tpu-v5p"} <= set(CATALOGUE.family_of("google-tpu"))


def test_every_file_says_what_it_holds() -> None:
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in FOLDER.glob("*.toml"))
