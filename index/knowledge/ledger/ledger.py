"""The ledger of a store: what is claimed of an entity, and everything that follows from it. Reading and corrections."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from index.errors import NotFound, UsageError
from index.knowledge.claims.corrections import CHANGED, WRONG, checked_change, detail_of, subject_of_article
from index.knowledge.claims.filling import Progress, ReprocessReport, reprocess_claims, reread_article
from index.knowledge.ledger.compare import Row, compare
from index.knowledge.ledger.conflicts import Conflict, ScopeDifference, conflicts
from index.knowledge.ledger.entries import Entry, entries
from index.knowledge.ledger.network import Tie, ties
from index.knowledge.ledger.reliability import Record, reliability
from index.knowledge.ledger.roadmap import Milestone, roadmap
from index.knowledge.ledger.rumours import Rumour, rumours
from index.knowledge.ledger.timeline import Moment, timeline
from index.knowledge.reading import Reading
from index.store.articles import article_by_id
from index.store.claims import (
    ClaimFilter,
    StoredClaim,
    all_claims,
    claim_by_id,
    claims_of,
    claims_of_article,
    claims_with_keys,
    count_claims,
    count_stale,
    newest_keys,
    rumoured_entities,
)
from index.store.database import Store
from index.store.decisions import Decision, decisions, save_decision, undo_decision

_MENTIONED = ("subject", "value", "compared", "object", "cited")
_NOTHING = ClaimFilter()


class Ledger:
    """One method per question. Entities are given by id; those of a company are its own claims and its products' too,
    unless `alone` is asked for. A claim that only names the entity beside others counts where a filter asks for the role
    ``involved``.
    """

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    # -- reading

    def claims(self, entity_id: str, wanted: ClaimFilter = _NOTHING, *, alone: bool = False) -> list[Entry]:
        """What is claimed in which the entity takes part, equal claims together, the latest reported first."""
        return entries(self._claims(entity_id, wanted, alone))

    def latest(self, entity_id: str, most: int) -> tuple[list[Entry], int]:
        """The `most` claims that were reported last, and about how many there are; only those are read in full."""
        keys, number = newest_keys(self._store, [entity_id, *self._products(entity_id)], _MENTIONED, most)
        return entries(claims_with_keys(self._store, keys)), number

    def timeline(self, entity_id: str, wanted: ClaimFilter = _NOTHING, *, alone: bool = False) -> list[Moment]:
        """What happened to the entity in order of when it happened, with the day of the report kept apart."""
        return timeline(self._claims(entity_id, wanted, alone))

    def conflicts(
        self, entity_id: str, wanted: ClaimFilter = _NOTHING, *, alone: bool = False
    ) -> tuple[list[Conflict], list[ScopeDifference]]:
        """What contradicts among the claims of the entity, and what only differs in scope."""
        return conflicts(self._claims(entity_id, wanted, alone, ("subject",)))

    def compare(self, entity_ids: Sequence[str], wanted: ClaimFilter = _NOTHING) -> list[Row]:
        """Two to four entities side by side, each with what is claimed of itself.

        Raises:
            FilterError: fewer or more of them.
        """
        claims = {each: self._claims(each, wanted, alone=True, roles=("subject",)) for each in entity_ids}
        return compare(claims, list(self.attributes()))

    def roadmap(self, entity_id: str, wanted: ClaimFilter = _NOTHING, *, alone: bool = False) -> list[Milestone]:
        """Each promised milestone with every value it has had."""
        return roadmap(self._claims(entity_id, wanted, alone, ("subject",)), self._reading.claims.attributes.milestones)

    def relations(self, entity_id: str, wanted: ClaimFilter = _NOTHING, *, alone: bool = False) -> list[Tie]:
        """How the entity stands to others in the supply chain, in either direction."""
        relations = self._reading.claims.attributes.relations
        if not wanted.attributes:
            wanted = replace(wanted, attributes=tuple(relations))
        return ties(self._claims(entity_id, wanted, alone, ("subject", "value")), relations)

    def rumours(self, entity_id: str, today: date, wanted: ClaimFilter = _NOTHING, *, alone: bool = False) -> list[Rumour]:
        """What was reported before the company said anything, and what became of it by `today`."""
        return rumours(self._claims(entity_id, wanted, alone, ("subject",)), self._makers, today)

    def reliability(self, today: date) -> list[Record]:
        """The record of every origin of rumours, over the whole ledger; one entity's claims in memory at a time."""
        return reliability(
            rumour
            for entity_id in rumoured_entities(self._store)
            for rumour in rumours(claims_of(self._store, [entity_id], ClaimFilter(roles=("subject",))), self._makers, today)
        )

    def article(self, article_id: int) -> list[StoredClaim]:
        """The claims of one article in order of place."""
        return claims_of_article(self._store, article_id)

    def everything(self, wanted: ClaimFilter = _NOTHING) -> Iterator[StoredClaim]:
        """The whole ledger in order of id, a page at a time."""
        return all_claims(self._store, wanted)

    def written(self, entity_id: str | None, wanted: ClaimFilter = _NOTHING) -> Iterator[StoredClaim]:
        """Single claims for writing out: of the whole ledger, or those in which one entity (or what it makes) takes part."""
        if entity_id is None:
            return self.everything(wanted)
        return iter(sorted(self._claims(entity_id, wanted, alone=False), key=lambda claim: claim.id))

    def attributes(self) -> Mapping[str, tuple[str, str]]:
        """(English, Chinese) names of everything that a claim can be of, by id."""
        return self._reading.claims.attributes.names()

    def size(self) -> tuple[int, int]:
        """How many claims there are, and how many articles were read by other rules than today's."""
        return count_claims(self._store), count_stale(self._store, self._reading.claims.version)

    # -- writing

    def reprocess(self, progress: Progress, *, everything: bool = False) -> ReprocessReport:
        """Read again what other rules read last, or `everything`; goes on where an earlier run stopped."""
        return reprocess_claims(self._store, self._reading.claims, progress, everything=everything)

    def claim(self, claim_id: int) -> StoredClaim:
        """Raises NotFound."""
        claim = claim_by_id(self._store, claim_id)
        if claim is None:
            raise NotFound(f"There is no claim {claim_id}.")
        return claim

    def mark_wrong(self, claim_id: int, now: datetime, note: str | None = None) -> Decision:
        """Take a claim out of the ledger, for good, whatever rules read its article later.

        Raises:
            NotFound: no such claim.
        """
        return self._decide(WRONG, claim_id, None, now, note)

    def change(self, claim_id: int, to: Mapping[str, Any], now: datetime, note: str | None = None) -> Decision:
        """Put another claim in place of one; `to` holds the fields that are different.

        Raises:
            NotFound: no such claim. UsageError: see `checked_change`.
        """
        checked = checked_change(to, self._reading.catalogue, self._reading.claims.attributes)
        return self._decide(CHANGED, claim_id, checked, now, note)

    def undo(self, decision_id: int, now: datetime) -> Decision:
        """Take a correction back; the article is read as if it had never been made.

        Raises:
            NotFound: no such correction holds.
        """
        if not any(decision.id == decision_id for decision in self.corrections()):
            raise NotFound(f"There is no correction {decision_id} that holds.")
        with self._store.atomic():
            decision = undo_decision(self._store, decision_id, now)
            self._reread(int(decision.subject.removeprefix("article:")))
        return decision

    def corrections(self) -> list[Decision]:
        """The corrections that hold, oldest first."""
        return decisions(self._store, WRONG, CHANGED)

    def _decide(self, kind: str, claim_id: int, to: Mapping[str, Any] | None, now: datetime, note: str | None) -> Decision:
        claim = self.claim(claim_id)
        with self._store.atomic():
            detail = detail_of(claim, to)
            decision = save_decision(self._store, kind, subject_of_article(claim.article_id), detail, now, note)
            self._reread(claim.article_id)
        return decision

    def _reread(self, article_id: int) -> None:
        article = article_by_id(self._store, article_id)
        if article is not None:
            reread_article(self._store, self._reading.claims, article)

    def _claims(
        self, entity_id: str, wanted: ClaimFilter, alone: bool, roles: tuple[str, ...] = _MENTIONED
    ) -> list[StoredClaim]:
        if unknown := set(wanted.attributes) - set(self.attributes()):
            raise UsageError(
                f"There is no attribute {min(unknown)!r}.", hint=f"There are {', '.join(sorted(self.attributes()))}."
            )
        return claims_of(self._store, [entity_id, *(() if alone else self._products(entity_id))], wanted.with_roles(roles))

    def _products(self, entity_id: str) -> tuple[str, ...]:
        """Everything that is made by the entity or belongs to it."""
        return tuple(product for product, above in self._makers.items() if entity_id in above)

    @property
    def _makers(self) -> Mapping[str, frozenset[str]]:
        return self._reading.claims.kinds.makers
