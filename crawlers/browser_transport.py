"""scrapy-playwright's download handler, with bounds: a page's time, its size, and what outlives it, which is nothing."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response
from scrapy_playwright._utils import _set_redirect_meta
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawlers.browser import settled
from crawlers.limits import MAX_RENDERED, RENDERING_SECONDS
from crawlers.reasons import TOO_LARGE, UNREADABLE
from crawlers.transport import bound_answers

_PAGES_AT_ONCE = 2
_CLOSING_SECONDS = 10.0
"""For closing what a page had open; a browser that takes longer is ended as a whole, and started again for the next page."""
_LENGTH, _MARKUP = "document.documentElement.outerHTML.length", "document.documentElement.outerHTML"


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]  # it has no types
    """Fetches rendered pages with a browser, and everything else as `crawlers.transport.BoundedHandler` does.

    Every page has a context of its own: cookies, storage and the windows that it opens go with it.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        bound_answers(self)
        self._turns = asyncio.Semaphore(_PAGES_AT_ONCE)
        self._numbers = itertools.count()

    async def _download_request(self, request: Request, spider: Any = None) -> Response:
        async with self._turns:
            name = request.meta["playwright_context"] = f"page-{next(self._numbers)}"
            try:
                async with asyncio.timeout(RENDERING_SECONDS):
                    response: Response = await super()._download_request(request, spider)
                    return response
            except TimeoutError as error:
                raise DownloadTimeoutError(f"{request.url} took longer than {RENDERING_SECONDS} seconds") from error
            finally:
                await self._close_context(name)

    async def _download_request_with_page(self, request: Request, page: Page, spider: Any) -> Response:
        answer = await page.goto(request.url)
        await settled(page)
        if answer is None or not page.url.startswith(("http://", "https://")):
            raise IgnoreRequest(f"{UNREADABLE}its scripts led to no web page")
        await _set_redirect_meta(request=request, response=answer)
        headers = Headers(await answer.all_headers())
        for gone in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
            headers.pop(gone, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        body = (await _markup(page)).encode("utf-8", "replace")
        return HtmlResponse(page.url, answer.status, headers, body, request=request, encoding="utf-8")

    async def _close_context(self, name: str) -> None:
        wrapper = self.context_wrappers.get(name)
        if wrapper is None:
            return
        with suppress(BrowserError):
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await wrapper.context.close()
            except TimeoutError:
                await self.browser.close()


async def _markup(page: Page) -> str:
    """The page as its scripts have made it, asked for in a world of our own, where they cannot answer in its place.

    Raises:
        IgnoreRequest: it is larger than `MAX_RENDERED`.
    """
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Page.getFrameTree")
    world = await session.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})

    async def value(expression: str) -> Any:
        asked = {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True}
        return (await session.send("Runtime.evaluate", asked))["result"].get("value")

    if int(await value(_LENGTH) or 0) > MAX_RENDERED:
        raise IgnoreRequest(TOO_LARGE)
    return str(await value(f"{_MARKUP}.slice(0, {MAX_RENDERED})") or "")
