"""Finding a source by any of its addresses: the feed that a page declares, read to be sure that it is one."""

from collections.abc import Callable, Container
from datetime import datetime

from crawlers.engine import run_engine
from crawlers.fetching import Answer, Download, Fetcher, FetchFailed
from crawlers.report import Parse
from crawlers.sources import Source
from index.errors import UnreachableError, UsageError
from index.settings import Settings
from index.text.address import canonical_url


def find_source(
    address: str, settings: Settings, clock: Callable[[], datetime], taken: Container[str], kind: str = "press"
) -> Source:
    """The source that `address` stands for: a feed, a sitemap, or a page that declares a feed; its id is not in `taken`.

    Raises:
        UsageError: no http(s) address. UnreachableError: it, or the feed it declares, cannot be fetched.
        CatalogueError: neither a feed nor a page with one.
    """
    try:
        address = canonical_url(address if "://" in address else f"https://{address}")
    except ValueError as error:
        raise UsageError(f"{address[:200]!r} cannot be a source: {error}.") from None
    asked = Source("new", "new", kind, "en", feeds=(address,))
    found: list[Source] = []

    async def work(download: Download, parse: Parse) -> None:
        fetcher = Fetcher(download, clock, settings.contact)

        async def look(url: str) -> tuple[Source, Answer]:
            try:
                answer = await fetcher.get(url, asked)
            except FetchFailed as failed:
                raise UnreachableError(f"{url} cannot be read: {failed.trouble.words}.") from failed
            made: Source = await parse(
                "crawlers.discovery:source_from_address", answer.url, answer.body, answer.content_type, taken, kind
            )
            return made, answer

        source, answer = await look(address)
        if answer.url not in source.addresses and source.feeds:
            # What a page declares as its feed may be anything.
            feed, _ = await look(source.feeds[0])
            source = source if source.name else feed
        found.append(source)

    run_engine([asked], settings, work)
    return found[0]
