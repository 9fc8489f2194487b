"""Bounds that protect a crawl from what it meets. Readers have bounds of their own, which stand with what they bound."""

MAX_BODY = 20_000_000
"""Bytes of an answer, packed and unpacked."""
MAX_HEAD = 300_000
"""Bytes of an answer's status line and headers; browsers bear 256 KB."""
MAX_RENDERED = 5_000_000
"""Characters of a page as a browser shows it."""
RENDERING_SECONDS = 45
"""For a browser to show it, from the first request to the last word."""
BROWSER_MEMORY_MB = 1000
"""Of each of the browser's processes; a page that wants more is ended with it."""
MAX_RECEIVING = 1.0
"""Seconds of the event loop's own work on the bytes of one answer; twenty megabytes in chunks of 1,400 take half of it."""
MAX_REDIRECTS = 5
SECONDS = 30
"""From a request to the end of its answer, redirects not counted together."""
NAME_SECONDS = 10
"""For one try to resolve a name."""
NAME_THREADS = 40
"""Names that are resolved at a time: a name server that does not answer holds up one of them for half a minute."""
AT_ONCE = 4
"""Requests of one source under way, each to another host."""
PARSER_SECONDS = 20.0
"""For reading one page or list, on the clock."""
PARSER_MEMORY_MB = 1500
"""For the same, beyond what a child has after its imports."""

SAFETY_SETTINGS: dict[str, object] = {
    "DOWNLOAD_TIMEOUT": SECONDS,
    "DOWNLOAD_MAXSIZE": MAX_BODY,
    "DOWNLOAD_WARNSIZE": 0,
    "DNS_TIMEOUT": NAME_SECONDS,
    "REACTOR_THREADPOOL_MAXSIZE": NAME_THREADS,
    "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
    "METAREFRESH_MAXDELAY": 5,  # what waits longer is a page that reloads itself
    # Nothing that reads files, buckets or the address itself.
    "DOWNLOAD_HANDLERS": {
        "http": "crawlers.transport.BoundedHandler",
        "https": "crawlers.transport.BoundedHandler",
        "data": None,
        "file": None,
        "ftp": None,
        "s3": None,
    },
}
"""The same for Scrapy."""
