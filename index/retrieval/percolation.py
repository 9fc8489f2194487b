"""Percolation: of searches that wait, which ones do new articles answer?

The answer is that of a search narrowed to the new articles: the same units, demands, gate and floor, and the whole index
decides whether there is an answer at all and how good its best passage is. That costs a search each, so of every waiting
search its embedding and the evidence for its best passage are kept in the store: with them the new passages alone say which
searches can have something new. Those are ranked, from what was nearest to them the last time and what is new; and what hits
are made of is read once for all of them (docs/decisions/0022-percolation.md).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index.errors import ChipwireError, EncoderError
from index.knowledge.reading import Reading
from index.retrieval import fusion
from index.retrieval.calibration import Stretch
from index.retrieval.encoder import Encoder
from index.retrieval.filters import Filters
from index.retrieval.hits import MOST_SHOWN, Candidate, Group, Hit, HitBuilder
from index.retrieval.lexical import MAX_UNITS, Alternative, WordScores
from index.retrieval.page import best_passages, page_of, sort_keys
from index.retrieval.query import ParsedQuery, QueryContext, parse_query
from index.retrieval.reader import IndexReader, LoadedGeneration
from index.retrieval.relevance import CANDIDATES, FEW, Found, Ranking, browsed, gates_of
from index.retrieval.search import Searcher, coverage, with_times
from index.retrieval.shelf import Shelf
from index.retrieval.sides import MeaningSide, Nearest
from index.store.database import Store
from index.store.searches import SearchMemory

SLACK = 0.85
"""A search is asked in full where a new passage has this share of the evidence that it would need by what is remembered."""
GROWTH = 0.1
"""What is remembered of an index is measured anew once the index is so much larger or smaller."""

_MOST_NEW = 5000
"""Passages that are compared one by one with a search; with more than these the whole index is asked again."""

Mask = NDArray[np.bool_]
Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A search that waits for articles, and what is remembered of it."""

    id: int
    query: str
    filters: Filters = field(default_factory=Filters)
    memory: SearchMemory | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What the new articles answer to a search: one hit a story, the best first. ``memory`` is to be kept where it is not
    None; ``trouble`` says why the search cannot be asked."""

    search_id: int
    hits: tuple[Hit, ...] = ()
    memory: SearchMemory | None = None
    trouble: str | None = None


class Percolator:
    """Asks waiting searches of new articles. For one thread."""

    def __init__(
        self, store: Store, reading: Reading, encoder: Encoder | None, reader: IndexReader, searcher: Searcher
    ) -> None:
        self._reading = reading
        self._encoder = encoder
        self._reader = reader
        self._searcher = searcher
        self._hits = HitBuilder(store, reading)
        self._store = store
        self._queries = QueryMemory(reading)
        self._heads: dict[int, _Head] = {}

    def match(self, waiting: Sequence[Waiting], after: int, now: datetime) -> Iterator[Match]:
        """For each search with anything to say, its match among the articles whose ids are above `after`.

        Raises:
            IndexUnavailable: no index generation can be read.
        """
        loaded = self._reader.follow()
        batch = _Batch(loaded, after, Shelf(self._store))
        if not len(batch.rows):
            return
        ids = {each.id for each in waiting}
        self._heads = {key: head for key, head in self._heads.items() if key in ids}
        context = self._searcher.context(now, loaded)
        self._queries.keep({each.query for each in waiting})
        for search in waiting:
            try:
                match = self._match(search, self._queries.parse(search.query, context), batch)
            except ChipwireError as error:
                match = Match(search.id, trouble=str(error))
            if match is not None:
                yield match

    def _match(self, search: Waiting, query: ParsedQuery, batch: "_Batch") -> Match | None:
        loaded = batch.loaded
        # As in `Searcher.search`: what the query itself demands is one thing, what narrows its answer another.
        asked = Filters(after=query.after, before=query.before)
        filters = with_times(search.filters, query)
        if not batch.allows(filters):
            return None
        if not query.units:
            demanded, _ = self._searcher.allowed(query, asked, loaded)
            found = browsed(loaded, demanded & loaded.columns.allowed(filters) & batch.articles)
            return Match(search.id, self._hits_of(query, batch, found, np.zeros(len(loaded.passages), np.uint32)))
        memory = self._remembered(search.memory, query, loaded)
        vector = None if memory.vector is None else np.frombuffer(memory.vector, np.float32)
        if memory.best is not None and not self._may_answer(query, memory.best, vector, batch):
            return None if memory is search.memory else Match(search.id, memory=memory)
        words = loaded.lexical.score([unit.alternatives for unit in query.units], query.pairs)
        demanded, _ = self._searcher.allowed(query, asked, loaded)
        opening = self._ranking(query, words, demanded, vector, batch, self._nearest(search, query, demanded, vector, batch))
        memory = replace(memory, best=opening.best if opening.opens else 0.0, passages=loaded.lexical.passages)
        allowed = demanded & loaded.columns.allowed(filters) & batch.articles
        hits: tuple[Hit, ...] = ()
        if opening.opens and allowed.any():
            nearest = batch.nearest(vector, allowed) if vector is not None else None
            ranking = self._ranking(query, words, allowed, vector, batch, nearest)
            hits = self._hits_of(query, batch, ranking.relevant(opening), words.matched)
        return Match(search.id, hits, memory)

    def _ranking(
        self,
        query: ParsedQuery,
        words: WordScores,
        allowed: Mask,
        vector: Floats | None,
        batch: "_Batch",
        nearest: Nearest | None,
    ) -> Ranking:
        multilingual = self._searcher.multilingual
        return Ranking(batch.loaded, query, words, allowed, vector, "hybrid", multilingual=multilingual, nearest=nearest)

    def _nearest(
        self, search: Waiting, query: ParsedQuery, demanded: Mask, vector: Floats | None, batch: "_Batch"
    ) -> Nearest | None:
        """The nearest of the `demanded` articles' passages to a search: those of the last time and the new ones, where nothing
        else has changed."""
        if vector is None:
            return None
        loaded = batch.loaded
        rows = loaded.allowed_rows(demanded)
        head = self._heads.get(search.id)
        nearest = None
        if head is not None and np.array_equal(head.vector, vector):
            nearest = head.brought_up_to(batch, demanded, rows)
        if nearest is None:
            nearest = MeaningSide(loaded, vector, rows).nearest(CANDIDATES)
        self._heads[search.id] = _Head.of(vector, batch, demanded, nearest)
        return nearest

    def _remembered(self, memory: SearchMemory | None, query: ParsedQuery, loaded: LoadedGeneration) -> SearchMemory:
        """`memory` where it still holds; else with what has to be measured anew left open."""
        encoder = self._encoder if loaded.vectors is not None and query.embedded else None
        model = encoder.model_id if encoder is not None else ""
        passages = loaded.lexical.passages
        if memory is not None and (memory.embedded, memory.model) == (query.embedded, model):
            if abs(passages - memory.passages) <= GROWTH * memory.passages:
                return memory
            return replace(memory, best=None)
        vector = None
        if encoder is not None:
            try:
                vector = np.asarray(encoder.encode_query(query.embedded), np.float32).tobytes()
            except EncoderError:
                model = ""  # by words alone, and another try with the next articles
        return SearchMemory(query.embedded, model, vector, None, passages)

    def _may_answer(self, query: ParsedQuery, best: float, vector: Floats | None, batch: "_Batch") -> bool:
        """Whether a new passage may have the evidence that it needs; `best` is that of the best passage so far, 0 where
        nothing opened an answer."""
        loaded, rows = batch.loaded, batch.rows
        words = loaded.lexical.score([unit.alternatives for unit in query.units], query.pairs, batch.parts)
        matched = words.matched[rows]
        identifiers = sum(1 << number for number, unit in enumerate(query.units[:MAX_UNITS]) if unit.identifier)
        if identifiers and not (matched & np.uint32(identifiers)).any():
            return False
        cosines = batch.cosines(vector) if vector is not None else None
        frequencies = sum(loaded.lexical.rarity(unit.alternatives) for unit in query.units)
        proof = fusion.evidence(cosines, words.bm25[rows], frequencies)
        chinese, ours = batch.chinese, query.lang == "zh"
        if best:
            needed = fusion.floors(fusion.floor_base(best), ours, chinese)
        elif len(query.units) <= FEW and bool((matched == (1 << len(query.units)) - 1).any()):
            return True
        elif cosines is None:
            needed = fusion.gates_of_words(ours, chinese)
        else:
            needed = gates_of(query, chinese, loaded, multilingual=self._searcher.multilingual)
        return bool((proof >= SLACK * needed).any())

    def _hits_of(self, query: ParsedQuery, batch: "_Batch", found: Found, matched: NDArray[np.uint32]) -> tuple[Hit, ...]:
        """The best article of each story, best first."""
        loaded, columns = batch.loaded, batch.loaded.columns
        score = np.asarray(found.score, np.float64)
        articles = best_passages(loaded.row_positions[found.rows], score, len(columns))
        chosen = articles.positions
        keys = sort_keys(score[articles.best], chosen, scale=0.1)
        members, _ = page_of(columns.groups[chosen], keys, 0, len(chosen))
        weights = [loaded.lexical.rarity(unit.alternatives) for unit in query.units[:MAX_UNITS]]

        def candidate(at: int) -> Candidate:
            row = int(found.rows[at])
            cosine = float(found.cosine[at])
            return Candidate(
                passage=int(loaded.passages[row]),
                article=int(loaded.row_articles[row]),
                score=float(score[at]),
                lexical=float(found.lexical[at]),
                dense=float(found.dense[at]),
                cosine=None if math.isnan(cosine) else cosine,
                recency=0.0,
                coverage=coverage(weights, int(matched[row])),
            )

        groups = []
        for group in members:
            copied = columns.copied[chosen[group]]
            ordered = articles.best[group][np.argsort(copied, kind="stable")[:MOST_SHOWN]]
            groups.append(Group([candidate(at) for at in ordered.tolist()], len(group), len(group) - int(copied.sum())))
        return tuple(self._hits.build(groups, query, batch.shelf))


class _Batch:
    """The new articles of a generation: ``articles`` (m,) of the columns, ``rows`` (r,) their passages."""

    def __init__(self, loaded: LoadedGeneration, after: int, shelf: Shelf) -> None:
        self.loaded = loaded
        self.articles: Mask = loaded.columns.articles > after
        among = np.append(self.articles, False)[loaded.row_positions]  # rows that are gone have position -1
        self.rows: Ids = np.flatnonzero(among)
        self.parts = loaded.lexical.parts_with(among)
        self.chinese: Mask = loaded.row_chinese[self.rows]
        self.shelf = shelf
        shelf.lay(loaded.columns.articles[self.articles].tolist(), loaded.passages[self.rows].tolist())
        self._vectors = loaded.vectors.rows(self.rows) if loaded.vectors is not None else None
        self._stretch = Stretch(loaded.manifest.baseline)
        self._allowed: dict[Filters, bool] = {}

    def cosines(self, vector: Floats) -> Floats:
        """Those of the rows with a query's vector, stretched to the default model's terms (r,)."""
        assert self._vectors is not None
        return self._stretch.of(np.asarray(self._vectors @ vector, np.float32))

    def nearest(self, vector: Floats, allowed: Mask) -> Nearest:
        """All rows of the `allowed` (m,) articles."""
        own = np.append(allowed, False)[self.loaded.row_positions[self.rows]]
        return Nearest.among(self.rows[own], self.cosines(vector)[own], whole=True)

    def cosines_of(self, vector: Floats, rows: Ids) -> Floats:
        """Those of any rows (k,), new or not, with a query's vector, stretched (k,)."""
        assert self.loaded.vectors is not None
        return self._stretch.of(self.loaded.vectors.cosines(vector, rows))

    def allows(self, filters: Filters) -> bool:
        """Whether any of the new articles satisfies `filters`; many searches have the same ones."""
        if filters not in self._allowed:
            self._allowed[filters] = not filters or bool((self.loaded.columns.allowed(filters) & self.articles).any())
        return self._allowed[filters]


