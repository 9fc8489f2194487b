"""Trying sources live: does each list answer, what does it list, and can one of its pages be read."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from crawlers.engine import run_engine
from crawlers.entry_article import hint_of
from crawlers.extract import Page
from crawlers.feeds import FeedEntry
from crawlers.fetching import Download, Fetcher, FetchFailed
from crawlers.reasons import first_error
from crawlers.report import Parse, Progress
from crawlers.sitemaps import Sitemap
from crawlers.sources import Source
from index.errors import ExtractionError
from index.settings import Settings

_PAGES_TRIED = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """What one list of a source answered: ``entries`` listed, the ``newest`` time among them, ``seconds`` it took.

    ``problem`` is one line where it cannot be read; ``page`` tells the same of a page that it lists, where one was tried.
    """

    source: Source
    url: str
    kind: str
    seconds: float
    entries: int = 0
    newest: datetime | None = None
    moved_to: str | None = None
    problem: str | None = None
    page: str | None = None
    page_problem: str | None = None


def check_sources(
    sources: Sequence[Source], settings: Settings, clock: Callable[[], datetime], progress: Progress
) -> list[Checked]:
    """Try every list of the sources, and a page of each list; nothing is stored. In the order of the sources."""
    found: dict[tuple[str, str], Checked] = {}
    wanted = [(source, url, kind, rule) for source in sources for url, kind, rule in _lists(source)]

    async def work(download: Download, parse: Parse) -> None:
        fetcher = Fetcher(download, clock, settings.contact)

        async def one(source: Source, url: str, kind: str, rule: object) -> None:
            found[source.id, url] = await _check(fetcher, parse, clock, source, url, kind, rule)
            progress("trying sources", len(found), len(wanted))

        try:
            async with asyncio.TaskGroup() as group:
                for each in wanted:
                    group.create_task(one(*each))
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None

    run_engine(sources, settings, work)
    return [found[source.id, url] for source, url, _, _ in wanted if (source.id, url) in found]


def _lists(source: Source) -> list[tuple[str, str, Any]]:
    return [
        *((url, "feed", None) for url in source.feeds),
        *((url, "sitemap", None) for url in source.sitemaps),
        *((rule.url, "list page", rule) for rule in source.lists),
    ]


async def _check(
    fetcher: Fetcher, parse: Parse, clock: Callable[[], datetime], source: Source, url: str, kind: str, rule: Any
) -> Checked:
    began, read = clock(), partial(parse, party=source.id)
    try:
        answer = await fetcher.get(url, source, rendered=source.javascript and kind == "list page")
        seconds = (clock() - began).total_seconds()
        entries: Sequence[FeedEntry]
        if kind == "feed":
            entries = (
                await read("crawlers.feeds:read_feed", answer.body, answer.url, answer.content_type, source.zone)
            ).entries
        elif kind == "sitemap":
            sitemap: Sitemap = await read(
                "crawlers.sitemaps:read_sitemap", answer.body, answer.url, answer.content_type, source.zone
            )
            entries = [*sitemap.pages, *(FeedEntry(link.url, updated=link.lastmod) for link in sitemap.sitemaps)]
        else:
            entries, _ = await read(
                "crawlers.listpage:read_page", answer.body, answer.url, rule, 1, answer.content_type, source.zone
            )
    except FetchFailed as failed:
        return Checked(source, url, kind, (clock() - began).total_seconds(), problem=failed.trouble.words)
    except ExtractionError as error:
        return Checked(source, url, kind, (clock() - began).total_seconds(), problem=error.message)
    times = [moment for entry in entries if (moment := entry.updated or entry.published) is not None]
    page, page_problem = await _try_pages(fetcher, parse, clock, source, entries) if kind != "sitemap" else (None, None)
    return Checked(
        source,
        url,
        kind,
        seconds,
        len(entries),
        max(times, default=None),
        answer.moved_to,
        None if entries else "it lists nothing",
        page,
        page_problem,
    )


async def _try_pages(
    fetcher: Fetcher, parse: Parse, clock: Callable[[], datetime], source: Source, entries: Sequence[FeedEntry]
) -> tuple[str | None, str | None]:
    """The title of the first page that can be read, else what was wrong with the last that was tried."""
    problem, read = None, partial(parse, party=source.id)
    for entry in entries[:_PAGES_TRIED] if source.stored == "full" else ():
        try:
            answer = await fetcher.get(entry.url, source, rendered=source.javascript)
            page = Page(answer.url, answer.body, answer.content_type)
            article = await read("crawlers.extract:extract", page, source.id, hint_of(entry), clock(), source.zone)
            return f"{article.title} ({len(article.text):,} characters)", None
        except FetchFailed as failed:
            problem = f"{entry.url}: {failed.trouble.words}"
        except ExtractionError as error:
            problem = f"{entry.url}: {error.message}"
    return None, problem
