from datetime import date

import pytest

from index.knowledge.claims.periods import months, resolve
from index.knowledge.claims.times import find_times
from index.text.fold import fold


def label(text: str, written: date, future: bool | None = None) -> str | None:
    [mark] = find_times(text, fold(text))
    period = resolve(mark, written, future)
    return None if period is None else period.label


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("4月19日", "2023-04-19"),
        ("on April 19", "2023-04-19"),
        ("昨日", "2023-05-09"),
        ("yesterday", "2023-05-09"),
        ("next quarter", "2023-Q3"),
        ("下季度", "2023-Q3"),
        ("last year", "2022"),
        ("明年", "2024"),
        ("the second half of 2024", "2024-H2"),
        ("2024年下半年", "2024-H2"),
        ("Q1 2025", "2025-Q1"),
        ("2025年第一季度", "2025-Q1"),
        ("next month", "2023-06"),
        ("上月", "2023-04"),
    ],
)
def test_a_time_without_its_year_is_resolved_against_the_day_of_writing(text: str, is_: str) -> None:
    assert label(text, date(2023, 5, 10)) == is_


def test_a_month_is_the_coming_one_where_the_sentence_looks_ahead() -> None:
    assert label("in December", date(2023, 5, 10), future=True) == "2023-12"
    assert label("in December", date(2023, 5, 10), future=False) == "2022-12"


def test_a_day_that_no_month_has_is_no_time() -> None:
    assert label("2月30日", date(2023, 5, 10)) is None


def test_a_fiscal_quarter_is_left_open_because_no_calendar_tells_it() -> None:
    assert label("the first quarter of fiscal 2025", date(2024, 5, 10)) is None


def test_months_run_over_the_end_of_a_year() -> None:
    assert months(2023, 13, 3).label == "2024-Q1"
    assert (months(2023, 0, 1).first, months(2024, 2, 1).last) == (date(2022, 12, 1), date(2024, 2, 29))
