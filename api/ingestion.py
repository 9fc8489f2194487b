"""Imports, composed: what `crawlers` reads from files goes into the `KnowledgeBase`."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawlers.extract import Page
from crawlers.files import read_file
from crawlers.warc import Captured, LeftOut, WarcCounts
from crawlers.workers import ParserPool
from index.article import Article, IngestReport, Rejected
from index.knowledge.topic import TopicGate
from index.knowledge_base import KnowledgeBase

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken of a file: articles in ``languages``, of ``hosts`` and those under them, ``on_topic`` ones only.

    An empty collection means all.
    """

    languages: Collection[str] = field(default=())
    hosts: Collection[str] = field(default=())
    on_topic: bool = False


def import_files(
    kb: KnowledgeBase,
    paths: Sequence[Path],
    now: datetime,
    progress: Progress,
    *,
    url: str | None = None,
    source: str | None = None,
    wanted: Wanted | None = None,
) -> tuple[IngestReport, WarcCounts]:
    """Store every wanted article of the files; also returns what became of those that were sifted.

    Raises:
        UsageError: a file that is not there or of no known kind, before anything is stored.
    """
    wanted = wanted or Wanted()
    counts = WarcCounts()
    gate = TopicGate.of(kb.reading) if wanted.on_topic else None

    def tell(item: Captured | LeftOut | Rejected) -> None:
        counts.add(item)
        progress("sifting pages", counts.records, 0)

    with ParserPool(processes=1) as pool:

        def read_page(page: Page, source: str | None) -> Article:
            article: Article = pool.call("crawlers.extract:extract", page, source)
            return article

        readers = [
            read_file(
                path,
                url=url,
                source=source,
                languages=wanted.languages,
                hosts=wanted.hosts,
                gate=gate,
                tell=tell,
                read_page=read_page,
            )
            for path in paths
        ]
        firsts = [next(reader, None) for reader in readers]  # every file is looked at before any is stored

        def everything() -> Iterator[Article | Rejected]:
            for first, reader in zip(firsts, readers, strict=True):
                if first is not None:
                    yield first
                    yield from reader

        report = kb.ingest(everything(), now, progress)
    kb.note_sifted_out(counts.left_out["topic"])
    return report, counts
