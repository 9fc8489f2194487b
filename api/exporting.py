"""Exports: every article that answers a search, a few hundred in memory at a time, as JSON lines or CSV."""

import csv
import io
import json
from collections.abc import Iterator, Sequence

from api.documents import article_summary
from index.knowledge_base import KnowledgeBase
from index.store.articles import StoredArticle, articles_by_id, entity_counts
from index.text.times import iso

AT_ONCE = 500
"""Articles in memory."""
COLUMNS = ("article_id", "url", "title", "published", "first_seen", "source", "lang", "author", "entities")
FORMATS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def json_lines(kb: KnowledgeBase, ids: Sequence[int], *, text: bool) -> Iterator[bytes]:
    """One JSON object a line, in pieces."""
    for articles, entities in _chunks(kb, ids):
        lines = []
        for article in articles:
            document = {**article_summary(article), "author": article.author, "entities": entities[article.id]}
            if text:
                document["text"] = article.text
            lines.append(json.dumps(document, ensure_ascii=False))
        yield ("\n".join(lines) + "\n").encode("utf-8", "replace") if lines else b""


def comma_separated(kb: KnowledgeBase, ids: Sequence[int], *, text: bool) -> Iterator[bytes]:
    """CSV (RFC 4180) with a header, in pieces; begins with a byte order mark, without which Excel takes Chinese for Latin-1."""
    yield b"\xef\xbb\xbf" + _rows([[*COLUMNS, *(["text"] if text else [])]])
    for articles, entities in _chunks(kb, ids):
        yield _rows([_cells(article, entities[article.id], text) for article in articles])


def cell(value: object) -> str:
    """A value that a spreadsheet takes for text: one that would be read as a formula gets an apostrophe before it."""
    written = "" if value is None else str(value)
    return (
        f"'{written}" if written.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA) or written.startswith(_FORMULA) else written
    )


def _cells(article: StoredArticle, entities: Sequence[str], text: bool) -> list[str]:
    times = (iso(article.published), iso(article.first_seen))
    values = [article.id, article.url, article.title, *times, article.source, article.lang, article.author, " ".join(entities)]
    return [cell(value) for value in (*values, *((article.text,) if text else ()))]


def _rows(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8", "replace")


def _chunks(kb: KnowledgeBase, ids: Sequence[int]) -> Iterator[tuple[list[StoredArticle], dict[int, list[str]]]]:
    """Articles by the hundreds, in order, with the ids of the entities that each mentions; deleted ones are passed over."""
    for first in range(0, len(ids), AT_ONCE):
        chunk = ids[first : first + AT_ONCE]
        found = articles_by_id(kb.store, chunk)
        there = [found[each] for each in chunk if each in found]
        counts = entity_counts(kb.store, [article.id for article in there])
        yield there, {each: list(counted) for each, counted in counts.items()}
