from datetime import date

from index.knowledge.ledger.timeline import timeline
from tests.index.knowledge.ledger.stored import milestone, quarter, stored


def test_events_come_in_order_of_when_they_happened_and_the_report_is_kept_apart() -> None:
    report_of_old = stored(low=1.0, day=50, event=("2020-05-14", "2020-05-14", "day"))
    promise = milestone(10, quarter(2024, 2))
    plain = stored(low=2.0, day=20)
    moments = timeline([promise, plain, report_of_old])
    assert [moment.entry.first for moment in moments] == [report_of_old, plain, promise]
    assert (moments[0].first, moments[0].reported) == ("2020-05-14", date(2023, 6, 20))
    assert (moments[1].when, moments[1].first) == (None, "2023-05-21")


def test_a_year_comes_before_the_days_in_it() -> None:
    year, day = milestone(1, ("2024-01-01", "2024-12-31", "year")), milestone(2, ("2024-01-01", "2024-01-01", "day"))
    assert [moment.entry.first for moment in timeline([day, year])] == [year, day]
