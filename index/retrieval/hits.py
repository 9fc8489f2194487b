"""Hits: the articles of one page of an answer, read from the store, with snippets and the reasons why they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from index.knowledge.reading import Reading
from index.knowledge.stories import COPIED, ORIGINAL
from index.retrieval.lexical import MAX_UNITS, LexicalIndex
from index.retrieval.query import ParsedQuery
from index.retrieval.snippet import Marked, Matcher, Snippet, make_snippet
from index.store.articles import ArticleHead, StoredArticle, articles_by_id, entity_counts, heads_by_id, named_spans
from index.store.database import Store
from index.store.passages import passages_by_id
from index.text.sentences import Span

_AS_GOOD = 0.8
_MOST_RELATED = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as ranked, by its best passage: the fused score and what it is made of, each 0–1."""

    passage: int
    article: int
    score: float
    lexical: float
    dense: float
    cosine: float | None
    recency: float


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
    ``more`` are the other articles of its story that answer too, at most twenty; ``folded`` counts all of them,
    ``independent`` those of the story in the answer that are nobody's copy, this one included.
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

    def build(self, page: Sequence[Sequence[Candidate]], query: ParsedQuery, lexical: LexicalIndex) -> list[Hit]:
        """One hit for each group of candidates, in order; articles that are gone from the store are left out."""
        folded = [len(group) - 1 for group in page]
        page = [group[: _MOST_RELATED + 1] for group in page]
        members = [each.article for group in page for each in group]
        heads, roles = heads_by_id(self._store, members), self._roles(members)
        there = [[each for each in group if each.article in heads] for group in page]
        page, folded = (
            [group for group in there if group],
            [count for count, group in zip(folded, there, strict=True) if group],
        )
        leads = [_lead(group, roles, heads, query.lang) for group in page]
        articles = articles_by_id(self._store, [each.article for each in leads])
        entities = entity_counts(self._store, [each.article for each in leads])
        passages = passages_by_id(self._store, [each.passage for each in leads])
        matcher = Matcher(query.units, self._reading.glosser)
        asked = {entity for unit in query.units for entity in unit.entities}
        named = named_spans(self._store, [each.article for each in leads], asked)
        coverage = _coverage(query, lexical, [each.passage for each in leads])
        hits: list[Hit] = []
        for group, lead, others_too in zip(page, leads, folded, strict=True):
            article = articles.get(lead.article)
            if article is None:
                continue  # deleted between two statements
            passage = passages.get(lead.passage)
            span = Span(passage.start, passage.end) if passage else Span(0, 1000)
            body = article.text[span.start : span.end]
            chinese = article.lang == "zh"
            spans = named.get(article.id, ())
            in_title = matcher.find(
                article.title, [(start, end, entity) for field, start, end, entity in spans if field == "title"]
            )
            in_body = matcher.find(
                body,
                [
                    (start - span.start, end - span.start, entity)
                    for field, start, end, entity in spans
                    if field == "text" and span.start <= start and end <= span.end
                ],
            )
            snippet = make_snippet(body, in_body, chinese=chinese)
            title = make_snippet(article.title, in_title, chinese=chinese) if article.title else Snippet("", (), ())
            others = [each for each in group if each is not lead]
            hits.append(
                Hit(
                    article=article,
                    story_id=roles.get(article.id, (None, ORIGINAL))[0],
                    score=round(lead.score, 4),
                    snippet=snippet,
                    title=title,
                    entities=tuple(list(entities[article.id])[:8]),
                    matched=tuple(dict.fromkeys((*title.matched, *snippet.matched))),
                    why=_why(lead, coverage.get(lead.passage, 0.0), (article.title, in_title), (body, in_body)),
                    more=tuple(_related(heads[e.article], roles.get(e.article, (None, ORIGINAL))[1]) for e in others),
                    folded=others_too,
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


def _coverage(query: ParsedQuery, lexical: LexicalIndex, passages: Sequence[int]) -> dict[int, float]:
    """The share of the query's weight, by rarity, that each of the passages matches."""
    weights = [lexical.rarity(unit.alternatives) for unit in query.units]
    heaviest = sorted(range(len(weights)), key=lambda i: -weights[i])[:MAX_UNITS]
    whole = sum(weights[i] for i in heaviest)
    ids, masks = lexical.matched_units([query.units[i].alternatives for i in heaviest], passages)
    return {
        passage: sum(weights[i] for bit, i in enumerate(heaviest) if mask >> bit & 1) / max(whole, 1e-9)
        for passage, mask in zip(ids.tolist(), masks.tolist(), strict=True)
    }


def _why(lead: Candidate, coverage: float, *texts: tuple[str, Sequence[Marked]]) -> Why:
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
        words=tuple(words),
        glossed=tuple(glossed),
        entities=tuple(entities),
        cosine=None if lead.cosine is None else round(lead.cosine, 4),
        coverage=round(coverage, 3),
        lexical=round(lead.lexical, 4),
        dense=round(lead.dense, 4),
        recency=round(lead.recency, 4),
    )


def _lead(
    group: Sequence[Candidate], roles: Mapping[int, tuple[int, str]], articles: Mapping[int, ArticleHead], lang: str
) -> Candidate:
    """Who stands for a story: never a copy while somebody's own reporting is there, and the reader's language if as good."""
    own = [each for each in group if roles.get(each.article, (0, ORIGINAL))[1] != COPIED] or list(group)
    near = [each for each in own if each.score >= _AS_GOOD * own[0].score]
    return next((each for each in near if articles[each.article].lang == lang), own[0])


def _related(article: ArticleHead, role: str) -> Related:
    return Related(article.id, article.url, article.title, article.source, article.published, article.lang, role)
