"""Imports, composed: what `crawlers` reads from files goes into the `KnowledgeBase`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawlers.files import read_file
from index.article import Article, IngestReport, Rejected
from index.knowledge_base import KnowledgeBase

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
