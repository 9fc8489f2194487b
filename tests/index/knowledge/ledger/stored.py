"""Stored claims without a store, for the tests of this folder."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from index.store.claims import Days, StoredClaim

DAY = datetime(2023, 5, 1, 9, tzinfo=UTC)
_numbers = count(1)


def stored(
    entity: str = "nvidia-h100",
    attribute: str = "power",
    low: float | None = 700.0,
    unit: str = "w",
    *,
    day: int = 0,
    source: str = "example",
    status: str = "stated",
    cited: tuple[str, ...] = (),
    **values: object,
) -> StoredClaim:
    """A claim that was reported `day` days after 1 May 2023; each is in an article of its own."""
    number = next(_numbers)
    given: dict[str, object] = {
        "key": f"{number:016d}", "field": "text", "start": 0, "end": 1, "written": "x", "high": low, "value_entity": None,
        "value_text": None, "when": None, "qualifier": None, "expected": False, "compared": None, "scope": {}, "event": None,
        "id": number, "article_id": number, "published": DAY + timedelta(days=day), "first_seen": DAY + timedelta(days=day),
    }  # fmt: skip
    given |= values
    return StoredClaim(
        entity_id=entity, attribute=attribute, low=low, unit=unit, source=source, status=status, cited=cited, **given  # type: ignore[arg-type]
    )  # fmt: skip


def milestone(day: int, when: Days, *, expected: bool = True, **values: object) -> StoredClaim:
    """A claim of when Blackwell is to be shipped, reported on a day."""
    return stored("nvidia-b200", "availability", None, "", day=day, when=when, expected=expected, **values)  # type: ignore[arg-type]


def quarter(year: int, number: int) -> Days:
    last = date(year + (number == 4), 1 if number == 4 else 3 * number + 1, 1) - timedelta(days=1)
    return date(year, 3 * number - 2, 1).isoformat(), last.isoformat(), "quarter"
