"""What answers say of when to come again. How a crawl fetches is in ``test_politeness.py``."""

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.fetching import FetchFailed, read_max_age, read_retry_after
from crawlers.health import Trouble

NOW = datetime(2023, 11, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("120", timedelta(minutes=2)),
        (" 5 ", timedelta(seconds=5)),
        ("Wed, 15 Nov 2023 17:00:00 GMT", timedelta(hours=1)),
        ("Wed, 15 Nov 2023 15:00:00 GMT", timedelta(0)),
        ("9" * 40, timedelta(seconds=10**7)),
        ("soon", None),
        ("-5", None),
        ("Wed, 99 Nov 2023 17:00:00 GMT", None),
        ("Wed, 15 Nov 2023 17:00:00 +9999999999", None),
        ("\xb2", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, span: timedelta | None) -> None:
    assert read_retry_after(value, NOW) == span


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("max-age=600", timedelta(minutes=10)),
        ('public, Max-Age="600", stale-while-revalidate=5', timedelta(minutes=10)),
        ("no-cache, max-age=600", None),
        ("no-store", None),
        ("max-age=", None),
        ("max-age=ten", None),
        ("s-maxage=600", None),
        ("max-age=\xb2", None),
        ("max-age=" + "9" * 40, timedelta(seconds=10**7)),
        (None, None),
    ],
)
def test_max_age_counts_unless_the_answer_is_not_to_be_kept(value: str | None, span: timedelta | None) -> None:
    assert read_max_age(value) == span


@pytest.mark.parametrize(
    ("kind", "final"),
    [("gone", True), ("refused", True), ("address", True), ("unreadable", True), ("busy", False), ("unreachable", False)],
)
def test_what_is_gone_or_refused_is_not_asked_for_again_soon(kind: str, final: bool) -> None:
    assert FetchFailed(Trouble(kind, "it is so")).final is final
