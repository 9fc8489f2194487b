from datetime import date, timedelta

from index.knowledge.ledger.rumours import Rumour, rumours
from index.store.claims import StoredClaim
from tests.index.knowledge.ledger.stored import DAY, milestone, quarter, stored

MAKERS = {"microsoft-athena": frozenset({"microsoft"}), "nvidia-b200": frozenset({"nvidia"})}


def athena(day: int, status: str, *cited: str, **values: object) -> StoredClaim:
    given = {"value_entity": "microsoft"} | values
    return stored("microsoft-athena", "developer", None, "", day=day, status=status, cited=cited, **given)  # type: ignore[arg-type]


def life(*claims: StoredClaim, after: int = 30) -> list[tuple[str, int]]:
    [rumour] = rumours(claims, MAKERS, DAY.date() + timedelta(days=after))
    return [(step.state, (step.day - DAY.date()).days) for step in rumour.steps]


def test_a_report_is_a_rumour_until_somebody_else_has_it_too() -> None:
    first = athena(0, "reported", "the-information")
    assert life(first) == [("reported", 0)]
    assert life(first, athena(1, "reported", "the-information", source="repeats")) == [("reported", 0)]
    assert life(first, athena(5, "reported", "reuters")) == [("reported", 0), ("corroborated", 5)]


def test_the_company_confirms_or_denies() -> None:
    first = athena(0, "reported", "the-information")
    assert life(first, athena(9, "announced", "microsoft")) == [("reported", 0), ("confirmed", 9)]
    assert life(first, athena(9, "denied", "microsoft")) == [("reported", 0), ("denied", 9)]


def test_another_company_can_do_neither() -> None:
    assert life(athena(0, "reported", "the-information"), athena(9, "announced", "amd")) == [("reported", 0)]


def test_what_the_company_said_first_is_no_rumour() -> None:
    claims = [athena(0, "announced", "microsoft"), athena(3, "reported", "reuters")]
    assert rumours(claims, MAKERS, date(2023, 6, 1)) == []


def test_a_rumour_expires_a_year_after_it_was_last_told_or_a_quarter_after_its_date() -> None:
    assert life(athena(0, "reported", "the-information"), after=364) == [("reported", 0)]
    assert life(athena(0, "reported", "the-information"), after=367)[-1][0] == "expired"
    promised = milestone(0, quarter(2023, 3), status="reported", cited=("digitimes",))
    assert life(promised, after=200) == [("reported", 0)]
    assert life(promised, after=260)[-1][0] == "expired"


def test_origins_of_a_rumour_are_told() -> None:
    [rumour] = rumours([athena(0, "reported", "the-information"), athena(2, "reported", "reuters")], MAKERS, date(2023, 6, 1))
    assert isinstance(rumour, Rumour)
    assert (rumour.origins, rumour.state) == (("the-information", "reuters"), "corroborated")
