"""Search: lexical and dense candidates, fused, held above a relevance floor, grouped by story, joined to the store.

Fusion is a convex combination of min–max-normalised scores (Bruch, Gai and Ingber 2023), with dense scores computed
exactly for every candidate of either side. Recency is applied after it, the floor before counts.
"""

import base64
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from index.errors import EncoderError, FilterError
from index.knowledge.reading import Reading
from index.knowledge.stories import COPIED, ORIGINAL, stories_of_articles
from index.retrieval.encoder import Encoder
from index.retrieval.lexical import Filters
from index.retrieval.query import ParsedQuery, parse_query
from index.retrieval.reader import IndexReader, LoadedGeneration
from index.retrieval.snippet import Matcher, Snippet, make_snippet
from index.store.articles import (
    ArticleHead,
    StoredArticle,
    articles_by_entity,
    articles_by_id,
    entity_counts,
    heads_by_id,
)
from index.store.database import Store
from index.store.passages import passages_by_id

MAX_K = 100
MAX_OFFSET = 10_000
CANDIDATES = 200
"""Passages taken from each side; more changes the first page in no evaluated set."""

DENSE_WEIGHT = 0.5
EVIDENCE_FLOOR = 0.48
COVERAGE_SHARE = 0.63
"""A passage is relevant when cosine + COVERAGE_SHARE × coverage reaches the floor, where coverage is the share of the
query's weight that it matches. The share is a logistic regression's over the sets of bench/quality.py; the floor lies
below its even odds, because refusing an answer that is there costs a reader more than one weak hit."""
COVERAGE_FLOOR = 0.5
"""The same for words alone."""

RECENCY_WEIGHT = 0.03
RECENCY_HALF_LIFE_DAYS = 120.0

_AS_GOOD = 0.8

GROUPS = ("story", "none")
SORTS = ("relevance", "date")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as asked for. ``mode`` ``lexical`` leaves the encoder out; ``cursor`` continues an earlier answer."""

    query: str
    k: int = 10
    filters: Filters = field(default_factory=Filters)
    group: str = "story"
    sort: str = "relevance"
    mode: str = "hybrid"
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """Another article of a hit's story, folded under it."""

    article_id: int
    url: str
    title: str
    source: str
    published: datetime | None
    lang: str
    role: str


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that answers, with the passage that does so best.

    ``score`` is in 0–1 and comparable within one answer only. ``matched`` are the matched words as they stand in the
    text. ``cosine`` and ``coverage`` say why: dense similarity, and the share of the query's weight that matched.
    """

    article: StoredArticle
    story_id: int | None
    score: float
    snippet: Snippet
    title: Snippet
    entities: tuple[str, ...]
    matched: tuple[str, ...]
    cosine: float | None
    coverage: float
    more: tuple[Related, ...] = ()
    independent: int = 1


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer. ``total`` counts results above the floor (stories when grouped); ``facets`` count articles.

    ``mode`` is what was really used: ``hybrid``, or ``lexical`` where there is no usable encoder or vector index.
    """

    query: ParsedQuery
    took_ms: float
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    next_cursor: str | None
    mode: str
    notice: str | None = None


@dataclass(slots=True)
class _Candidate:
    passage: int
    article: int
    lexical: float = 0.0
    cosine: float | None = None
    units: int = 0
    coverage: float = 0.0
    score: float = 0.0


