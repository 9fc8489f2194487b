"""The clock: read in the outermost layer only; everything inside takes the time as a parameter."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
