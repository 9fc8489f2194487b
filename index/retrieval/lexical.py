"""The lexical index: the only module that touches Tantivy.

Text is segmented and stemmed before it gets here (`index.text.tokens`), so every field is split at spaces only. One
document is one passage. Fields: ``title`` and ``words`` (terms in text order, and behind them, for Chinese, the stems of
their English senses: in one field, so that a word is as rare as it is in both languages together), ``bigrams`` (pairs of
Chinese characters), ``quantity`` (numbers with their units), ``entity`` (entities named in the passage or title); and for
filters ``lang``, ``source``, ``article_entity``, ``time``, ``known``.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import FieldType, Occur, Query

from index.errors import IndexUnavailable

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
_HEAP = 64_000_000
_SPACES = "spaces"
MAX_UNITS = 20
"""Query units that are told apart in `matched_units`: their bit masks must fit the 24 exact bits of a float32 score."""


@dataclass(frozen=True, slots=True)
class PassageDocument:
    """One passage as indexed; the term fields are lists of terms in text order, times are epoch seconds."""

    passage: int
    article: int
    title: Sequence[str]
    words: Sequence[str]
    bigrams: Sequence[str]
    quantities: Sequence[str]
    entities: Sequence[str]
    article_entities: Sequence[str]
    lang: str
    source: str
    time: int
    known: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a unit: all `terms` in `field` (a phrase where there are several), worth `boost`."""

    field: str
    terms: tuple[str, ...]
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be; every given filter must hold, any of several values of one filter will do.

    ``after`` is inclusive, ``before`` exclusive; ``as_of`` hides what was not yet known then (`index.retrieval.columns`).
    """

    lang: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    as_of: datetime | None = None

    def __bool__(self) -> bool:
        return self != Filters()


class LexicalIndex:
    """A Tantivy index in a folder. Searching is safe from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open an index for searching.

        Raises:
            IndexUnavailable: not a readable index of this schema.
        """
        try:
            self._index = tantivy.Index.open(str(folder))
        except (ValueError, OSError) as error:
            raise IndexUnavailable(f"{folder} is not a readable lexical index.", hint="Run chipwire refresh.") from error
        _register(self._index)
        self._schema = self._index.schema
        self._searcher = self._index.searcher()

    @property
    def passages(self) -> int:
        return int(self._searcher.num_docs)

    def rarity(self, alternatives: Sequence[Alternative]) -> float:
        """The inverse document frequency, as BM25 has it, of the most common of the first alternatives of a unit."""
        seen = max(self.document_frequency(each) for each in alternatives[:3])
        return math.log(1 + (self.passages - seen + 0.5) / (seen + 0.5))

    def document_frequency(self, alternative: Alternative) -> int:
        """Passages that hold the rarest of the alternative's terms."""
        return min(int(self._searcher.doc_freq(alternative.field, term)) for term in alternative.terms)

    def occurs(self, alternative: Alternative) -> bool:
        """True when any passage satisfies `alternative`."""
        return bool(self._searcher.search(self._alternative(alternative), 1, count=False).hits)

    def search(
        self,
        units: Sequence[Sequence[Alternative]],
        filters: Filters,
        limit: int,
        *,
        among: Sequence[int] | None = None,
    ) -> tuple[Ids, Scores]:
        """Ranked OR over `units`, BM25 of each unit's best alternative; of the passages `among` only, where given.

        Returns:
            passage ids int64 (m,), scores float32 (m,), best first, m ≤ limit.
        """
        if not units:
            return _nothing()
        should = [(Occur.Should, self._unit(unit)) for unit in units]
        clauses = [*self._filters(filters), (Occur.Must, Query.boolean_query(should))]
        if among is not None:
            listed = Query.term_set_query(self._schema, "passage", list(among))
            clauses.append((Occur.Must, Query.const_score_query(listed, 0.0)))
        return self._run(Query.boolean_query(clauses), limit)

    def matched_units(self, units: Sequence[Sequence[Alternative]], passages: Sequence[int]) -> tuple[Ids, NDArray[np.int64]]:
        """Which of `passages` match which of at most `MAX_UNITS` units.

        Returns:
            ids int64 (m,) of those that match any, bit masks int64 (m,): bit i is set where unit i matches.
        """
        units = units[:MAX_UNITS]
        if not units or not passages:
            ids, _ = _nothing()
            return ids, ids
        # Each unit scores its own power of two, so the sum of a passage's score is the mask. One query for all.
        should = [(Occur.Should, Query.const_score_query(self._unit(unit), float(1 << i))) for i, unit in enumerate(units)]
        among = Query.const_score_query(Query.term_set_query(self._schema, "passage", list(passages)), 0.0)
        query = Query.boolean_query([(Occur.Must, among), (Occur.Must, Query.boolean_query(should))])
        ids, scores = self._run(query, len(passages))
        return ids, scores.astype(np.int64)

    def articles_with(self, alternatives: Sequence[Alternative]) -> Ids:
        """Ids int64 (m,), sorted, of the articles in which a passage satisfies one of `alternatives`."""
        query = Query.const_score_query(self._unit([replace(each, boost=1.0) for each in alternatives]), 1.0)
        ids, _ = self._run(query, max(self.passages, 1), "article")
        return np.unique(ids)

    def _run(self, query: Query, limit: int, field: str = "passage") -> tuple[Ids, Scores]:
        hits = self._searcher.search(query, limit, count=False).hits
        ids = self._searcher.fast_field_values(field, [address for _, address in hits])
        return np.array(ids, np.int64), np.array([score for score, _ in hits], np.float32)

    def _unit(self, unit: Sequence[Alternative]) -> Query:
        queries = [Query.boost_query(self._alternative(each), each.boost) for each in unit]
        return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries, 0.1)

    def _alternative(self, alternative: Alternative) -> Query:
        if len(alternative.terms) == 1:
            return Query.term_query(self._schema, alternative.field, alternative.terms[0])
        return Query.phrase_query(self._schema, alternative.field, list(alternative.terms))

    def _filters(self, filters: Filters) -> list[tuple[Occur, Query]]:
        clauses: list[Query] = []
        for field, values in (("lang", filters.lang), ("source", filters.source), ("article_entity", filters.entity)):
            if values:
                clauses.append(Query.term_set_query(self._schema, field, list(values)))
        for field, low, high in (
            ("time", filters.after, filters.before),
            ("time", None, filters.as_of),
            ("known", None, filters.as_of),
        ):
            if low is not None or high is not None:
                clauses.append(
                    Query.range_query(
                        self._schema,
                        field,
                        FieldType.Integer,
                        None if low is None else int(low.timestamp()),
                        None if high is None else int(high.timestamp()) - 1,  # whole seconds, both ends inclusive
                    )
                )
        return [(Occur.Must, Query.const_score_query(clause, 0.0)) for clause in clauses]


