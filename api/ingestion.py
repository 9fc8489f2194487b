"""Crawls and imports, composed: what `crawlers` reads goes into the `KnowledgeBase`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawlers.crawl import SourceReport, run_crawl
from crawlers.files import read_file
from crawlers.sources import Source
from index.article import Article, IngestReport, Rejected
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.crawls import SourceRecord, Validators, save_source, save_validators, validators_of
from index.text.address import canonical_url

Progress = Callable[[str, int, int], None]


def import_files(
    kb: KnowledgeBase, paths: Sequence[Path], now: datetime, progress: Progress, *, url: str | None, source: str | None
) -> IngestReport:
    """Store every article of the files.

    Raises:
        UsageError: a file that is not there or of no known kind, before anything is stored.
    """
    readers = [read_file(path, url=url, source=source) for path in paths]
    firsts = [next(reader, None) for reader in readers]  # every file is looked at before any is stored

    def everything() -> Iterator[Article | Rejected]:
        for first, reader in zip(firsts, readers, strict=True):
            if first is not None:
                yield first
                yield from reader

    return kb.ingest(everything(), now, progress)


def crawl(
    kb: KnowledgeBase, sources: Sequence[Source], settings: Settings, now: datetime, progress: Progress
) -> list[SourceReport]:
    """Crawl sources into the store and record how each went."""
    reports = run_crawl(sources, StoreSink(kb, now), settings, now, progress)
    with kb.store.atomic():
        for report in reports:
            source = report.source
            save_source(
                kb.store,
                SourceRecord(
                    source.id,
                    source.name,
                    source.kind,
                    source.language,
                    source.homepage or None,
                    last_crawl=now,
                    last_success=now if report.reached and not report.errors else None,
                    last_outcome=report.outcome,
                    fetched=report.fetched,
                    new=report.new,
                ),
            )
    return reports


class StoreSink:
    """A crawl's `Sink` over the store."""

    def __init__(self, kb: KnowledgeBase, now: datetime) -> None:
        self._kb = kb
        self._now = now

    def known_since(self, url: str) -> datetime | None:
        address = canonical_url(url)
        row = self._kb.store.row("SELECT last_changed FROM article WHERE url = ?", [address])
        if row is not None:
            return datetime.fromtimestamp(row[0], self._now.tzinfo)
        # The page may be stored under another address: where it was redirected to, or the one it calls canonical.
        fetched = validators_of(self._kb.store, address)
        return fetched.fetched if fetched is not None and fetched.status == 200 else None

    def validators(self, url: str) -> Validators | None:
        return validators_of(self._kb.store, url)

    def save_validators(self, url: str, validators: Validators) -> None:
        with self._kb.store.atomic():
            save_validators(self._kb.store, url, validators)

    def store(self, article: Article) -> IngestReport:
        return self._kb.ingest([article], self._now)
