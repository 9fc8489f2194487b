"""Whether a source works, judged after every poll: crash or warn, never silently absorb.

ok        it answers, and articles come as often as expected
late      it answers, but nothing new came within the time in which something should have
moved     it answers from another address for good; that address is used from now on
blocked   it refuses us: 401, 403, 451, a bot wall, a consent page, robots.txt
broken    it answers with what cannot be read, or with far more or fewer articles than expected
dead      its lists have been gone for three days, or nothing has answered for two weeks
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawlers.sources import Source

STATES = ("ok", "late", "moved", "blocked", "broken", "dead")
_DEAD_AFTER, _GONE_AFTER = timedelta(days=14), timedelta(days=3)
_FAILURES = 3
"""Polls in a row without an answer before that counts: a reboot, or our own network being down, is no state of a source."""
_VOLUME_SPAN = timedelta(days=14)
"""How long a source is watched before its volume is judged: one slow week is no fault."""
_PATIENCE, _EXPECTED_PATIENCE = 3.0, 2.0
"""Times the usual gap between articles, and times the expected one, after which silence counts as late."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something of a source could not be had. ``kind`` is one of `KINDS_OF_TROUBLE`, ``words`` one line."""

    kind: str
    words: str


KINDS_OF_TROUBLE = ("refused", "unreachable", "busy", "gone", "unreadable", "address")
"""``refused`` by its host (403, bot wall, robots.txt); ``unreachable``: no answer, no such name; ``busy`` (429, 5xx); ``gone``
(404, 410); ``unreadable``; ``address``: we refuse to dial it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is known of a source after a poll.

    ``arrivals`` are the times of its articles of the last four weeks (published, else first seen); ``known_since`` is
    the first of them or its first poll, whichever is earlier; ``last_good`` the last poll in which a list was read;
    ``failures`` the polls since then, this one included.
    """

    now: datetime
    lists: int
    lists_read: int
    troubles: Sequence[Trouble] = ()
    moved_to: str | None = None
    pages_tried: int = 0
    pages_read: int = 0
    listed: int = 0
    unchanged: bool = False
    known_since: datetime | None = None
    last_good: datetime | None = None
    failures: int = 0
    arrivals: Sequence[datetime] = field(default=())


@dataclass(frozen=True, slots=True)
class Health:
    """A state of `STATES` with one line on why; ``since`` is when the source came into it."""

    state: str
    note: str
    since: datetime


def judge(source: Source, seen: Observation, before: Health | None) -> Health:
    """The health of a source after a poll; ``since`` is kept while the state stays."""
    state, note = _state(source, seen)
    if state == "broken" and seen.lists_read == 0 and _passing(seen) and seen.failures < _FAILURES and before is not None:
        state = before.state
    since = before.since if before is not None and before.state == state else seen.now
    return Health(state, note, since)


def _state(source: Source, seen: Observation) -> tuple[str, str]:
    if seen.lists_read == 0 and seen.lists:
        return _without_an_answer(seen)
    unreadable = [trouble for trouble in seen.troubles if trouble.kind == "unreadable"]
    if seen.pages_tried >= 3 and seen.pages_read == 0:
        words = f": {unreadable[0].words}" if unreadable else ""
        return "broken", f"none of {seen.pages_tried} pages could be read{words}"
    if seen.listed == 0 and not seen.unchanged:
        return "broken", "its lists are empty"
    if silence := _silence(source, seen):
        return "late", silence
    if volume := _wrong_volume(source, seen):
        return "broken", volume
    if seen.moved_to:
        return "moved", f"it is now at {seen.moved_to}"
    if seen.lists_read < seen.lists:
        return "ok", f"{seen.lists - seen.lists_read} of {seen.lists} lists could not be read: {_first(seen)}"
    return "ok", f"{seen.listed} listed" if not seen.unchanged else "nothing changed"


def _without_an_answer(seen: Observation) -> tuple[str, str]:
    kinds = {trouble.kind for trouble in seen.troubles}
    words = _first(seen)
    last_good = seen.last_good or seen.known_since or seen.now
    if seen.now - last_good >= _DEAD_AFTER:
        return "dead", f"nothing has been read since {last_good:%Y-%m-%d}: {words}"
    if "refused" in kinds:
        return "blocked", words
    if kinds == {"gone"} and seen.now - last_good >= _GONE_AFTER:
        return "dead", words
    return "broken", words


def _passing(seen: Observation) -> bool:
    return all(trouble.kind in ("busy", "unreachable") for trouble in seen.troubles)


def _first(seen: Observation) -> str:
    return seen.troubles[0].words if seen.troubles else "nothing answered"


def _wrong_volume(source: Source, seen: Observation) -> str | None:
    if source.expected is None or seen.known_since is None or seen.now - seen.known_since < _VOLUME_SPAN:
        return None
    weeks = _VOLUME_SPAN / timedelta(days=7)
    count = sum(moment > seen.now - _VOLUME_SPAN for moment in seen.arrivals)
    low, high = source.expected
    if count / weeks > high:
        return f"{count} articles in two weeks, where at most {high:g} a week are expected"
    if count / weeks < low:
        return f"{count} articles in two weeks, where at least {low:g} a week are expected"
    return None


def _silence(source: Source, seen: Observation) -> str | None:
    """Why the source counts as late: nothing for too long by what is expected of it, else by what it used to bring."""
    if seen.known_since is None:
        return None
    ordered = sorted(seen.arrivals)
    newest = ordered[-1] if ordered else seen.known_since
    if source.expected is not None and source.expected[0] > 0:
        allowed = timedelta(days=7) / source.expected[0] * _EXPECTED_PATIENCE
    elif len(ordered) >= 5:
        allowed = (ordered[-1] - ordered[0]) / (len(ordered) - 1) * _PATIENCE
    else:
        return None
    allowed = max(allowed, timedelta(days=2))  # outlets rest at weekends
    waited = seen.now - newest
    return f"nothing new for {waited.days} days, which is unusual" if waited > allowed else None
