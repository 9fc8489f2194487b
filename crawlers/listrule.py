"""Rules for list pages: where a site without a feed lists its articles, and which of its links are articles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from lxml.cssselect import CSSSelector, SelectorError

from index.errors import CatalogueError
from index.text.address import canonical_url

PAGE = "{page}"
"""Stands for the number of a list page in ``next``: the first page is 1, so the next one is 2."""


@dataclass(frozen=True, slots=True)
class ListRule:
    """How to read one list page.

    ``links`` is a CSS selector of the articles' ``<a>`` elements, or of elements that contain one each. An address counts
    when ``pattern`` (a regular expression, searched in the absolute canonical address) is found in it and ``exclude`` is
    not. ``title`` and ``date`` are selectors inside an element that ``links`` selects. ``next`` leads to older pages: a
    selector of a link, or an address with ``{page}`` in it.
    """

    url: str
    links: str = "a[href]"
    pattern: str = ""
    exclude: str = ""
    title: str = ""
    date: str = ""
    next: str = ""

    @property
    def numbered(self) -> bool:
        """True where ``next`` is an address template and no selector."""
        return PAGE in self.next


def list_rule_from(entry: object, where: str) -> ListRule:
    """Check one table of ``lists``.

    Raises:
        CatalogueError: what is wrong with it, beginning with `where`.
    """
    if not isinstance(entry, Mapping):
        raise CatalogueError(f"{where}: lists must be tables ([[source.lists]]).")
    known = {each.name for each in fields(ListRule)}
    for key, value in entry.items():
        if key not in known:
            raise CatalogueError(f"{where}: lists has the unknown key {key!r}.")
        if not isinstance(value, str) or not value.strip():
            raise CatalogueError(f"{where}: lists: {key} must be a string that is not empty.")
    if "url" not in entry:
        raise CatalogueError(f"{where}: lists lacks 'url'.")
    rule = ListRule(**entry)
    _check_address(rule.url, f"{where}: lists: url")
    for key in ("pattern", "exclude"):
        _check_expression(getattr(rule, key), f"{where}: lists: {key}")
    for key in ("links", "title", "date", *(() if rule.numbered else ("next",))):
        if text := getattr(rule, key):
            _check_selector(text, f"{where}: lists: {key}")
    if rule.numbered:
        _check_address(rule.next.replace(PAGE, "2"), f"{where}: lists: next")
    if rule.links == "a[href]" and not rule.pattern:
        raise CatalogueError(f"{where}: lists needs 'links' or 'pattern', or every link of the page would be an article.")
    return rule


@cache
def selector(css: str) -> Any:
    """The compiled selector; called with an element, it lists the matching ones in and under it, in document order.

    Raises:
        ValueError: not a CSS selector.
    """
    try:
        return CSSSelector(css, translator="html")
    except SelectorError as error:
        raise ValueError(str(error) or "not a CSS selector") from None


def _check_address(address: str, where: str) -> None:
    try:
        canonical_url(address)
    except ValueError as error:
        raise CatalogueError(f"{where}: {address!r}: {error}.") from None


def _check_expression(text: str, where: str) -> None:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise CatalogueError(f"{where}: {text!r} is not a regular expression ({error}).") from None


def _check_selector(text: str, where: str) -> None:
    try:
        selector(text)
    except ValueError as error:
        raise CatalogueError(f"{where}: {text!r} is not a CSS selector ({error}).") from None
