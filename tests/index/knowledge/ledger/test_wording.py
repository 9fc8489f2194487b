import pytest

from index.knowledge.ledger.wording import condition_words, days_words, origin_words, status_words, value_words
from tests.index.knowledge.ledger.stored import quarter, stored

NAMES = {"nvidia": "NVIDIA", "nvidia-a100": "NVIDIA A100", "the-information": "The Information"}


def name_of(entity: str) -> str:
    return NAMES.get(entity, entity)


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (750.0, 750.0, "w", "750 W"),
        (5e6, 5e6, "w", "5 MW"),
        (141e9, 141e9, "b", "141 GB"),
        (4.8e12, 4.8e12, "b/s", "4.8 TB/s"),
        (1.3e15, 1.3e15, "flops", "1.3 PFLOPS"),
        (37_000.0, 37_000.0, "usd", "$37,000"),
        (18.4e9, 18.4e9, "usd", "$18.4 billion"),
        (-250e6, -250e6, "usd", "-$250 million"),
        (30_000.0, 40_000.0, "usd", "$30,000 to $40,000"),
        (53.2e9, 53.2e9, "cny", "53.2 billion yuan"),
        (95.0, 95.0, "%", "95 %"),
        (1.7, 1.7, "x", "1.7×"),
        (1.0, 1.0, "chip", "1 chip"),
        (350_000.0, 350_000.0, "chip", "350,000 chips"),
        (80e9, 80e9, "transistor", "80 billion transistors"),
        (814.0, 814.0, "mm2", "814 mm2"),
    ],
)
def test_figures_are_said_in_the_size_and_sign_of_their_unit(low: float, high: float, unit: str, words: str) -> None:
    assert value_words(stored(low=low, high=high, unit=unit), name_of) == words


def test_hedge_rate_and_what_it_is_compared_with_are_part_of_the_value() -> None:
    assert value_words(stored(low=7e5, unit="usd", qualifier="up to", scope={"per": "day"}), name_of) == "up to $700,000 a day"
    assert value_words(stored(low=1.7, unit="x", compared="nvidia-a100"), name_of) == "1.7×, against NVIDIA A100"


def test_a_value_may_be_a_name_a_time_or_words() -> None:
    assert value_words(stored(low=None, value_entity="nvidia"), name_of) == "NVIDIA"
    assert value_words(stored(low=None, when=quarter(2024, 2)), name_of) == "2024-Q2"
    assert value_words(stored(low=None, value_text="for China"), name_of) == "for China"


def test_periods_have_the_names_that_people_give_them() -> None:
    days = [
        ("2023-04-19", "2023-04-19", "day"),
        ("2023-04-01", "2023-04-30", "month"),
        ("2024-07-01", "2024-12-31", "half"),
        ("2024-01-01", "2024-12-31", "year"),
        ("2024-12-01", "2024-12-31", "part"),
    ]
    assert [days_words(each) for each in days] == ["2023-04-19", "2023-04", "2024-H2", "2024", "2024-12-01 to 2024-12-31"]


def test_who_stands_behind_a_claim_is_said_and_whether_it_is_yet_to_come() -> None:
    assert status_words(stored(status="reported", cited=("the-information",)), name_of) == "reported by The Information"
    assert (
        status_words(stored(status="announced", cited=("nvidia",), expected=True), name_of) == "announced by NVIDIA, expected"
    )
    assert condition_words(stored(scope={"precision": "fp8", "per": "day"}), name_of) == "precision fp8"
    assert [origin_words(each, name_of) for each in ("company:nvidia", "the-information", "blog")] == [
        "NVIDIA itself",
        "The Information",
        "blog",
    ]
