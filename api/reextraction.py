"""Reading the kept pages again, after extraction got better: offline, without a single request."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from crawlers.extract import Hint, Page
from crawlers.sources import Source
from crawlers.workers import ParserPool
from index.article import Article, Origin
from index.errors import ExtractionError
from index.knowledge_base import KnowledgeBase
from index.store.articles import StoredArticle, article_by_id
from index.store.pages import StoredPage, all_pages, count_pages

Progress = Callable[[str, int, int], None]
_IN_STEPS = 50
_COMPARED = tuple(
    each.name for each in fields(Article) if each.name not in ("url", "source", "raw_url", "html", "headers", "date_note")
)


@dataclass(frozen=True, slots=True)
class Changed:
    """An article that reads differently now: the names of its `Article` fields that changed, and its title."""

    article_id: int
    title: str
    fields: tuple[str, ...]


@dataclass(slots=True)
class ReextractionReport:
    """``read`` pages in all; ``fields`` counts changes by field; ``unreadable`` are (article id, why): left as they were."""

    read: int = 0
    changed: list[Changed] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[int, str]] = field(default_factory=list)


def reextraction_document(report: ReextractionReport) -> dict[str, Any]:
    """The report as ``chipwire reextract --json`` prints it."""
    return {
        "read": report.read,
        "changed": [{"article_id": each.article_id, "title": each.title, "fields": each.fields} for each in report.changed],
        "fields": dict(report.fields),
        "unreadable": [{"article_id": article_id, "why": why} for article_id, why in report.unreadable],
    }


def reextract(
    kb: KnowledgeBase, source: str | None, sources: dict[str, Source], progress: Progress, *, dry_run: bool = False
) -> ReextractionReport:
    """Read every kept page again, of one source or of all, and store what reads differently; nothing where `dry_run`.

    Args:
        sources: by id, for what the catalogue knows of an outlet, such as its time zone.
    """
    report = ReextractionReport()
    total = count_pages(kb.store, source)
    better: list[tuple[int, Article]] = []
    with ParserPool() as pool:
        for page in all_pages(kb.store, source):
            report.read += 1
            progress("reading pages again", report.read, total)
            old = article_by_id(kb.store, page.article_id)
            if old is None:
                continue
            try:
                new = _read(pool, page, old, sources.get(old.source))
            except ExtractionError as error:
                report.unreadable.append((old.id, error.message))
                continue
            different = tuple(name for name in _COMPARED if getattr(new, name) != getattr(_article(old), name))
            if different:
                report.changed.append(Changed(old.id, new.title, different))
                report.fields.update(different)
                better.append((old.id, new))
            if len(better) >= _IN_STEPS and not dry_run:
                kb.replace(better)
                better = []
    if better and not dry_run:
        kb.replace(better)
    return report


def _read(pool: ParserPool, page: StoredPage, old: StoredArticle, source: Source | None) -> Article:
    # What the feed said is not kept: what was taken from it stands in for it.
    published = old.published if old.date_source == "feed" else None
    hint = Hint(old.title, published, old.author, old.summary, old.image, old.tags)
    fetched = Page(old.url, page.body, page.content_type, page.headers)
    zone = source.zone if source is not None else None
    article: Article = pool.call("crawlers.extract:extract", fetched, old.source, hint, page.fetched, zone)
    return replace(article, url=old.url, raw_url=old.raw_url, html=None, headers=())


def _article(old: StoredArticle) -> Article:
    origin = None if old.origin_name is None else Origin(old.origin_name, old.origin_url, old.origin_words)
    kept = {each.name: getattr(old, each.name) for each in fields(Article) if hasattr(old, each.name)}
    return Article(**{**kept, "origin": origin})
