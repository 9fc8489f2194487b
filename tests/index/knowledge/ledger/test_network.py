from datetime import date

from index.knowledge.ledger.network import ties
from index.store.claims import StoredClaim
from tests.index.knowledge.ledger.stored import stored


def made(maker: str, day: int, **values: object) -> StoredClaim:
    return stored("google-tpu-v4", "maker", None, "", day=day, value_entity=maker, **values)  # type: ignore[arg-type]


def test_a_tie_has_its_sentences_and_since_when_it_is_said_to_hold() -> None:
    [tie] = ties([made("tsmc", 3), made("tsmc", 0, scope={"region": "china"})], ["maker"])
    assert (tie.subject_id, tie.relation, tie.object_id, tie.entry.articles) == ("google-tpu-v4", "maker", "tsmc", 2)
    assert (tie.since, tie.last, tie.ended, tie.expected) == (date(2023, 5, 1), date(2023, 5, 4), None, False)


def test_an_event_dates_a_tie_and_a_denial_ends_it() -> None:
    begun = made("tsmc", 3, event=("2020-01-01", "2020-12-31", "year"))
    [tie] = ties([begun, made("tsmc", 90, status="denied")], ["maker"])
    assert (tie.since, tie.ended) == (date(2020, 1, 1), date(2023, 7, 30))


def test_plans_alone_are_an_expected_tie() -> None:
    assert ties([made("samsung", 0, expected=True)], ["maker"])[0].expected
    assert not ties([made("samsung", 0, expected=True), made("samsung", 9)], ["maker"])[0].expected


def test_only_relations_make_ties() -> None:
    assert ties([stored(), made("tsmc", 0)], ["customer"]) == []