@dataclass(frozen=True, slots=True)
class _Head:
    """The nearest passages to a search the last time that it was ranked: their ids (k,) and cosines (k,), the best first, among
    the articles that its query allows. ``allowed`` says which these were of those up to the id ``article``; ``passage`` is the
    last id there was."""

    vector: Floats
    passages: Ids
    cosines: Floats
    whole: bool
    allowed: int
    article: int
    passage: int

    @classmethod
    def of(cls, vector: Floats, batch: "_Batch", demanded: Mask, nearest: Nearest) -> "_Head":
        loaded = batch.loaded
        article, passage = int(loaded.columns.articles[-1]), int(loaded.passages[-1])
        told = _which(loaded, demanded, article)
        return cls(vector, loaded.passages[nearest.rows], nearest.cosines, nearest.whole, told, article, passage)

    def brought_up_to(self, batch: "_Batch", demanded: Mask, rows: Mask | None) -> Nearest | None:
        """The nearest passages now; None where they cannot be told from these and the new ones alone. `rows` (n,) are those of
        the `demanded` articles, None where that is all."""
        loaded = batch.loaded
        if _which(loaded, demanded, self.article) != self.allowed:
            return None
        found = np.minimum(np.searchsorted(loaded.passages, self.passages), len(loaded.passages) - 1)
        stays = (loaded.passages[found] == self.passages) & (loaded.row_positions[found] >= 0)
        if not stays.all() and not self.whole:
            return None
        first = int(np.searchsorted(loaded.passages, self.passage, "right"))
        new = np.arange(first, len(loaded.passages)) if rows is None else first + np.flatnonzero(rows[first:])
        if len(new) > _MOST_NEW:
            return None
        kept, cosines = found[stays], self.cosines[stays]
        if len(new):
            kept, cosines = np.concatenate([kept, new]), np.concatenate([cosines, batch.cosines_of(self.vector, new)])
        nearest = Nearest.among(kept, cosines, whole=self.whole and len(kept) <= CANDIDATES)
        return Nearest(nearest.rows[:CANDIDATES], nearest.cosines[:CANDIDATES], nearest.whole)