class Searcher:
    """Answers searches over one store. Safe from several threads."""

    def __init__(self, store: Store, reading: Reading, encoder: Encoder | None, reader: IndexReader) -> None:
        self._store = store
        self._reading = reading
        self._encoder = encoder
        self._reader = reader

    def search(self, request: SearchRequest, now: datetime) -> SearchResult:
        """Answer `request`; `now` is what recency is measured against.

        Raises:
            QueryError: a query that cannot be searched. FilterError: a parameter out of bounds.
            IndexUnavailable: no index generation can be read.
        """
        began = time.perf_counter()
        _check(request)
        offset = _offset(request.cursor)
        multilingual = self._encoder is not None and self._encoder.multilingual
        query = parse_query(request.query, self._reading, multilingual=multilingual)
        loaded = self._reader.current()
        notice = None
        dense = request.mode == "hybrid" and self._encoder is not None and loaded.vectors is not None
        candidates: list[_Candidate] = []
        try:
            candidates = self._candidates(query, request.filters, loaded, dense=dense)
        except EncoderError as error:
            notice, dense = f"Searched by words only: {error.message}", False
            candidates = self._candidates(query, request.filters, loaded, dense=False)
        if request.mode == "hybrid" and self._encoder is not None and loaded.vectors is None:
            notice = f"Searched by words only: {self._reader.trouble or 'the index has no vectors.'}"
        best = self._best_per_article(candidates)
        heads = heads_by_id(self._store, [each.article for each in best])
        best = [each for each in best if each.article in heads]
        _apply_recency(best, heads, request.filters.as_of or now)
        if request.sort == "date":
            best.sort(key=lambda each: (heads[each.article].time, each.article), reverse=True)
        else:
            best.sort(key=lambda each: (-each.score, each.article))
        groups = self._groups(best, request.group)
        page = groups[offset : offset + request.k]
        hits = self._hits(page, query)
        following = offset + request.k
        return SearchResult(
            query=query,
            took_ms=round((time.perf_counter() - began) * 1000, 2),
            total=len(groups),
            hits=tuple(hits),
            facets=self._facets(best, heads),
            next_cursor=_cursor(following) if following < len(groups) else None,
            mode="hybrid" if dense else "lexical",
            notice=notice,
        )

    def similar(self, article_id: int, k: int = 6) -> list[tuple[StoredArticle, float]]:
        """The articles nearest to one, best first, with their cosines; empty where there are no vectors."""
        loaded = self._reader.current()
        if loaded.vectors is None:
            return []
        rows = np.nonzero(loaded.passage_articles == article_id)[0][:2]
        if not len(rows):
            return []
        centre = loaded.vectors.rows(rows).sum(axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-9)
        found, scores = loaded.vectors.search(centre, (k + 1) * 6)
        best: dict[int, float] = {}
        for row, score in zip(found, scores, strict=True):
            article = int(loaded.passage_articles[row])
            if article != article_id:
                best.setdefault(article, float(score))
        articles = articles_by_id(self._store, list(best))
        return [(articles[a], round(s, 4)) for a, s in best.items() if a in articles][:k]

    def _candidates(self, query: ParsedQuery, filters: Filters, loaded: LoadedGeneration, *, dense: bool) -> list[_Candidate]:
        units = [unit.alternatives for unit in query.units]
        found: dict[int, _Candidate] = {}
        for passage, score in loaded.lexical.search(units, filters, CANDIDATES):
            found[passage] = _Candidate(passage, 0, lexical=score)
        if dense:
            self._add_dense(query, filters, loaded, found)
        unplaced = [passage for passage, each in found.items() if not each.article]
        for passage, row in passages_by_id(self._store, unplaced).items():
            found[passage].article = row.article_id
        candidates = [each for each in found.values() if each.article]
        self._weigh(query, loaded, candidates)
        _fuse(candidates, dense=dense)
        identifiers = sum(1 << i for i, unit in enumerate(query.units) if unit.identifier)
        if identifiers:
            # H100 must never be answered with H800, however near the vectors are.
            exact = {each.article for each in candidates if each.units & identifiers}
            candidates = [each for each in candidates if each.article in exact]
        return [each for each in candidates if _relevant(each, dense=dense)]

    def _add_dense(self, query: ParsedQuery, filters: Filters, loaded: LoadedGeneration, found: dict[int, _Candidate]) -> None:
        assert self._encoder is not None and loaded.vectors is not None
        vector = self._encoder.encode_query(query.embedded)
        mask = loaded.passage_mask(filters) if filters else None
        rows, scores = loaded.vectors.search(vector, CANDIDATES, mask)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
            passage = int(loaded.passages[row])
            candidate = found.setdefault(passage, _Candidate(passage, 0))
            candidate.cosine = score
            candidate.article = int(loaded.passage_articles[row])
        missing = loaded.rows_of([passage for passage, each in found.items() if each.cosine is None])
        if missing:
            exact = loaded.vectors.cosines(vector, np.fromiter(missing.values(), np.int64, len(missing)))
            for (passage, row), score in zip(missing.items(), exact.tolist(), strict=True):
                found[passage].cosine = score
                found[passage].article = int(loaded.passage_articles[row])

    def _weigh(self, query: ParsedQuery, loaded: LoadedGeneration, candidates: Sequence[_Candidate]) -> None:
        """Set which units each candidate matches, and what share of the query's weight (by rarity) they make."""
        units = [unit.alternatives for unit in query.units]
        total = loaded.lexical.passages
        weights = []
        for alternatives in units:
            seen = max(loaded.lexical.document_frequency(each) for each in alternatives[:3])
            weights.append(math.log(1 + (total + 1) / (seen + 0.5)))
        masks = loaded.lexical.matched_units(units, [each.passage for each in candidates])
        whole = sum(weights) or 1.0
        shares: dict[int, float] = {}
        for each in candidates:
            each.units = masks.get(each.passage, 0)
            if each.units not in shares:  # few different sets of units among hundreds of candidates
                shares[each.units] = sum(w for i, w in enumerate(weights) if each.units >> i & 1) / whole
            each.coverage = shares[each.units]

    @staticmethod
    def _best_per_article(candidates: Sequence[_Candidate]) -> list[_Candidate]:
        best: dict[int, _Candidate] = {}
        for each in candidates:
            known = best.get(each.article)
            if known is None or (each.score, -each.passage) > (known.score, -known.passage):
                best[each.article] = each
        return list(best.values())

    def _groups(self, ranked: Sequence[_Candidate], group: str) -> list[list[_Candidate]]:
        if group == "none":
            return [[each] for each in ranked]
        stories = stories_of_articles(self._store, [each.article for each in ranked])
        groups: dict[int, list[_Candidate]] = {}
        for each in ranked:
            groups.setdefault(stories.get(each.article, -each.article), []).append(each)
        return list(groups.values())

    def _hits(self, page: Sequence[Sequence[_Candidate]], query: ParsedQuery) -> list[Hit]:
        members = [each for group in page for each in group]
        articles = articles_by_id(self._store, [each.article for each in members])
        page = [kept for group in page if (kept := [each for each in group if each.article in articles])]
        roles = self._roles([each.article for each in members])
        leads = [_lead(group, roles, articles, query.lang) for group in page]
        entities = entity_counts(self._store, [each.article for each in leads])
        passages = passages_by_id(self._store, [each.passage for each in leads])
        matcher = Matcher(query.units, self._reading.glosser, self._reading.linker)
        hits: list[Hit] = []
        for group, lead in zip(page, leads, strict=True):
            article = articles[lead.article]
            passage = passages.get(lead.passage)
            body = article.text[passage.start : passage.end] if passage else article.text[:1000]
            chinese = article.lang == "zh"
            snippet = make_snippet(body, matcher, chinese=chinese)
            title = make_snippet(article.title, matcher, chinese=chinese) if article.title else Snippet("", (), ())
            story = roles.get(article.id, (None, ORIGINAL))[0]
            others = [each for each in group if each is not lead]
            hits.append(
                Hit(
                    article=article,
                    story_id=story,
                    score=round(lead.score, 4),
                    snippet=snippet,
                    title=title,
                    entities=tuple(list(entities[article.id])[:8]),
                    matched=tuple(dict.fromkeys((*title.matched, *snippet.matched))),
                    cosine=None if lead.cosine is None else round(lead.cosine, 4),
                    coverage=round(lead.coverage, 3),
                    more=tuple(_related(articles[e.article], roles.get(e.article, (None, ORIGINAL))[1]) for e in others),
                    independent=sum(roles.get(e.article, (None, ORIGINAL))[1] != COPIED for e in group),
                )
            )
        return hits

    def _roles(self, article_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
        if not article_ids:
            return {}
        marks = ",".join("?" * len(article_ids))
        rows = self._store.rows(
            f"SELECT article_id, story_id, role FROM article_story WHERE article_id IN ({marks})", list(article_ids)
        )
        return {int(row[0]): (int(row[1]), str(row[2])) for row in rows}

    def _facets(self, best: Sequence[_Candidate], heads: Mapping[int, ArticleHead]) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {"lang": {}, "source": {}, "entity": {}, "month": {}}
        counts["entity"] = articles_by_entity(self._store, [each.article for each in best])
        for each in best:
            article = heads[each.article]
            for facet, value in (
                ("lang", article.lang),
                ("source", article.source),
                ("month", article.time.strftime("%Y-%m")),
            ):
                counts[facet][value] = counts[facet].get(value, 0) + 1
        return {facet: dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))) for facet, values in counts.items()}


