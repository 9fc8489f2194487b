"""Hits: the articles of one page of an answer, read from the store, with snippets and the reasons why they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from index.knowledge.reading import Reading
from index.knowledge.stories import COPIED, ORIGINAL
from index.retrieval.query import ParsedQuery
from index.retrieval.shelf import Shelf, in_span, in_title
from index.retrieval.snippet import Marked, Matcher, Snippet, make_snippet
from index.store.articles import ArticleHead, StoredArticle, articles_by_id
from index.store.database import Store
from index.store.passages import passages_by_id
from index.text.days import day_terms
from index.text.sentences import Span

_AS_GOOD = 0.8
MOST_SHOWN = 11
"""Articles of a story that a hit is chosen from, and shows."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as ranked, by its best passage: the fused score and what it is made of, each 0–1, and which share of the
    query's weight the passage matches."""

    passage: int
    article: int
    score: float
    lexical: float
    dense: float
    cosine: float | None
    recency: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Group:
    """The articles of a story that answer: ``size`` of them, of which ``independent`` are nobody's copy. ``members`` are at
    most `MOST_SHOWN`, the best first, copies after all others."""

    members: Sequence[Candidate]
    size: int
    independent: int


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
class Why:
    """Why a hit is there.

    ``words`` are matched words as they stand in the text, ``glossed`` those that match in the other language with what
    they mean there, ``entities`` the ids of entities asked for and named; ``coverage`` is the share of the query's weight
    that matched, ``cosine`` the dense similarity, ``lexical`` and ``dense`` the normalised scores that were fused,
    ``recency`` what freshness added to the score.
    """

    words: tuple[str, ...]
    glossed: tuple[tuple[str, str], ...]
    entities: tuple[str, ...]
    cosine: float | None
    coverage: float
    lexical: float
    dense: float
    recency: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that answers, with the passage that does so best.

    ``score`` is in 0–1 and comparable within one answer only. ``matched`` are the matched words as they stand in the text.
    ``more`` are other articles of its story that answer too, the best of them; ``folded`` counts all of them, ``independent``
    those of the story in the answer that are nobody's copy, this one included.
    """

    article: StoredArticle
    story_id: int | None
    score: float
    snippet: Snippet
    title: Snippet
    entities: tuple[str, ...]
    matched: tuple[str, ...]
    why: Why
    more: tuple[Related, ...] = ()
    folded: int = 0
    independent: int = 1


class HitBuilder:
    """Builds hits over one store. Safe from several threads."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    def texts(self, passages: Sequence[int]) -> list[str]:
        """Title and text of passages, in their order, for reranking."""
        rows = passages_by_id(self._store, passages)
        articles = articles_by_id(self._store, [row.article_id for row in rows.values()])
        texts = []
        for passage in passages:
            row = rows.get(passage)
            article = articles.get(row.article_id) if row else None
            texts.append(f"{article.title}\n{article.text[row.start : row.end]}" if article and row else "")
        return texts

    def build(self, page: Sequence[Group], query: ParsedQuery, shelf: Shelf | None = None) -> list[Hit]:
        """One hit for each group of candidates, in order; articles that are gone from the store are left out.

        Searches that are asked together may share a `shelf`.
        """
        shelf = shelf or Shelf(self._store)
        heads = shelf.heads(each.article for group in page for each in group.members)
        there = [(group, [each for each in group.members if each.article in heads]) for group in page]
        there = [(group, members) for group, members in there if members]
        leads = [_lead(members, heads, query.lang) for _, members in there]
        lead_ids = [each.article for each in leads]
        articles = shelf.articles(lead_ids)
        entities = shelf.entities(lead_ids)
        passages = shelf.passages(each.passage for each in leads)
        matcher = Matcher(query.units, self._reading.glosser)
        asked = {entity for unit in query.units for entity in (*unit.entities, *unit.family)}
        named = shelf.named(lead_ids, asked)
        hits: list[Hit] = []
        for (group, members), lead in zip(there, leads, strict=True):
            article = articles.get(lead.article)
            if article is None:
                continue  # deleted between two statements
            passage = passages.get(lead.passage)
            span = Span(passage.start, passage.end) if passage else Span(0, 1000)
            headline, body = shelf.text(article, None), shelf.text(article, span)
            chinese = article.lang == "zh"
            spans = named.get(article.id, ())
            in_headline = matcher.find(headline, in_title(spans))
            in_body = matcher.find(body, in_span(spans, span))
            snippet = make_snippet(body, in_body, chinese=chinese)
            title = make_snippet(headline, in_headline, chinese=chinese) if article.title else Snippet("", (), ())
            days = _days_asked_for(article.published, query)
            hits.append(
                Hit(
                    article=article,
                    story_id=heads[lead.article].story_id,
                    score=round(lead.score, 4),
                    snippet=snippet,
                    title=title,
                    entities=entities[article.id][:8],
                    matched=tuple(dict.fromkeys((*title.matched, *snippet.matched, *days))),
                    why=_why(lead, days, (headline.text, in_headline), (body.text, in_body)),
                    more=tuple(_related(heads[each.article]) for each in members if each is not lead),
                    folded=group.size - 1,
                    independent=group.independent,
                )
            )
        return hits


def _days_asked_for(published: datetime | None, query: ParsedQuery) -> tuple[str, ...]:
    """The day of publication, where that, or its month, is asked for; else none."""
    if published is None:
        return ()
    terms = day_terms(published.date())
    return terms[:1] if any(term in terms for unit in query.units for term in unit.quantities) else ()


def _why(lead: Candidate, days: Sequence[str], *texts: tuple[str, Sequence[Marked]]) -> Why:
    words: dict[str, None] = {}
    glossed: dict[tuple[str, str], None] = {}
    entities: dict[str, None] = {}
    for text, marks in texts:
        for mark in marks:
            surface = text[mark.span.start : mark.span.end]
            if mark.entity is not None:
                entities[mark.entity] = None
            if mark.sense is not None:
                glossed[surface, mark.sense] = None
            else:
                words[surface] = None
    return Why(
        words=tuple(dict.fromkeys((*words, *days))),
        glossed=tuple(glossed),
        entities=tuple(entities),
        cosine=None if lead.cosine is None else round(lead.cosine, 4),
        coverage=round(lead.coverage, 3),
        lexical=round(lead.lexical, 4),
        dense=round(lead.dense, 4),
        recency=round(lead.recency, 4),
    )


def _lead(group: Sequence[Candidate], articles: Mapping[int, ArticleHead], lang: str) -> Candidate:
    """Who stands for a story: never a copy while somebody's own reporting is there, and the reader's language if as good."""
    own = [each for each in group if articles[each.article].role != COPIED] or list(group)
    near = [each for each in own if each.score >= _AS_GOOD * own[0].score]
    return next((each for each in near if articles[each.article].lang == lang), own[0])


def _related(article: ArticleHead) -> Related:
    role = article.role or ORIGINAL
    return Related(article.id, article.url, article.title, article.source, article.published, article.lang, role)
