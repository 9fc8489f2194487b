"""Filling the ledger: reading changed articles during refresh, and all of them again after the rules got better.

Both go a hundred articles at a time, each batch committed before the next, so that either can be interrupted and goes on.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from index.knowledge.claims.claim import Claim
from index.knowledge.claims.corrections import CHANGED, WRONG, corrected, subject_of_article
from index.knowledge.claims.extract import ClaimReader
from index.knowledge.claims.periods import Period
from index.store.articles import StoredArticle, articles_by_id, mentions_of
from index.store.changes import changes_since
from index.store.claims import ClaimRow, Days, count_stale, keys_of, save_claims, stale_articles
from index.store.database import Store
from index.store.decisions import Decision, decisions

Progress = Callable[[str, int, int], None]
_ARTICLES_A_COMMIT = 100
_SEQUENCE, _CATALOGUE, _READ_AGAIN = "claims_sequence", "claims_catalogue", "claims_read_again"
_EXAMPLES = 20


@dataclass(slots=True)
class ReprocessReport:
    """What reading again changed: articles read, articles whose claims differ, claims that came and went by attribute.

    ``examples`` are the first articles that read differently, with the keys that came and went.
    """

    read: int = 0
    changed: int = 0
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[int, str, int, int]] = field(default_factory=list)


def update_claims(store: Store, reader: ClaimReader, progress: Progress) -> int:
    """Read the claims of articles that changed since the last time, or of all where the catalogue did; returns how many.

    Articles that did not change are not read again because the rules did: that is what `reprocess_claims` is for.
    """
    catalogue = reader.version.rpartition("/")[2]
    if store.meta(_CATALOGUE) != catalogue:
        with store.atomic():
            store.set_meta(_SEQUENCE, "0")
            store.set_meta(_CATALOGUE, catalogue)
    changes = changes_since(store, int(store.meta(_SEQUENCE) or 0))
    made = _by_article(store)
    for first in range(0, len(changes), _ARTICLES_A_COMMIT):
        chunk = changes[first : first + _ARTICLES_A_COMMIT]
        articles = articles_by_id(store, [change.article_id for change in chunk if change.kind == "upsert"])
        with store.atomic():
            for article in articles.values():
                _fill(store, reader, article, made.get(article.id, ()))
            store.set_meta(_SEQUENCE, str(chunk[-1].seq))
        progress("reading claims", min(first + len(chunk), len(changes)), len(changes))
    return len(changes)


def reprocess_claims(store: Store, reader: ClaimReader, progress: Progress, *, everything: bool = False) -> ReprocessReport:
    """Read again every article that other rules read last, or with `everything` all of them; goes on where it stopped."""
    report = ReprocessReport()
    rules = "" if everything else reader.version
    total = count_stale(store, rules)
    made = _by_article(store)
    last = 0
    while chunk := stale_articles(store, rules, last, _ARTICLES_A_COMMIT):
        articles = articles_by_id(store, chunk)
        with store.atomic():
            for article in sorted(articles.values(), key=lambda each: each.id):
                before = keys_of(store, article.id)
                _fill(store, reader, article, made.get(article.id, ()))
                _compare(report, article, before, keys_of(store, article.id))
            # Claims keep their ids, so nothing else says that they may be others now.
            store.set_meta(_READ_AGAIN, str(int(store.meta(_READ_AGAIN) or 0) + 1))
        last = chunk[-1]
        progress("reading claims again", report.read, total)
    return report


def reread_article(store: Store, reader: ClaimReader, article: StoredArticle) -> None:
    """Read one article again, as after a decision about it; inside the caller's transaction."""
    _fill(store, reader, article, _by_article(store).get(article.id, ()))


def _compare(report: ReprocessReport, article: StoredArticle, before: dict[str, str], after: dict[str, str]) -> None:
    report.read += 1
    came, went = after.keys() - before.keys(), before.keys() - after.keys()
    report.added.update(after[key] for key in came)
    report.removed.update(before[key] for key in went)
    if came or went:
        report.changed += 1
        if len(report.examples) < _EXAMPLES:
            report.examples.append((article.id, article.title, len(came), len(went)))


def _by_article(store: Store) -> dict[int, list[Decision]]:
    found: dict[int, list[Decision]] = {}
    for decision in decisions(store, WRONG, CHANGED):
        article = decision.subject.removeprefix("article:")
        if decision.subject == subject_of_article(int(article)):
            found.setdefault(int(article), []).append(decision)
    return found


def _fill(store: Store, reader: ClaimReader, article: StoredArticle, made: Sequence[Decision]) -> None:
    claims = reader.read(
        article.title,
        article.text,
        mentions_of(store, article.id),
        published=article.published,
        seen=article.first_seen,
        lang=article.lang,
    )
    decided = corrected(claims, made, article.title, article.text) if made else [(claim, None) for claim in claims]
    save_claims(store, article.id, [claim_row(claim, decision) for claim, decision in decided], reader.version)


def claim_row(claim: Claim, decision: int | None = None) -> ClaimRow:
    """A claim as the store takes it, with everybody who takes part in it."""
    parties: dict[tuple[str, str], None] = {(claim.entity, "subject"): None}
    for entity, role in (
        (claim.value_entity, "value"),
        (claim.compared, "compared"),
        (claim.scope.get("object"), "object"),
        (claim.scope.get("maker"), "involved"),
        *((cited, "cited") for cited in claim.cited),
        *((entity, "involved") for entity in claim.involved),
    ):
        if entity is not None and (role != "involved" or not any(entity == known for known, _ in parties)):
            parties[entity, role] = None
    return ClaimRow(
        key=claim.key,
        entity_id=claim.entity,
        attribute=claim.attribute,
        field=claim.field,
        start=claim.start,
        end=claim.end,
        written=claim.written,
        low=claim.low,
        high=claim.high,
        unit=claim.unit,
        value_entity=claim.value_entity,
        value_text=claim.value_text,
        when=_days(claim.when),
        qualifier=claim.qualifier,
        status=claim.status,
        expected=claim.expected,
        cited=claim.cited,
        compared=claim.compared,
        scope=claim.scope,
        event=_days(claim.event),
        parties=tuple(parties),
        decision_id=decision,
    )


def _days(period: Period | None) -> Days | None:
    return None if period is None else (period.first.isoformat(), period.last.isoformat(), period.grain)
