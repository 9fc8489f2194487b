"""What makes a story matter, and what must not."""

from index.digest.importance import Known, importance
from index.knowledge.reading import Reading
from index.store.claims import StoredClaim


def claim(key: str, high: float | None = None, unit: str = "") -> StoredClaim:
    nothing = (None, None, None, None)
    return StoredClaim(
        key, "nvidia", "revenue", "text", 0, 1, "x", high, high, unit, *nothing, "stated", False, (), None, {}, None
    )


def weigh(
    reading: Reading, outlets: dict[str, str], copies: int = 0, new: int = 0, money: float | None = None, about: str = "nvidia"
) -> float:
    claims = [claim(str(n)) for n in range(new)] + ([claim("money", money, "USD")] if money else [])
    known = Known({about: 1.0}, {"nvidia": 1.0, "aspeed": 0.05}, claims, [])
    return sum(importance(outlets, copies, ["en"], 2000, known, reading.catalogue).values())


def test_independent_reports_count_and_copies_hardly_do(reading: Reading) -> None:
    alone = weigh(reading, {"a": "press"})
    copied = weigh(reading, {"a": "press"}, copies=10)
    independent = weigh(reading, {"a": "press", "b": "press", "c": "press"})
    assert alone < copied < independent


def test_an_agency_weighs_more_than_an_aggregator(reading: Reading) -> None:
    assert weigh(reading, {"a": "agency"}) > weigh(reading, {"a": "press"}) > weigh(reading, {"a": "aggregator"})


def test_who_it_is_about_counts(reading: Reading) -> None:
    assert weigh(reading, {"a": "press"}, about="nvidia") > weigh(reading, {"a": "press"}, about="aspeed")


def test_what_is_new_counts_and_large_sums_do(reading: Reading) -> None:
    assert weigh(reading, {"a": "press"}) < weigh(reading, {"a": "press"}, new=3)
    small, large = weigh(reading, {"a": "press"}, money=5e6), weigh(reading, {"a": "press"}, money=2e10)
    assert large - small > 0.9


def test_a_flood_of_figures_does_not_drown_everything(reading: Reading) -> None:
    assert weigh(reading, {"a": "press"}, new=200, money=1e15) < weigh(reading, {str(n): "press" for n in range(30)}, new=3) + 4


def test_the_parts_are_named_and_none_is_negative(reading: Reading) -> None:
    parts = importance({}, 0, [], 0, Known({}, {}, [], []), reading.catalogue)
    assert set(parts) >= {"independent reports", "new claims", "what it is about", "size of figures"}
    assert min(parts.values()) == 0


def event(reading: Reading, kinds: dict[str, float], odds: float = 6.0, about: str = "nvidia-h100") -> float:
    known = Known({about: 1.0}, {about: 0.5}, [], [], odds, kinds)
    return sum(importance({"a": "press"}, 0, ["en"], 2000, known, reading.catalogue).values())


def test_a_government_that_acts_stands_above_a_telephone_on_sale(reading: Reading) -> None:
    assert event(reading, {"policy": 1.0}) > event(reading, {}) > event(reading, {"sale": 1.0})


def test_what_is_clearly_of_the_field_stands_above_what_is_hardly(reading: Reading) -> None:
    assert event(reading, {}, odds=8.0) > event(reading, {}, odds=2.0) > event(reading, {}, odds=-5.0)
    assert event(reading, {}, odds=8.0) == event(reading, {}, odds=80.0)


def test_a_new_accelerator_stands_above_a_new_graphics_card(reading: Reading) -> None:
    product = {"product": 1.0}
    assert event(reading, product) - event(reading, {}) > event(reading, product, about="nvidia-rtx-4090") - event(
        reading, {}, about="nvidia-rtx-4090"
    )


def test_many_kinds_of_events_hardly_count_more_than_the_best(reading: Reading) -> None:
    every = dict.fromkeys(("policy", "results", "supply", "deals", "demand"), 1.0)
    assert event(reading, {"policy": 1.0}) < event(reading, every) < event(reading, {"policy": 1.0}) + 2
