from datetime import UTC, datetime

import pytest

from index.knowledge.reading import Reading
from index.retrieval.query import ParsedQuery, QueryContext, parse_query

KNOWN = {"custom", "chip", "price", "month", "suppli"}
CONTEXT = QueryContext(
    now=datetime(2023, 11, 22, tzinfo=UTC),
    sources={"export-desk": "Export Desk", "jingyuan-biji": "晶圆笔记"},
    occurs=lambda term: term in KNOWN,
)


@pytest.fixture
def read(reading: Reading):  # type: ignore[no-untyped-def]  # the callable's type says nothing more
    return lambda text: parse_query(text, reading, CONTEXT)


def constraints(query: ParsedQuery) -> list[tuple[str, bool]]:
    return [(each.text, each.negative) for each in query.constraints]


@pytest.mark.parametrize("name", ["英伟达", "輝達", "辉达", "NVIDIA", "Nvidia", "nvda", "英偉達"])
def test_a_name_in_any_script_and_spelling_is_one_entity(read, name: str) -> None:  # type: ignore[no-untyped-def]
    assert read(name).entities == ("nvidia",)


def test_a_nickname_is_not_an_entity(read) -> None:  # type: ignore[no-untyped-def]
    assert read("team green").entities == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H100", "H200"),
        ("H100", "H800"),
        ("昇腾910", "昇腾910B"),
        ("MI300A", "MI300X"),
        ("TPU v5e", "TPU v5p"),
        ("A100", "A800"),
    ],
)
def test_identifiers_are_different_entities_and_must_match_exactly(read, one: str, other: str) -> None:  # type: ignore[no-untyped-def]
    first, second = read(one), read(other)
    assert first.entities != second.entities
    assert first.units[0].identifier
    assert second.units[0].identifier


@pytest.mark.parametrize(("typo", "entity"), [("nvdia", "nvidia"), ("micorsoft", "microsoft"), ("hauwei", "huawei")])
def test_a_typo_in_a_name_is_forgiven_and_said(read, typo: str, entity: str) -> None:  # type: ignore[no-untyped-def]
    query = read(f"{typo} chip")
    assert query.entities == (entity,)
    assert query.notes == (f"{typo} is read as {query.embedded.split()[0]}.",)


@pytest.mark.parametrize("text", ["H10O", "H1000 price", "MI30X", "91OB", "custom", "37001"])
def test_a_typo_in_an_identifier_or_a_number_is_not_forgiven(read, text: str) -> None:  # type: ignore[no-untyped-def]
    assert read(text).entities == ()


def test_a_word_that_the_index_knows_is_no_typo(reading: Reading) -> None:
    knows_everything = QueryContext(occurs=lambda term: True)
    assert parse_query("nvdia", reading, knows_everything).entities == ()


def test_what_was_understood_is_said(read) -> None:  # type: ignore[no-untyped-def]
    query = read('輝達 "custom chip" -intel company:microsoft after:2023-11 source:晶圆笔记')
    assert query.reading == ("輝達: NVIDIA · “custom chip” · not intel · company Microsoft · source 晶圆笔记 · from 2023-11-01")
    assert query.after == datetime(2023, 11, 1, tzinfo=UTC)


def test_fields_of_one_name_are_alternatives_and_of_different_names_demands(read) -> None:  # type: ignore[no-untyped-def]
    assert constraints(read("company:nvidia company:amd chip:H100 price")) == [
        ("company NVIDIA or AMD", False), ("chip NVIDIA H100", False),
    ]  # fmt: skip


def test_a_field_with_a_misspelt_name_finds_it(read) -> None:  # type: ignore[no-untyped-def]
    assert constraints(read("company:nvdia chip")) == [("company NVIDIA", False)]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("company:foo chip", "There is no company 'foo' in the catalogue: read as words."),
        ("after:banana chip", "'banana' is not a date."),
        ("lang:fr chip", "There is no language 'fr': en and zh are known."),
        ("source:nowhere chip", "There is no source 'nowhere'."),
    ],
)
def test_a_field_that_cannot_be_read_is_a_note_and_never_an_error(read, text: str, note: str) -> None:  # type: ignore[no-untyped-def]
    query = read(text)
    assert query.notes == (note,)
    assert any("chip" in unit.terms for unit in query.units)


def test_or_makes_one_unit_of_two(read) -> None:  # type: ignore[no-untyped-def]
    query = read("H100 OR H200 price")
    assert [unit.text for unit in query.units] == ["H100 or H200", "price"]
    assert query.units[0].identifier


def test_amounts_are_one_unit_in_any_spelling(read) -> None:  # type: ignore[no-untyped-def]
    found = [read(text).units[0] for text in ("37000美元", "$37,000", "37 thousand dollars")]
    assert len({unit.alternatives for unit in found}) == 1


def test_days_are_one_unit_in_any_spelling(read) -> None:  # type: ignore[no-untyped-def]
    found = [read(text).units for text in ("2022年10月7日", "October 7, 2022", "7 Oct. 2022", "2022-10-07")]
    assert len({units[0].alternatives for units in found}) == 1
    assert {len(units) for units in found} == {1}, "no word of it is asked for by itself"
    assert found[0][0].year == "2022"


@pytest.mark.parametrize(
    ("text", "news"), [("latest HBM", True), ("英伟达 最新", True), ("tsmc this week", True), ("tsmc", False)]
)
def test_a_query_for_news_is_noticed(read, text: str, news: bool) -> None:  # type: ignore[no-untyped-def]
    query = read(text)
    assert query.news is news
    assert "latest" not in [unit.text for unit in query.units]


def test_operators_are_not_embedded_and_names_are_put_right(read) -> None:  # type: ignore[no-untyped-def]
    assert read("micorsoft 芯片 lang:zh -intel").embedded == "Microsoft chip"
    assert read("lang:zh after:2023").embedded == ""


def test_numbers_are_quantities_on_either_side(read) -> None:  # type: ignore[no-untyped-def]
    fields = {each.field for each in read("40,000").units[0].alternatives}
    assert "quantity" in fields
    assert "words" in {each.field for each in read("4万").units[0].alternatives}


def test_whole_senses_of_a_chinese_word_come_before_their_parts(read) -> None:  # type: ignore[no-untyped-def]
    [unit] = read("中东").units
    worth = {way.terms: way.boost for way in unit.alternatives if way.field == "words"}
    assert worth["middl", "east"] > worth[("middl",)]
    assert ("middl",) in worth


@pytest.mark.parametrize(
    ("text", "asks"), [("141 GB GPU", True), ("8,960 chips", True), ("export rules 2023", False), ("GPU", False)]
)
def test_a_number_is_a_figure_unless_it_is_a_year(read, text: str, asks: bool) -> None:  # type: ignore[no-untyped-def]
    assert read(text).figures is asks
