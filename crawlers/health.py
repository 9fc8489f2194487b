"""Whether a source works, judged after every poll: crash or warn, never silently absorb.

ok        it answers, and articles come as often as expected
late      it answers, but nothing new came within the time in which something should have
moved     it answers from another address for good; that address is used from now on
blocked   its lists or its pages refuse us: 401, 403, 451, a bot wall, a consent page, robots.txt
broken    its lists or its pages cannot be read, or it brings far more or fewer articles than expected
dead      its lists have been gone for three days, or nothing has answered for two weeks
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from crawlers.sources import Source

STATES = ("ok", "late", "moved", "blocked", "broken", "dead")
_DEAD_AFTER, _GONE_AFTER = timedelta(days=14), timedelta(days=3)
_FAILURES = 3
"""Polls in a row without an answer before that counts: a reboot, or our own network being down, is no state of a source."""
_VOLUME_SPAN = timedelta(days=14)
"""How long a source is watched before its volume is judged: one slow week is no fault."""
_PATIENCE = 2.0
"""Times the expected gap between articles, or the longest usual one, after which silence counts as late."""
_REST = timedelta(days=2)
"""Outlets rest at weekends: that long nobody is late."""
_EMPTY_SPAN = timedelta(days=4)
"""How long after its last article a list may be empty: arXiv's is on every weekend."""
_ACTIVE_DAYS = 5
"""Days with articles that must be known of a source before its own habits say what is unusual."""
_UNREAD = 3
"""Pages in a row that cannot be read: one or two may be bad luck."""


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

    ``arrivals`` are the times of its articles of the last four weeks (published, else first seen), ``active`` the last one
    of each of the last days on which it had any, however long ago; ``known_since`` is the first arrival or its first poll,
    whichever is earlier; ``last_good`` the last poll in which a list was read; ``failures`` the polls since then, this one
    included; ``unread`` the pages since the last one that could be read, and ``page_trouble`` what was wrong with
    the last of them, where this poll tried any.
    """

    now: datetime
    lists: int
    lists_read: int
    troubles: Sequence[Trouble] = ()
    moved_to: str | None = None
    listed: int = 0
    unchanged: bool = False
    known_since: datetime | None = None
    last_good: datetime | None = None
    failures: int = 0
    unread: int = 0
    page_trouble: Trouble | None = None
    arrivals: Sequence[datetime] = field(default=())
    active: Sequence[datetime] = field(default=())


@dataclass(frozen=True, slots=True)
class Health:
    """A state of `STATES` with one line on why; ``since`` is when the source came into it."""

    state: str
    note: str
    since: datetime


def judge(source: Source, seen: Observation, before: Health | None) -> Health:
    """The health of a source after a poll; ``since`` is kept while the state stays."""
    state, note = _state(source, seen, before)
    if state == "broken" and seen.lists_read == 0 and _passing(seen) and seen.failures < _FAILURES and before is not None:
        state = before.state
    since = before.since if before is not None and before.state == state else seen.now
    return Health(state, note, since)


def _state(source: Source, seen: Observation, before: Health | None) -> tuple[str, str]:
    if seen.lists_read == 0 and seen.lists:
        return _without_an_answer(seen)
    if seen.unread >= _UNREAD:
        return _without_pages(seen, before)
    if seen.listed == 0 and not seen.unchanged and not any(moment >= seen.now - _EMPTY_SPAN for moment in seen.active):
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


def _without_pages(seen: Observation, before: Health | None) -> tuple[str, str]:
    """Its lists can be read, but none of the pages that they name. A poll that tried none leaves it where it was."""
    words = f"none of its last {seen.unread:,} pages could be read"
    if seen.page_trouble is not None:
        return "blocked" if seen.page_trouble.kind == "refused" else "broken", f"{words}: {seen.page_trouble.words}"
    if before is not None and before.state in ("blocked", "broken"):
        return before.state, before.note
    return "broken", words


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
    if source.expected is None or source.ended or seen.known_since is None or seen.now - seen.known_since < _VOLUME_SPAN:
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
    """Why the source counts as late: nothing for too long by what is expected of it, else by what it used to bring.

    Its own habit is the second-longest of the gaps between its last active days; the longest may have been a holiday.
    """
    if seen.known_since is None or source.ended:
        return None
    ordered = sorted(seen.active)
    newest = ordered[-1] if ordered else seen.known_since
    if source.expected is not None and source.expected[0] > 0:
        usual = timedelta(days=7) / source.expected[0]
    elif len(ordered) >= _ACTIVE_DAYS:
        usual = sorted(later - earlier for earlier, later in pairwise(ordered))[-2]
    else:
        return None
    waited = seen.now - newest
    return f"nothing new for {waited.days} days, which is unusual" if waited > max(usual * _PATIENCE, _REST) else None