def _check(request: SearchRequest) -> None:
    if not 1 <= request.k <= MAX_K:
        raise FilterError(f"k is {request.k}; it must be from 1 to {MAX_K}.")
    if request.group not in GROUPS:
        raise FilterError(f"group is {request.group!r}; it must be one of {', '.join(GROUPS)}.")
    if request.sort not in SORTS:
        raise FilterError(f"sort is {request.sort!r}; it must be one of {', '.join(SORTS)}.")
    if request.mode not in ("hybrid", "lexical"):
        raise FilterError(f"mode is {request.mode!r}; it must be hybrid or lexical.")


def _fuse(candidates: Sequence[_Candidate], *, dense: bool) -> None:
    lexical = [each.lexical for each in candidates]
    top = max(lexical, default=0.0)
    cosines = [each.cosine or 0.0 for each in candidates]
    low, high = min(cosines, default=0.0), max(cosines, default=0.0)
    for each in candidates:
        words = each.lexical / top if top else 0.0  # BM25's own minimum is 0
        if dense:
            meaning = ((each.cosine or 0.0) - low) / (high - low) if high > low else 1.0
            each.score = DENSE_WEIGHT * meaning + (1 - DENSE_WEIGHT) * words
        else:
            each.score = words


def _relevant(candidate: _Candidate, *, dense: bool) -> bool:
    if not dense or candidate.cosine is None:
        return candidate.coverage >= COVERAGE_FLOOR
    return candidate.cosine + COVERAGE_SHARE * candidate.coverage >= EVIDENCE_FLOOR


