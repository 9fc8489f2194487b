"""Search: lexical and dense candidates, fused, held above a relevance floor, counted, grouped by story.

Everything up to the page that is shown is arithmetic on arrays; only the articles of that page are read from the store,
so a deleted one can never surface.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderError, FilterError
from index.knowledge.reading import Reading
from index.retrieval import fusion
from index.retrieval.cursor import Cursor, Orders, read_cursor, write_cursor
from index.retrieval.encoder import Encoder
from index.retrieval.filters import Filters
from index.retrieval.histogram import Histogram, histogram
from index.retrieval.hits import MOST_SHOWN, Candidate, Group, Hit, HitBuilder
from index.retrieval.lexical import MAX_UNITS, Alternative
from index.retrieval.page import Articles, Keys, best_passages, page_of, rank_after, sort_keys
from index.retrieval.query import Constraint, ParsedQuery, QueryContext, parse_query
from index.retrieval.reader import IndexReader, LoadedGeneration
from index.retrieval.relevance import Found, Ranking, browsed
from index.retrieval.rerank import Reranker
from index.retrieval.units import Unit
from index.store.articles import StoredArticle, articles_by_id
from index.store.changes import deleted_since
from index.store.database import Store
from index.store.sources import source_names

MAX_K = 100
GROUPS = ("story", "none")
SORTS = ("relevance", "date")
MODES = ("hybrid", "lexical", "dense")

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as asked for. ``mode`` ``lexical`` leaves the encoder out, ``dense`` ranks by meaning alone (for measuring);
    ``cursor`` continues an earlier answer."""

    query: str
    k: int = 10
    filters: Filters = field(default_factory=Filters)
    group: str = "story"
    sort: str = "relevance"
    mode: str = "hybrid"
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer.

    ``total`` counts results above the floor (stories when grouped), ``articles`` the articles in them; ``facets`` and
    ``histogram`` count articles. They are exact unless ``exact`` is false: then they are lower bounds. ``mode`` is what was
    really used: ``hybrid``, or ``lexical`` where there is no usable encoder or vector index.
    """

    query: ParsedQuery
    took_ms: float
    total: int
    articles: int
    exact: bool
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    histogram: Histogram
    next_cursor: str | None
    mode: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """A search as far as passages: ``matched`` (n,) tells by bits which units each row of the index has."""

    query: ParsedQuery
    loaded: LoadedGeneration
    found: Found
    matched: NDArray[np.uint32]
    notice: str | None
    hybrid: bool


@dataclass(frozen=True, slots=True)
class _Scores:
    """Of the passages that were found: the whole score (p,), and what recency adds to it (p,)."""

    whole: Keys
    recency: Keys


class Searcher:
    """Answers searches over one store. Safe from several threads."""

    def __init__(
        self,
        store: Store,
        reading: Reading,
        encoder: Encoder | None,
        reader: IndexReader,
        *,
        zone: tzinfo = UTC,
        reranker: Reranker | None = None,
    ) -> None:
        self._store = store
        self._reading = reading
        self._encoder = encoder
        self._reader = reader
        self._zone = zone
        self._hits = HitBuilder(store, reading)
        self._reranker = reranker
        self._orders = Orders()

    def search(self, request: SearchRequest, now: datetime) -> SearchResult:
        """Answer `request`; `now` is what recency and relative dates are measured against.

        Raises:
            QueryError: a query that cannot be searched. FilterError: a parameter out of bounds.
            IndexUnavailable: no index generation can be read.
        """
        began = time.perf_counter()
        _check(request)
        cursor = None
        if request.cursor is not None:
            # The following pages are as of the first: what came since does not push anything over their edges.
            cursor = read_cursor(request.cursor)
            now = cursor.began
        return self._answer(request, self._find(request, now, cursor), now, cursor, began)

    def matching(self, request: SearchRequest, now: datetime) -> Ids:
        """Ids (a,) of all articles that answer `request`, in order, each by itself; ``k``, ``group`` and ``cursor`` do not
        matter. Raises as `search`."""
        _check(request)
        search = self._find(request, now, None)
        _, articles, keys = self._ordered(request, search, now)
        return search.loaded.columns.articles[articles.positions[np.argsort(-keys, kind="stable")]]

    def _find(self, request: SearchRequest, now: datetime, cursor: Cursor | None) -> "_Search":
        """The passages that answer `request`."""
        loaded = self._reader.current()
        query = self.parse(request.query, now, loaded)
        # What the query itself demands is one thing, what narrows its answer another: narrowing never widens.
        asked = Filters(after=query.after, before=query.before, as_of=request.filters.as_of)
        filters = with_times(request.filters, query)
        demanded, notice = self.allowed(query, asked, loaded)
        if cursor is not None:
            demanded = demanded & (loaded.columns.articles <= cursor.newest)
        allowed = demanded if filters == asked else demanded & loaded.columns.allowed(filters)
        dense = request.mode != "lexical" and self._encoder is not None and loaded.vectors is not None
        if request.mode != "lexical" and self._encoder is not None and loaded.vectors is None:
            notice = f"Searched by words only: {self._reader.trouble or 'the index has no vectors.'}"
        vector = None
        if dense and query.embedded and self._encoder is not None:
            try:
                vector = self._encoder.encode_query(query.embedded)
            except EncoderError as error:
                notice = f"Searched by words only: {error.message}"
        if query.units:
            words = loaded.lexical.score([unit.alternatives for unit in query.units], query.pairs)
            ranking = Ranking(loaded, query, words, allowed, vector, request.mode, multilingual=self.multilingual)
            opening = ranking
            if filters != asked:
                opening = Ranking(loaded, query, words, demanded, vector, request.mode, multilingual=self.multilingual)
            found, matched = ranking.relevant(opening), words.matched
        else:
            found, matched = browsed(loaded, allowed), np.zeros(len(loaded.passages), np.uint32)
        return _Search(query, loaded, found, matched, notice, vector is not None)

    def parse(self, text: str, now: datetime, loaded: LoadedGeneration | None = None) -> ParsedQuery:
        """Read a query against the current index. Raises QueryError."""
        return parse_query(text, self._reading, self.context(now, loaded or self._reader.current()))

    def context(self, now: datetime, loaded: LoadedGeneration) -> QueryContext:
        """What queries are read against."""
        names = source_names(self._store)
        return QueryContext(
            now=now,
            zone=self._zone,
            sources={source: names.get(source, source) for source in {*loaded.columns.source_names, *names}},
            occurs=lambda term: loaded.lexical.document_frequency(Alternative("words", (term,))) > 0,
            satisfied=loaded.lexical.occurs,
            multilingual=self.multilingual,
        )

    def similar(self, article_id: int, k: int = 6) -> list[tuple[StoredArticle, float]]:
        """The articles nearest to one, best first, with their cosines; empty where there are no vectors."""
        loaded = self._reader.current()
        if loaded.vectors is None:
            return []
        rows = np.nonzero(loaded.row_articles == article_id)[0][:2]
        if not len(rows):
            return []
        centre = loaded.vectors.rows(rows).sum(axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-9)
        found, scores = loaded.vectors.search(centre, (k + 1) * 6)
        best: dict[int, float] = {}
        for row, score in zip(found, scores, strict=True):
            article = int(loaded.row_articles[row])
            if article != article_id:
                best.setdefault(article, float(score))
        articles = articles_by_id(self._store, list(best))
        return [(articles[a], round(s, 4)) for a, s in best.items() if a in articles][:k]

    # -- what may be in the answer

    def allowed(self, query: ParsedQuery, filters: Filters, loaded: LoadedGeneration) -> tuple[Mask, str | None]:
        """Which articles of the columns may be in the answer (m,), and a notice where a demand had to be given up."""
        columns = loaded.columns
        allowed = columns.allowed(filters)
        gone = deleted_since(self._store, loaded.manifest.sequence)
        if gone:
            positions = columns.positions(np.array(gone, np.int64))
            allowed[positions[positions >= 0]] = False
        for constraint in query.constraints:
            having = self._having(constraint, loaded)
            allowed &= ~having if constraint.negative else having
        identifiers = [unit for unit in query.units if unit.identifier]
        if identifiers:
            # H100 must never be answered with H800, however near the vectors are.
            either = tuple(each for unit in identifiers for each in unit.alternatives)
            allowed &= self._having(Constraint("", either), loaded)
        unmet = None
        years = (unit.year for unit in query.units)
        year = next((each for each in years if each is not None and not self._speaks_of(each, loaded)), None)
        if year is not None:
            return np.zeros(len(columns), np.bool_), f"No article speaks of {year}."
        absent = next((unit for unit in query.units if self._is_absent(unit, loaded)), None)
        if absent is not None:
            return np.zeros(
                len(columns), np.bool_
            ), f"No article mentions {self._reading.catalogue.name_of(absent.entities[0])}."
        if query.named and not self._with_makers(query.named) & columns.entity_set:
            # Whatever resembles the rest of the query, it is not about what was asked for.
            names = [self._reading.catalogue.name_of(each) for each in query.named]
            return np.zeros(len(columns), np.bool_), f"No article mentions {' or '.join(names)}."
        if not allowed.any():
            names = [each.text for each in query.constraints if not each.negative and not self._having(each, loaded).any()]
            unmet = f"Nothing has {' or '.join(names)}." if names else None
        return allowed, unmet

    def _is_absent(self, unit: Unit, loaded: LoadedGeneration) -> bool:
        """Whether `unit` is a thing of the catalogue, no company, that nothing mentions. A company's products may be there."""
        kinds = {entity.kind for each in unit.entities if (entity := self._reading.catalogue.get(each)) is not None}
        if not kinds or kinds & {"company", "organisation"}:
            return False
        return not any(loaded.lexical.occurs(way) for way in unit.alternatives)

    @staticmethod
    def _speaks_of(year: str, loaded: LoadedGeneration) -> bool:
        fields = ("words", "title", "quantity")
        return int(year) in loaded.columns.years or any(loaded.lexical.occurs(Alternative(field, (year,))) for field in fields)

    def _with_makers(self, entities: Sequence[str]) -> set[str]:
        """`entities` with who makes or owns them, under whose name an article may have it, and with their families."""
        found = {other for each in entities for other in (each, *self._reading.catalogue.family_of(each))}
        for each in entities:
            entity = self._reading.catalogue.get(each)
            found |= {other for other in (entity.maker, entity.parent) if other} if entity else set()
        return found

    @staticmethod
    def _having(constraint: Constraint, loaded: LoadedGeneration) -> Mask:
        mask = loaded.columns.satisfying(constraint.alternatives)
        if mask is None:
            mask = np.zeros(len(loaded.columns), np.bool_)
            mask[loaded.row_positions[loaded.lexical.rows_with(constraint.alternatives)]] = True
        return mask

    @property
    def multilingual(self) -> bool:
        return self._encoder is not None and self._encoder.multilingual

    # -- the answer

    def _ordered(self, request: SearchRequest, search: "_Search", now: datetime) -> tuple["_Scores", Articles, Keys]:
        """The scores of the passages that were found, the articles that they are of, and keys (a,) that order these."""
        query, loaded, found = search.query, search.loaded, search.found
        columns = loaded.columns
        positions = loaded.row_positions[found.rows]
        ages = (int((request.filters.as_of or now).timestamp()) - columns.time[positions]) / 86_400
        fresh, weight = fusion.freshness(ages, news=query.news)
        fresh[~columns.dated[positions]] = 0  # when it was first seen says nothing about its age
        score = np.asarray((1 - weight) * found.score + weight * fresh if query.units else fresh, np.float64)
        articles = best_passages(positions, score, len(columns))
        chosen = articles.positions
        if request.sort == "date" or not query.units:
            keys = sort_keys(columns.time[chosen], -chosen, scale=1e6)
        else:
            keys = sort_keys(score[articles.best], chosen, scale=0.1)
            if self._reranker is not None:
                keys = self._reranked(request, loaded, found.rows[articles.best], keys)
        return _Scores(score, np.asarray(weight * fresh, np.float64)), articles, keys

    def _answer(
        self, request: SearchRequest, search: "_Search", now: datetime, cursor: Cursor | None, began: float
    ) -> SearchResult:
        query, loaded, found, matched = search.query, search.loaded, search.found, search.matched
        columns = loaded.columns
        scores, articles, keys = self._ordered(request, search, now)
        chosen = articles.positions
        groups = columns.groups[chosen] if request.group == "story" else chosen
        offset = 0
        if cursor is not None:
            keys, key = self._orders.restore(request, cursor, columns.articles[chosen], keys)
            last = np.flatnonzero(columns.articles[chosen] == cursor.last)
            offset = rank_after(groups, keys, int(last[0]) if len(last) else None, key)
        members, total = page_of(groups, keys, offset, request.k)
        weights = [loaded.lexical.rarity(unit.alternatives) for unit in query.units[:MAX_UNITS]]

        def candidate(at: int) -> Candidate:
            row = int(found.rows[at])
            return Candidate(
                passage=int(loaded.passages[row]),
                article=int(loaded.row_articles[row]),
                score=float(scores.whole[at]),
                lexical=float(found.lexical[at]),
                dense=float(found.dense[at]),
                cosine=None if math.isnan(float(found.cosine[at])) else float(found.cosine[at]),
                recency=float(scores.recency[at]),
                coverage=coverage(weights, int(matched[row])),
            )

        page: list[Group] = []
        for group in members:
            copied = columns.copied[chosen[group]]
            ordered = articles.best[group][np.argsort(copied, kind="stable")[:MOST_SHOWN]]
            page.append(Group([candidate(at) for at in ordered.tolist()], len(group), len(group) - int(copied.sum())))
        hits = self._hits.build(page, query)
        following = offset + len(members)
        next_cursor = None
        if members and following < total:
            end = max(members[-1], key=lambda at: keys[at])
            newest = cursor.newest if cursor else int(columns.articles.max())
            following_cursor = Cursor(now, newest, int(columns.articles[chosen[end]]), float(keys[end]))
            if cursor is None:
                self._orders.keep(request, following_cursor, columns.articles[chosen], keys)
            next_cursor = write_cursor(following_cursor)
        return SearchResult(
            query=query,
            took_ms=round((time.perf_counter() - began) * 1000, 2),
            total=total,
            articles=len(chosen),
            exact=found.exact,
            hits=tuple(hits),
            facets=self._facets(columns.counts(chosen)),
            histogram=histogram(columns.time[chosen]),
            next_cursor=next_cursor,
            mode=request.mode if search.hybrid else "lexical",
            notice=search.notice,
        )

    def _facets(self, counts: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        """The counts, with companies and chips also by themselves."""
        by_kind: dict[str, dict[str, int]] = {"company": {}, "chip": {}}
        for entity_id, count in counts["entity"].items():
            entity = self._reading.catalogue.get(entity_id)
            kind = "chip" if entity is not None and entity.kind == "system" else entity.kind if entity is not None else ""
            if kind in by_kind:
                by_kind[kind][entity_id] = count
        return {**counts, **by_kind}

    def _reranked(self, request: SearchRequest, loaded: LoadedGeneration, rows: Ids, keys: Keys) -> Keys:
        """`keys` (a,) of articles whose best passages are `rows` (a,), with the first ones in the reranker's order."""
        assert self._reranker is not None
        head = np.argsort(-keys)[: self._reranker.depth]
        order = self._reranker.order(request.query, self._hits.texts(loaded.passages[rows[head]].tolist()))
        keys[head[order]] = keys.max(initial=0.0) + np.arange(len(head), 0, -1)
        return keys


def with_times(filters: Filters, query: ParsedQuery) -> Filters:
    """`filters`, narrowed by the times that the query itself names."""
    after = max((each for each in (filters.after, query.after) if each is not None), default=None)
    before = min((each for each in (filters.before, query.before) if each is not None), default=None)
    return replace(filters, after=after, before=before)


def coverage(weights: Sequence[float], matched: int) -> float:
    """The share of the units' `weights` that is of units whose bit is set in `matched`."""
    return sum(weight for i, weight in enumerate(weights) if matched >> i & 1) / max(sum(weights), 1e-9)


def _check(request: SearchRequest) -> None:
    if not 1 <= request.k <= MAX_K:
        raise FilterError(f"k is {request.k}; it must be from 1 to {MAX_K}.")
    if request.group not in GROUPS:
        raise FilterError(f"group is {request.group!r}; it must be one of {', '.join(GROUPS)}.")
    if request.sort not in SORTS:
        raise FilterError(f"sort is {request.sort!r}; it must be one of {', '.join(SORTS)}.")
    if request.mode not in MODES:
        raise FilterError(f"mode is {request.mode!r}; it must be one of {', '.join(MODES)}.")