def _which(loaded: LoadedGeneration, demanded: Mask, article: int) -> int:
    """Tells apart which articles up to an id are `demanded` (m,)."""
    end = int(np.searchsorted(loaded.columns.articles, article, "right"))
    own = demanded[:end]
    return end if own.all() else hash(loaded.columns.articles[:end][own].tobytes())


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A query with what its reading asked of the index, and was told."""

    query: ParsedQuery
    sources: Mapping[str, str]
    terms: Mapping[str, bool]
    ways: Mapping[Alternative, bool]

    def holds(self, context: QueryContext) -> bool:
        """Whether it would be read the same now."""
        timed = self.query.after is not None or self.query.before is not None
        return (
            not timed
            and self.sources == context.sources
            and all(context.occurs(term) == told for term, told in self.terms.items())
            and all(context.satisfied(way) == told for way, told in self.ways.items())
        )


class QueryMemory:
    """Queries as read. One is read again when the index would answer differently what its reading asks of it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[str, _Parsed] = {}

    def keep(self, texts: set[str]) -> None:
        """Forget all but `texts`."""
        self._known = {text: known for text, known in self._known.items() if text in texts}

    def parse(self, text: str, context: QueryContext) -> ParsedQuery:
        """As `parse_query`, which see."""
        known = self._known.get(text)
        if known is not None and known.holds(context):
            return known.query
        terms: dict[str, bool] = {}
        ways: dict[Alternative, bool] = {}

        def occurs(term: str) -> bool:
            return terms.setdefault(term, context.occurs(term))

        def satisfied(way: Alternative) -> bool:
            return ways.setdefault(way, context.satisfied(way))

        query = parse_query(text, self._reading, replace(context, occurs=occurs, satisfied=satisfied))
        self._known[text] = _Parsed(query, context.sources, terms, ways)
        return query
