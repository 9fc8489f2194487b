from index.knowledge.ledger.entries import entries
from index.knowledge.ledger.reliability import reliability
from index.knowledge.ledger.rumours import Rumour, Step
from tests.index.knowledge.ledger.stored import DAY, stored


def rumour(state: str, *origins: str) -> Rumour:
    claims = [stored(day=n, status="reported", cited=(origin,)) for n, origin in enumerate(origins)]
    return Rumour(entries(claims)[0], (Step(state, DAY.date(), None),))


def test_an_outlet_has_counts_behind_its_record() -> None:
    told = [rumour("confirmed", "the-information")] * 4 + [
        rumour("denied", "the-information", "digitimes"),
        rumour("corroborated", "digitimes"),
    ]
    first, second = reliability(told)
    assert (first.origin, first.confirmed, first.denied, first.expired, first.open, first.first) == (
        "the-information",
        4,
        1,
        0,
        0,
        5,
    )
    assert (second.origin, second.denied, second.open, second.first) == ("digitimes", 1, 1, 1)
    assert (first.right, second.right) == (0.8, None)  # too few of the second's are decided


def test_the_company_is_no_outlet() -> None:
    word = Rumour(entries([stored(status="announced", cited=("nvidia",))])[0], (Step("confirmed", DAY.date(), None),))
    assert reliability([word]) == []
