"""Addresses of pages: every state of a search is one."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

Params = Mapping[str, Sequence[str]]
SEARCH_PARAMETERS = ("q", "lang", "entity", "source", "month", "after", "before", "as_of", "group", "sort", "cursor")


# A page of results has thirty addresses that differ in one value.
_quoted = lru_cache(maxsize=1024)(quote_plus)


def search_href(params: Params, **changes: Sequence[str]) -> str:
    """The address of a search with some parameters replaced; the cursor never survives a change."""
    merged = {key: list(values) for key, values in params.items() if key != "cursor"}
    merged.update({key: list(values) for key, values in changes.items()})
    return "/search?" + "&".join(f"{key}={_quoted(value)}" for key, values in merged.items() for value in values)


def api_query(params: Params) -> str:
    """The query string that asks the API for the same search: a month becomes the days from and to."""
    pairs = [(key, value) for key, values in params.items() if key not in ("month", "cursor") for value in values]
    month = next(iter(params.get("month", ())), None)
    if month is not None and (end := month_end(month)):
        pairs += [("after", month), ("before", end)]
    return urlencode(pairs)


def search_feed(params: Params) -> str:
    """The address of a search as a feed; what is newest has no bounds in time."""
    pairs = [(key, value) for key in ("q", "lang", "entity", "source") for value in params.get(key, ())]
    return "/api/v1/feeds/atom/search?" + urlencode(pairs)


def search_table(params: Params) -> str:
    """The address of every article that answers a search, as CSV."""
    return f"/api/v1/export?{api_query(params)}&format=csv"


def month_end(month: str) -> str | None:
    """The month after ``YYYY-MM``, None where it is no month."""
    if len(month) != 7 or not (month[:4] + month[5:]).isdecimal():
        return None
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
