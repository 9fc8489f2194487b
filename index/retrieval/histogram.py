"""Counts over time, in intervals that suit the time they span."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Histogram:
    """Articles over time: the first day (YYYY-MM-DD, UTC) of each interval (day, week or month), none left out, and counts."""

    interval: str
    starts: tuple[str, ...]
    counts: tuple[int, ...]


def histogram(times: NDArray[np.int64] | Sequence[int]) -> Histogram:
    """Counts (epoch seconds, (n,)) by day up to ten weeks, by ISO week up to two years, by month above."""
    if not len(times):
        return Histogram("day", (), ())
    days = np.asarray(times, np.int64).astype("datetime64[s]").astype("datetime64[D]")
    span = int((days.max() - days.min()).astype(int))
    if span <= 70:
        interval, starts = "day", days
        every = np.arange(starts.min(), starts.max() + 1)
    elif span <= 730:
        interval = "week"
        starts = days - (days.astype(int) + 3) % 7  # 1 January 1970 was a Thursday
        every = np.arange(starts.min(), starts.max() + 1, 7)
    else:
        interval, starts = "month", days.astype("datetime64[M]")
        every = np.arange(starts.min(), starts.max() + 1)
    counts = np.bincount(np.searchsorted(every, starts), minlength=len(every))
    return Histogram(interval, tuple(str(day) for day in every.astype("datetime64[D]")), tuple(int(n) for n in counts))
