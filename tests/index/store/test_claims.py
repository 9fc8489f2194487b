from index.knowledge_base import KnowledgeBase
from index.store.claims import (
    ClaimFilter,
    ClaimRow,
    all_claims,
    claim_by_id,
    claims_of,
    claims_of_article,
    count_claims,
    count_stale,
    save_claims,
    stale_articles,
)
from tests.conftest import DGX, MAIA, NOW


def row(key: str = "k1", start: int = 0, end: int = 10, **values: object) -> ClaimRow:
    given: dict[str, object] = {
        "key": key, "entity_id": "nvidia-dgx", "attribute": "rental-price", "field": "text", "start": start, "end": end,
        "written": "$36,999", "low": 36_999.0, "high": 36_999.0, "unit": "usd", "value_entity": None, "value_text": None,
        "when": None, "qualifier": "at least", "status": "stated", "expected": False, "cited": (), "compared": None,
        "scope": {"per": "month"}, "event": None, "parties": (("nvidia-dgx", "subject"),),
    }  # fmt: skip
    return ClaimRow(**{**given, **values})  # type: ignore[arg-type]


def fill(writer: KnowledgeBase, *rows: ClaimRow, article: int = 1, rules: str = "r1") -> None:
    with writer.store.atomic():
        save_claims(writer.store, article, rows, rules)


def test_a_claim_comes_back_as_it_was_stored_with_its_quote_cut_from_the_article(writer: KnowledgeBase) -> None:
    writer.ingest([DGX], NOW)
    when = ("2023-04-01", "2023-06-30", "quarter")
    fill(writer, row(start=8, end=16, when=when, event=when, cited=("nvidia", "某人"), compared="nvidia-a100"))
    [claim] = claims_of_article(writer.store, 1)
    assert claim.quote == DGX.text[8:16]
    assert (claim.when, claim.event, claim.cited, claim.compared) == (when, when, ("nvidia", "某人"), "nvidia-a100")
    assert (claim.low, claim.unit, claim.scope, claim.expected) == (36_999.0, "usd", {"per": "month"}, False)
    assert (claim.url, claim.source, claim.published) == (DGX.url, DGX.source, DGX.published)
    assert claim_by_id(writer.store, claim.id) == claim
    assert claim_by_id(writer.store, claim.id + 1) is None


def test_a_claim_that_is_read_again_keeps_its_id(writer: KnowledgeBase) -> None:
    writer.ingest([DGX], NOW)
    fill(writer, row("k1"), row("k2"))
    before = {claim.key: claim.id for claim in claims_of_article(writer.store, 1)}
    fill(writer, row("k2", start=1), row("k3"))
    after = {claim.key: claim.id for claim in claims_of_article(writer.store, 1)}
    assert after["k2"] == before["k2"]
    assert after["k3"] not in before.values()
    assert set(after) == {"k2", "k3"}


def test_claims_are_found_by_who_takes_part_and_in_which_role(writer: KnowledgeBase) -> None:
    writer.ingest([DGX], NOW)
    fill(writer, row(parties=(("nvidia-dgx", "subject"), ("nvidia-a100", "compared"), ("oracle", "involved"))))
    assert [claim.roles for claim in claims_of(writer.store, ["nvidia-a100"], ClaimFilter())] == [("compared",)]
    assert [claim.roles for claim in claims_of(writer.store, ["oracle", "nvidia-dgx"], ClaimFilter())] == [
        ("subject", "involved")
    ]
    assert claims_of(writer.store, ["oracle"], ClaimFilter(roles=("subject", "value"))) == []
    assert claims_of(writer.store, [], ClaimFilter()) == []


def test_filters_narrow_by_attribute_status_source_language_plan_and_day_of_report(writer: KnowledgeBase) -> None:
    writer.ingest([DGX, MAIA], NOW)  # of March and of November 2023
    fill(writer, row("k1"), row("k2", attribute="power", status="reported", expected=True))
    fill(writer, row("k3"), article=2)

    def keys(**wanted: object) -> set[str]:
        wish = ClaimFilter(**wanted)  # type: ignore[arg-type]
        found = {claim.key for claim in claims_of(writer.store, ["nvidia-dgx"], wish)}
        assert found == {claim.key for claim in all_claims(writer.store, wish)}
        return found

    assert keys() == {"k1", "k2", "k3"}
    assert keys(attributes=("power",)) == {"k2"}
    assert keys(statuses=("stated",), sources=("hyperscale",)) == {"k1"}
    assert keys(lang=("zh",)) == set()
    assert keys(expected=True) == {"k2"}
    assert keys(after="2023-11-15") == {"k3"}
    assert keys(before="2023-11-15") == {"k1", "k2"}


def test_claims_go_with_their_article(writer: KnowledgeBase) -> None:
    writer.ingest([DGX, MAIA], NOW)
    fill(writer, row("k1"))
    fill(writer, row("k2"), article=2)
    writer.delete(1)
    assert [claim.key for claim in all_claims(writer.store)] == ["k2"]
    assert count_claims(writer.store) == 1
    assert writer.store.rows("SELECT * FROM claim_party WHERE claim_id NOT IN (SELECT id FROM claim)") == []


def test_articles_that_other_rules_read_or_nobody_are_stale(writer: KnowledgeBase) -> None:
    writer.ingest([DGX, MAIA], NOW)
    fill(writer, row(), rules="r1")
    assert (stale_articles(writer.store, "r1", 0, 10), count_stale(writer.store, "r1")) == ([2], 1)
    assert (stale_articles(writer.store, "r2", 0, 10), count_stale(writer.store, "r2")) == ([1, 2], 2)
    assert stale_articles(writer.store, "r2", 1, 10) == [2]
