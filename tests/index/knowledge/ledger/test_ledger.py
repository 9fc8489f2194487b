from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from index.errors import NotFound, UsageError
from index.knowledge.ledger.ledger import Ledger
from index.knowledge_base import KnowledgeBase
from index.store.claims import ClaimFilter
from tests.conftest import DGX, MAIA, MAIA_ZH, NOW, article

ATHENA = article(
    "Microsoft said to design its own AI chip",
    "Microsoft is developing an AI chip code-named Athena, The Information reported on April 18.",
    published=datetime(2023, 4, 19, 9, tzinfo=UTC),
    source="portal",
)
ATHENA_ZH = article(
    "微软自研芯片雅典娜曝光",
    "据The Information报道，微软正在研发代号“雅典娜”的AI芯片。",
    published=datetime(2023, 4, 20, 9, tzinfo=UTC),
    source="zhan",
)
POWER = article("Gaudi 3 at 900 watts", "Intel said Gaudi 3 draws 900 watts. Gaudi 3 is made by TSMC.")
OTHER_POWER = article("Gaudi 3 in detail", "Gaudi 3 draws 600 watts, as its data sheet has it.", source="other")


@pytest.fixture
def ledger(writer: KnowledgeBase) -> Ledger:
    writer.ingest([DGX, MAIA, MAIA_ZH, ATHENA, ATHENA_ZH, POWER, OTHER_POWER], NOW)
    writer.refresh(NOW)
    return Ledger(writer.store, writer.reading)


def attributes(ledger: Ledger, entity: str, **options: object) -> set[str]:
    return {entry.attribute for entry in ledger.claims(entity, **options)}  # type: ignore[arg-type]


def test_two_languages_that_repeat_one_report_are_two_articles_and_one_origin(ledger: Ledger) -> None:
    [entry] = [e for e in ledger.claims("microsoft-athena") if (e.attribute, e.lead.value_entity) == ("developer", "microsoft")]
    assert (entry.articles, entry.origins) == (2, ("the-information",))
    assert [claim.lang for claim in entry.claims] == ["en", "zh"]
    assert all(claim.quote in (ATHENA.text, ATHENA_ZH.text) for claim in entry.claims)


def test_what_is_claimed_of_its_products_is_the_companys_too(ledger: Ledger) -> None:
    assert "rental-price" in attributes(ledger, "nvidia")
    assert "rental-price" not in attributes(ledger, "nvidia", alone=True)


def test_a_filter_with_an_attribute_that_does_not_exist_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="no attribute 'colour'"):
        ledger.claims("nvidia", ClaimFilter(attributes=("colour",)))


def test_conflicts_have_their_sentences_side_by_side(ledger: Ledger) -> None:
    [conflict] = ledger.conflicts("intel-gaudi3")[0]
    assert {(side.lead.low, side.lead.source) for side in conflict.sides} == {(900.0, "example"), (600.0, "other")}


def test_a_rumour_of_one_entity_and_the_record_of_who_told_it(ledger: Ledger) -> None:
    [rumour] = [r for r in ledger.rumours("microsoft-athena", date(2023, 6, 1)) if r.entry.attribute == "developer"]
    assert (rumour.state, rumour.origins) == ("reported", ("the-information",))
    [record] = [r for r in ledger.reliability(date(2025, 6, 1)) if r.origin == "the-information"]
    assert record.expired >= 1


def test_ties_are_seen_from_both_ends(ledger: Ledger) -> None:
    made = ("microsoft-maia-100", "maker", "tsmc")
    for end in ("microsoft-maia-100", "tsmc"):
        [tie] = [t for t in ledger.relations(end) if (t.subject_id, t.relation, t.object_id) == made]
        assert tie.entry.articles == 2


def test_the_timeline_has_the_day_of_the_event_not_of_the_report(ledger: Ledger) -> None:
    [moment] = [m for m in ledger.timeline("microsoft-athena") if m.entry.attribute == "developer"]
    assert (moment.first, moment.reported) == ("2023-04-18", date(2023, 4, 19))


def test_the_roadmap_holds_what_is_promised(ledger: Ledger) -> None:
    [found] = [m for m in ledger.roadmap("microsoft-maia-100") if m.attribute == "deployment"]
    assert found.promises[0].when[0].startswith("2024-01")
    assert not found.reached


def test_a_wrong_claim_stays_gone_whatever_is_read_again_until_the_correction_is_undone(
    writer: KnowledgeBase, ledger: Ledger
) -> None:
    [wrong] = [claim for claim in ledger.article(7) if claim.attribute == "power"]
    decision = ledger.mark_wrong(wrong.id, NOW, "a misprint")
    assert ledger.conflicts("intel-gaudi3") == ([], [])
    ledger.reprocess(lambda *_: None, everything=True)
    writer.ingest([replace(OTHER_POWER, title="Gaudi 3 in more detail")], NOW)
    writer.refresh(NOW, rebuild=True)
    assert [claim for claim in ledger.article(7) if claim.attribute == "power"] == []
    assert [(each.id, each.note) for each in ledger.corrections()] == [(decision.id, "a misprint")]
    ledger.undo(decision.id, NOW)
    assert [claim.low for claim in ledger.article(7) if claim.attribute == "power"] == [600.0]
    assert ledger.corrections() == []


def test_a_changed_claim_survives_reading_again_and_says_who_decided(ledger: Ledger) -> None:
    [claim] = [claim for claim in ledger.article(7) if claim.attribute == "power"]
    decision = ledger.change(claim.id, {"low": 900}, NOW)
    ledger.reprocess(lambda *_: None, everything=True)
    [entry] = [entry for entry in ledger.claims("intel-gaudi3") if entry.attribute == "power"]
    assert (entry.articles, {each.decision_id for each in entry.claims}) == (2, {None, decision.id})


def test_what_is_not_there_cannot_be_corrected(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="no claim 999"):
        ledger.mark_wrong(999, NOW)
    with pytest.raises(NotFound, match="no correction 999"):
        ledger.undo(999, NOW)


def test_the_ledger_tells_its_size_and_what_is_left_to_read_again(ledger: Ledger) -> None:
    size, stale = ledger.size()
    assert size == len(list(ledger.everything())) > 10
    assert stale == 0


def test_the_latest_claims_are_those_of_the_whole_list(ledger: Ledger) -> None:
    every = ledger.claims("microsoft")
    latest, number = ledger.latest("microsoft", 3)
    assert [entry.key for entry in latest[:3]] == [entry.key for entry in every[:3]]
    assert [entry.articles for entry in latest[:3]] == [entry.articles for entry in every[:3]]
    assert number >= len(every) > 3
