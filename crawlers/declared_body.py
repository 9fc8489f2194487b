"""The article's text as a page declares it to search engines: JSON-LD ``articleBody``."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree, html

_LARGEST, _DEEPEST = 2_000_000, 6
"""Characters of a script, levels of nesting; what is beyond is not read."""


def declared_text(tree: html.HtmlElement) -> str:
    """The longest ``articleBody`` of the page, a line for each paragraph; empty where none is declared."""
    bodies = (body for script in tree.iter("script") for body in _bodies_of(script))
    text = max(bodies, key=len, default="")
    return _plain(text) if "<" in text else text


def _bodies_of(script: html.HtmlElement) -> Iterator[str]:
    text = script.text or ""
    if "articleBody" not in text or "json" not in script.get("type", "") or len(text) > _LARGEST:
        return
    try:
        data = json.loads(text.strip().removeprefix("<!--").removesuffix("-->"), strict=False)
    except (ValueError, RecursionError):
        return
    yield from _bodies_in(data, 0)


def _bodies_in(data: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            yield from _bodies_in(item, depth + 1)
    elif isinstance(data, dict):
        if isinstance(data.get("articleBody"), str):
            yield data["articleBody"]
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _bodies_in(data.get(key), depth + 1)


def _plain(markup: str) -> str:
    try:
        fragment = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    for block in fragment.iter("p", "br", "div", "li", "h2", "h3", "h4", "blockquote"):
        block.tail = f"\n{block.tail or ''}"
    return str(fragment.text_content())
