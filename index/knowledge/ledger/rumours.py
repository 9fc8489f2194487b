"""The life of a rumour: reported, corroborated by an independent origin, confirmed or denied by the company, or expired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from index.knowledge.ledger.entries import Entry, day_of, entries, reported, same_value, scope_differs
from index.knowledge.ledger.origins import COMPANY, origin_of
from index.store.claims import StoredClaim

STATES = ("reported", "corroborated", "confirmed", "denied", "expired")
EXPIRES = timedelta(days=365)
"""How long a rumour without a date waits for its confirmation."""
GRACE = timedelta(days=92)
"""How long after its date has passed a rumour of a milestone waits."""


@dataclass(frozen=True)
class Step:
    """A rumour came into a state on a day, by a claim; None where time alone did it."""

    state: str
    day: date
    claim: StoredClaim | None


@dataclass(frozen=True)
class Rumour:
    """An entry that a medium or a source reported before the company said anything, with its steps in order."""

    entry: Entry
    steps: tuple[Step, ...]

    @property
    def state(self) -> str:
        return self.steps[-1].state

    @property
    def origins(self) -> tuple[str, ...]:
        return self.entry.origins


def rumours(claims: Iterable[StoredClaim], makers: Mapping[str, frozenset[str]], today: date) -> list[Rumour]:
    """The rumours among `claims`, the latest reported first.

    Args:
        makers: who stands behind an entity, by its id: whose word confirms or denies.
    """
    known = list(claims)
    by_entity: dict[tuple[str, str], list[StoredClaim]] = {}
    for claim in known:
        by_entity.setdefault((claim.entity_id, claim.attribute), []).append(claim)
    found = []
    for entry in entries(claim for claim in known if claim.status != "denied"):
        if entry.first.status == "reported":
            others = by_entity[entry.entity_id, entry.attribute]
            found.append(Rumour(entry, tuple(_steps(entry, others, makers, today))))
    return found


def _steps(entry: Entry, others: Sequence[StoredClaim], makers: Mapping[str, frozenset[str]], today: date) -> list[Step]:
    steps = [Step("reported", day_of(entry.first), entry.first)]
    origin = origin_of(entry.first)
    for claim in entry.claims:
        other = origin_of(claim)
        if (
            claim.status == "reported"
            and other != origin
            and not other.startswith(COMPANY)
            and not _same_story_uncited(claim, entry)
        ):
            steps.append(Step("corroborated", day_of(claim), claim))
            break
    word = _word_of_the_company(entry, others, makers)
    if word is not None:
        state, claim = word
        steps = [step for step in steps if step.day <= day_of(claim)] or steps[:1]
        steps.append(Step(state, day_of(claim), claim))
        return steps
    due = _due(entry)
    if today > due:
        steps.append(Step("expired", due, None))
    return steps


def _word_of_the_company(
    entry: Entry, others: Sequence[StoredClaim], makers: Mapping[str, frozenset[str]]
) -> tuple[str, StoredClaim] | None:
    """The first claim after the rumour by which the company confirms it, or denies it."""
    first = entry.first
    behind = makers.get(entry.entity_id, frozenset()) | {entry.entity_id}
    for claim in sorted(others, key=lambda each: (reported(each), each.id)):
        if reported(claim) < reported(first) or claim.id == first.id:
            continue
        speaks = not claim.cited or any(_speaks_for(cited, behind, makers) for cited in claim.cited)
        if not speaks or not same_value(claim, first) or scope_differs(claim.scope, first.scope, ()) is not None:
            continue
        if claim.status == "denied":
            return "denied", claim
        if claim.status == "announced" and not (claim.expected and not first.expected):
            return "confirmed", claim
    return None


def _speaks_for(cited: str, behind: frozenset[str], makers: Mapping[str, frozenset[str]]) -> bool:
    return cited in behind or bool(makers.get(cited, frozenset()) & behind)


def _same_story_uncited(claim: StoredClaim, entry: Entry) -> bool:
    return not claim.cited and claim.story_id is not None and claim.story_id == entry.first.story_id


def _due(entry: Entry) -> date:
    """The day from which the rumour has come to nothing."""
    ends = [date.fromisoformat(claim.when[1]) for claim in entry.claims if claim.when is not None]
    return max(ends) + GRACE if ends else day_of(entry.last) + EXPIRES