def _apply_recency(best: Sequence[_Candidate], heads: Mapping[int, ArticleHead], now: datetime) -> None:
    for each in best:
        age = max((now - heads[each.article].time).total_seconds() / 86400, 0.0)
        freshness = 0.5 ** (age / RECENCY_HALF_LIFE_DAYS)
        each.score = (1 - RECENCY_WEIGHT) * each.score + RECENCY_WEIGHT * freshness


def _lead(
    group: Sequence[_Candidate], roles: Mapping[int, tuple[int, str]], articles: Mapping[int, StoredArticle], lang: str
) -> _Candidate:
    """Who stands for a story: never a copy while somebody's own reporting is there, and the reader's language if as good."""
    own = [each for each in group if roles.get(each.article, (0, ORIGINAL))[1] != COPIED] or list(group)
    near = [each for each in own if each.score >= _AS_GOOD * own[0].score]
    return next((each for each in near if articles[each.article].lang == lang), own[0])


def _related(article: StoredArticle, role: str) -> Related:
    return Related(article.id, article.url, article.title, article.source, article.published, article.lang, role)


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps({"o": offset}).encode()).decode().rstrip("=")


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        padded = cursor[:200] + "=" * (-len(cursor[:200]) % 4)
        offset = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))["o"]
        if isinstance(offset, int) and 0 <= offset <= MAX_OFFSET:
            return offset
    except (ValueError, KeyError, TypeError):
        pass
    raise FilterError("The cursor is not one that an earlier answer gave.", hint="Start again without it.")
