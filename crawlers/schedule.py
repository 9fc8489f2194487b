"""When a source is asked again: half its usual gap between articles, within bounds, and never sooner than it wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

UNKNOWN = timedelta(hours=1)
"""For a source of which nothing is known yet."""
OBSERVED = timedelta(days=28)
"""How far back the rate of a source is looked at: four weeks even out weekends and holidays."""
_PRIOR_ITEMS, _PRIOR_SPAN = 1.0, timedelta(hours=2)
"""One imagined article in two hours: what few observations are mixed with, so that one article decides nothing."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which intervals a source is watched."""

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a source asked for in its last answer. All are spans from then on, None where it said nothing.

    ``ttl`` stands in the feed (ttl, sy:updatePeriod), ``max_age`` in Cache-Control, ``retry_after`` in Retry-After.
    """

    ttl: timedelta | None = None
    max_age: timedelta | None = None
    retry_after: timedelta | None = None

    def merged(self, other: "Wishes") -> "Wishes":
        """The longer of each: a source of several lists is asked for all of them together."""

        def longer(one: timedelta | None, two: timedelta | None) -> timedelta | None:
            return max((each for each in (one, two) if each is not None), default=None)

        return Wishes(
            longer(self.ttl, other.ttl), longer(self.max_age, other.max_age), longer(self.retry_after, other.retry_after)
        )


def rate(arrivals: Sequence[datetime], now: datetime, known_for: timedelta) -> float:
    """Articles an hour, from the times of the source's articles in the last `OBSERVED`.

    Args:
        known_for: how far back its articles are known; a feed that lists one day says nothing of the day before.
    """
    span = min(max(known_for, timedelta(0)), OBSERVED)
    seen = sum(now - span <= moment <= now for moment in arrivals)
    return (seen + _PRIOR_ITEMS) / ((span + _PRIOR_SPAN).total_seconds() / 3600)


def interval(
    arrivals: Sequence[datetime],
    now: datetime,
    known_for: timedelta,
    *,
    wishes: Wishes | None = None,
    failures: int = 0,
    bounds: Bounds | None = None,
) -> timedelta:
    """How long to wait before the source is asked again, without jitter.

    Half the mean gap between its articles, within `bounds`; doubled for each failure in a row; raised to what the source
    wishes. Retry-After may go beyond the longest interval, up to a week; the other wishes are believed up to it.
    """
    bounds = bounds or Bounds()
    wanted = timedelta(hours=0.5 / rate(arrivals, now, known_for)) if known_for > timedelta(0) else UNKNOWN
    wanted = min(max(wanted, bounds.shortest), bounds.longest)
    for _ in range(min(failures, 12)):
        wanted = min(wanted * 2, bounds.longest)
    if wishes is not None:
        for wish in (wishes.ttl, wishes.max_age):
            if wish is not None:
                wanted = max(wanted, min(wish, bounds.longest))
        if wishes.retry_after is not None:
            wanted = max(wanted, min(wishes.retry_after, timedelta(days=7)))
    return wanted


def with_jitter(wait: timedelta, chance: float) -> timedelta:
    """`wait` lengthened by up to a tenth, by `chance` from 0 to 1, so that sources do not come due together for ever."""
    return wait * (1 + 0.1 * chance)
