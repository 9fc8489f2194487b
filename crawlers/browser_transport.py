"""scrapy-playwright's download handler, with the bounds on answers for the requests that no browser makes."""

from typing import Any

from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawlers.transport import bound_answers


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it has no types
    """Fetches rendered pages with a browser, and everything else as `crawlers.transport.BoundedHandler` does."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        bound_answers(self)
