"""Alerts: new articles are matched with the saved searches, once, right after they are indexed.

One alert a story, not a copy: later articles of a story that a search told of give none. A search for new claims only goes by
claims instead: it tells of an article that claims what no other did before, in a story that it told of as well.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from index.alerts.documents import Document, alert_document, delivery_body
from index.errors import ChipwireError
from index.knowledge.reading import Reading
from index.retrieval.filters import Filters, read_filters
from index.retrieval.hits import Hit
from index.retrieval.percolation import Match, Percolator, Waiting
from index.store.claims import StoredClaim, claims_of_articles, told_before
from index.store.database import Store
from index.store.outbox import put
from index.store.searches import (
    SavedSearch,
    alerted_among,
    alerted_to,
    all_searches,
    claimed_up_to,
    memories,
    newest_article,
    save_alerts,
    save_memory,
    search_ids,
    set_alerted_to,
    set_trouble,
)
from index.store.sources import source_names
from index.store.stories import story_mates

MOST_TOGETHER = 100
"""Alerts of one delivery; more are put into several."""


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What matching did: searches that were asked, alerts that they gave."""

    searches: int
    alerts: int


def raise_alerts(
    store: Store, reading: Reading, percolator: Percolator, now: datetime, zone: tzinfo, *, silently: bool = False
) -> AlertReport:
    """Match the articles that are new since the last time, and put what is to be delivered into the outbox.

    Alerts, deliveries and how far it went are committed together, so that a crash repeats all of it or nothing. `store` must
    be a writer. With `silently` the articles count as matched, and nobody is told.

    Raises:
        IndexUnavailable: no index generation can be read.
    """
    after, newest = alerted_to(store), newest_article(store)
    if newest <= after:
        return AlertReport(0, 0)
    searches = {} if silently else {each.id: each for each in all_searches(store)}
    waiting, matches = _waiting(store, list(searches.values()), zone, now)
    matches += percolator.match(waiting, after, now) if waiting else ()
    alerts = 0
    with store.atomic():
        there = search_ids(store)  # one may have been removed meanwhile
        recorder = _Recorder(store, reading, after, now)
        for match in matches:
            if match.search_id in there:
                alerts += recorder.keep(searches[match.search_id], match)
        set_alerted_to(store, newest)
    return AlertReport(len(waiting), alerts)


def filters_of(search: SavedSearch, zone: tzinfo, now: datetime) -> Filters:
    """Raises FilterError: as `read_filters`."""
    given = search.filters
    return read_filters(
        lang=given.get("lang", ()),
        entity=given.get("entity", ()),
        source=given.get("source", ()),
        about=given.get("about", ()),
        after=next(iter(given.get("after", ())), None),
        before=next(iter(given.get("before", ())), None),
        zone=zone,
        now=now,
    )


def _waiting(store: Store, searches: Sequence[SavedSearch], zone: tzinfo, now: datetime) -> tuple[list[Waiting], list[Match]]:
    """The searches that can be asked, and what is wrong with the others."""
    known = memories(store)
    waiting: list[Waiting] = []
    troubled: list[Match] = []
    for search in searches:
        try:
            waiting.append(Waiting(search.id, search.query, filters_of(search, zone, now), known.get(search.id)))
        except ChipwireError as error:
            troubled.append(Match(search.id, trouble=str(error)))
    return waiting, troubled


class _Recorder:
    """Stores what matches give, inside the caller's transaction. What many searches share is read once."""

    def __init__(self, store: Store, reading: Reading, after: int, now: datetime) -> None:
        self._store = store
        self._reading = reading
        self._after = after
        self._now = now
        self._names = source_names(store)
        self._mates = story_mates(store, after)
        self._claims: dict[frozenset[int], list[StoredClaim]] = {}

    def keep(self, search: SavedSearch, match: Match) -> int:
        """Store what a match gives; returns how many alerts."""
        store = self._store
        set_trouble(store, search.id, match.trouble)
        if match.memory is not None:
            save_memory(store, search.id, match.memory)
        # An article may have been deleted since it was matched.
        hits = [(hit, articles) for hit in match.hits if hit.article.id in self._mates and (articles := self._articles(hit))]
        stories = [{mate for article in articles for mate in self._mates[article]} for _, articles in hits]
        told = alerted_among(store, search.id, sorted(set().union(*stories)))
        alerts: list[tuple[int, Document]] = []
        for (hit, articles), story in zip(hits, stories, strict=True):
            if story & told and not search.new_claims:
                continue
            claims = self._new_claims(hit, articles)
            if search.new_claims and not claims:
                continue
            document = alert_document(hit, lambda key: self._names.get(key, key), self._reading.catalogue.name_of, claims)
            alerts.append((hit.article.id, document))
        ids = save_alerts(store, search.id, alerts, self._now)
        documents: list[Document] = [{"id": number, **document} for number, (_, document) in zip(ids, alerts, strict=True)]
        for first in range(0, len(documents), MOST_TOGETHER):
            _put(store, search, documents[first : first + MOST_TOGETHER], self._now)
        return len(documents)

    def _articles(self, hit: Hit) -> list[int]:
        """The hit's article and the others of its story that answer too."""
        return [each for each in (hit.article.id, *(other.article_id for other in hit.more)) if each in self._mates]

    def _new_claims(self, hit: Hit, articles: Sequence[int]) -> list[StoredClaim]:
        """As `new_claims`, which is the same for every search that the same articles answer."""
        key = frozenset(articles)
        if key not in self._claims:
            self._claims[key] = new_claims(self._store, hit, sorted(key), self._after)
        return self._claims[key]


def _put(store: Store, search: SavedSearch, documents: Sequence[Document], now: datetime) -> None:
    targets = [("webhook", search.webhook)] if search.webhook else []
    if search.mail_every == "once":
        targets += [("mail", address) for address in search.mail]
    for kind, target in targets:
        key = str(uuid.uuid4())
        put(store.execute, search.id, kind, target, key, delivery_body(key, search, documents), now)


def new_claims(store: Store, hit: Hit, articles: Sequence[int], after: int) -> list[StoredClaim]:
    """What `articles` claim that no earlier report did, and none that was there before (up to the article `after`)."""
    claims = [claim for each in claims_of_articles(store, articles).values() for claim in each]
    keys = sorted({claim.key for claim in claims})
    first = min((moment for claim in claims if (moment := claim.published or claim.first_seen)), default=hit.article.time)
    old = told_before(store, keys, first) | claimed_up_to(store, keys, after)
    fresh = {claim.key: claim for claim in reversed(claims) if claim.key not in old}
    return list(reversed(fresh.values()))