def write_index(folder: Path, documents: Iterable[PassageDocument], *, replaced_articles: Iterable[int] = ()) -> None:
    """Add documents to the index in `folder`, created where missing, after removing those of `replaced_articles`.

    Raises:
        OSError: the disk refused.
    """
    try:
        schema = _schema()
        index = tantivy.Index(schema, path=str(folder))
        _register(index)
        writer = index.writer(_HEAP, 1)
        for article in replaced_articles:
            # By query: delete_documents_by_term takes every integer for a signed one and then deletes nothing.
            writer.delete_documents_by_query(Query.term_query(schema, "article", article))
        for each in documents:
            # from_dict with the schema: without it the constructor takes every integer for a signed one.
            writer.add_document(
                tantivy.Document.from_dict(
                    {
                        "passage": each.passage,
                        "article": each.article,
                        "title": " ".join(each.title),
                        "words": " ".join(each.words),
                        "bigrams": " ".join(each.bigrams),
                        "quantity": " ".join(each.quantities),
                        "entity": " ".join(each.entities),
                        "article_entity": list(each.article_entities),
                        "lang": each.lang,
                        "source": each.source,
                        "time": each.time,
                        "known": each.known,
                    },
                    schema,
                )
            )
        writer.commit()
        writer.wait_merging_threads()
    except ValueError as error:  # tantivy-py reports I/O errors as ValueError
        raise OSError(f"the lexical index cannot be written: {error}") from error


def _nothing() -> tuple[Ids, Scores]:
    return np.zeros(0, np.int64), np.zeros(0, np.float32)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in ("title", "words", "bigrams"):
        builder.add_text_field(field, tokenizer_name=_SPACES, index_option="position")
    for field in ("quantity", "entity"):
        builder.add_text_field(field, tokenizer_name=_SPACES, index_option="freq")
    for field in ("lang", "source", "article_entity"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in ("passage", "article"):
        builder.add_unsigned_field(field, indexed=True, fast=True)
    for field in ("time", "known"):
        builder.add_integer_field(field, indexed=True, fast=True)
    return builder.build()


def _register(index: tantivy.Index) -> None:
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_SPACES, analyzer)
