"""Pages that only a browser can read, through Chromium and scrapy-playwright: the optional extra ``[browser]``.

The browser dials through `crawlers.proxy.DiallingProxy`, loads no pictures, and keeps nothing from one page to the next.
"""

import importlib.util
import os
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from crawlers.limits import BROWSER_MEMORY_MB

if TYPE_CHECKING:
    from playwright.async_api import Page
    from playwright.async_api import Request as PageRequest

RENDERED = "chipwire_rendered"
"""In ``Request.meta``: true where a browser is to read the page."""

NEEDED = "its pages need a browser: pip install 'chipwire[browser]' and install Chromium"
"""What is said of a source with ``javascript = true`` where there is none."""
_NAVIGATION = 30_000
_SETTLING = 8_000
"""Milliseconds: until a page is loaded, and after that until its scripts stop asking for more."""
_SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_NOT_NEEDED = frozenset({"image", "media", "font", "texttrack", "websocket"})
_SCHEMES = ("http://", "https://", "data:", "blob:", "about:")


def browser_path() -> Path | None:
    """The Chromium to be used: the system's; None where there is none or the extra is not installed."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        return None
    found = next(filter(None, map(shutil.which, _SYSTEM_BROWSERS)), None)
    return Path(found) if found else None


def bounded_browser(browser: Path, folder: Path) -> Path:
    """A command in `folder` that starts `browser` with a limit on the memory of each of its processes."""
    launcher = folder / "browser"
    launcher.write_text(f'#!/bin/sh\nulimit -d {BROWSER_MEMORY_MB * 1000}\nexec {shlex.quote(str(browser))} "$@"\n')
    launcher.chmod(0o700)
    return launcher


def browser_settings(browser: Path, proxy: str) -> dict[str, Any]:
    """Scrapy's settings that make requests for `RENDERED` pages go through `browser`.

    Args:
        proxy: address of the `DiallingProxy`.
    """
    handler = "crawlers.browser_transport.BrowserHandler"
    arguments = [
        "--proxy-bypass-list=<-loopback>",  # without it Chromium dials loopback addresses itself
        "--disable-quic",
        "--dns-prefetch-disable",
        # A page's calls would go past the proxy. Chromium knows the first name, what came before it the second one.
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-background-networking",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ]
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": str(browser),
            "headless": True,
            "proxy": {"server": proxy},
            "args": arguments,
            # Chromium's own sandbox refuses to start for root, as in a container, which is then the sandbox.
            "chromium_sandbox": os.geteuid() != 0,
        },
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": _NAVIGATION,
        "PLAYWRIGHT_ABORT_REQUEST": "crawlers.browser.not_needed",
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,  # the browser's own, but for the name of who asks
        "CHIPWIRE_BROWSER": True,
    }


class Rendering:
    """Downloader middleware: hands pages that need a browser to it, or says that there is none."""

    def __init__(self, available: bool, user_agent: str) -> None:
        self._available = available
        self._user_agent = user_agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Rendering":
        return cls(crawler.settings.getbool("CHIPWIRE_BROWSER"), crawler.settings.get("USER_AGENT", ""))

    def process_request(self, request: Request, spider: Any = None) -> None:
        if not request.meta.get(RENDERED) or "playwright" in request.meta:
            return
        if not self._available:
            raise IgnoreRequest(NEEDED)
        context = {"user_agent": self._user_agent, "accept_downloads": False, "service_workers": "block"}
        request.meta.update(playwright=True, playwright_context_kwargs=context)


async def settled(page: "Page") -> None:
    """Wait until the page's scripts ask for nothing more, or for as long as a reader would."""
    from playwright.async_api import TimeoutError as Waited

    try:
        await page.wait_for_load_state("networkidle", timeout=_SETTLING)
    except Waited:
        return


def not_needed(request: "PageRequest") -> bool:
    """True for what a text can be read without, and for schemes that reach into this machine."""
    return request.resource_type in _NOT_NEEDED or not request.url.startswith(_SCHEMES)
