"""Names in every spelling that texts use."""

import pytest

from index.knowledge.entities import Catalogue, Entity
from index.knowledge.names import AMBIGUOUS, MISPRINT, SURE, flattened, named, spellings


@pytest.mark.parametrize(
    ("surface", "expected"),
    [
        ("TPU v4", {"tpu v4", "tpuv4"}),
        ("昇腾 910B", {"升腾 910b", "升腾910b"}),
        ("昇騰910B", {"升腾 910b", "升腾910b"}),
        ("Meta AI", {"meta ai"}),
        ("CoWoS-L", {"cowos l"}),
        ("H100", {"h100"}),
        ("HBM3 Gen2", {"hbm3 gen2", "hbm3gen2"}),
    ],
)
def test_pieces_are_joined_where_people_join_them(surface: str, expected: set[str]) -> None:
    assert spellings(surface) == expected


def test_flattening_keeps_every_character_in_its_place() -> None:
    assert flattened("cowos-l 和 h100-nvl") == "cowos l 和 h100 nvl"


def test_names_know_how_they_stand() -> None:
    entity = Entity(
        "acme",
        "company",
        "Acme",
        aliases=("Zenith", "昇腾"),
        ambiguous=("Zenith",),
        context=("chip",),
        hidden_by=("Zenith Bank",),
        misprints=("Amce",),
    )
    names, hidden = named(Catalogue([entity]))
    assert {spelling: [each.standing for each in each_of] for spelling, each_of in names.items()} == {
        "acme": [SURE], "zenith": [AMBIGUOUS], "升腾": [SURE], "amce": [MISPRINT],
    }  # fmt: skip
    assert hidden == {"zenith bank"}


def test_a_doubtful_variant_of_a_sure_name_counts_only_as_written() -> None:
    entity = Entity(
        "a",
        "chip",
        "Intel",
        aliases=("intel", "升腾", "昇腾"),
        cased=("Intel",),
        ambiguous=("intel", "升腾"),
        context=("c",),
        maker="a",
    )
    names, _ = named(Catalogue([entity]))
    assert {(each.surface, each.standing, each.written) for each in names["intel"]} == {
        ("Intel", SURE, None),
        ("intel", AMBIGUOUS, "intel"),
    }
    assert {(each.surface, each.written) for each in names["升腾"]} == {("升腾", "升腾"), ("昇腾", None)}
