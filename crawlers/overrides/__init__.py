"""Overrides for single sites: where their pages keep the body, what in it is no part of the article, who wrote it and when."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree, html

_KEYS = {"body": str, "drop": list, "why": str}
_MORE_KEYS = {"author": str, "published": str}


@dataclass(frozen=True, slots=True)
class Override:
    """One site's entry. The XPaths are compiled; `why` says what the general rules get wrong.

    ``author_path`` and ``published_form`` are for pages that declare neither; the latter is looked for in their scripts.
    """

    host: str
    body_path: etree.XPath
    drop_paths: tuple[etree.XPath, ...]
    why: str
    author_path: etree.XPath | None = None
    published_form: "re.Pattern[str] | None" = None

    def body(self, tree: html.HtmlElement) -> list[html.HtmlElement]:
        """The elements that may hold the article, best first."""
        return [element for element in self.body_path(tree) if isinstance(element, html.HtmlElement)]

    def dropped(self, body: html.HtmlElement) -> list[html.HtmlElement]:
        """The elements in `body` that are to be left out."""
        return [element for path in self.drop_paths for element in path(body) if isinstance(element, html.HtmlElement)]

    def author(self, tree: html.HtmlElement) -> str | None:
        """The text of the first element that `author_path` finds."""
        found = self.author_path(tree) if self.author_path is not None else []
        texts = (" ".join(element.text_content().split()) for element in found if isinstance(element, html.HtmlElement))
        return next(filter(None, texts), None)

    def published(self, tree: html.HtmlElement) -> str | None:
        """The time as it is written in a script."""
        if self.published_form is None:
            return None
        matches = (self.published_form.search(script.text or "") for script in tree.iter("script"))
        return next((match[1] for match in matches if match), None)


def read_overrides(text: str) -> dict[str, Override]:
    """Overrides by host, from TOML.

    Raises:
        ValueError: not TOML, a key is missing, unknown or of another type, or an XPath or a regular expression is malformed.
    """
    overrides = {}
    for host, entry in tomllib.loads(text).items():
        if not isinstance(entry, dict):
            raise ValueError(f"override {host}: expected a table")
        for key, kind in _KEYS.items():
            if not isinstance(entry.get(key), kind):
                raise ValueError(f"override {host}: {key} is missing or no {kind.__name__}")
        for key, kind in _MORE_KEYS.items():
            if not isinstance(entry.get(key, kind()), kind):
                raise ValueError(f"override {host}: {key} is no {kind.__name__}")
        if unknown := sorted(entry.keys() - _KEYS.keys() - _MORE_KEYS.keys()):
            raise ValueError(f"override {host}: unknown keys {unknown}")
        try:
            paths = [etree.XPath(str(path)) for path in (entry["body"], *entry["drop"])]
            author = etree.XPath(entry["author"]) if "author" in entry else None
            published = re.compile(entry["published"]) if "published" in entry else None
        except re.error as error:
            raise ValueError(f"override {host}: malformed regular expression ({error})") from error
        except etree.XPathSyntaxError as error:
            raise ValueError(f"override {host}: malformed XPath ({error})") from error
        overrides[host] = Override(host, paths[0], tuple(paths[1:]), entry["why"], author, published)
    return overrides


@cache
def _shipped() -> dict[str, Override]:
    return read_overrides(Path(__file__).with_name("sites.toml").read_text(encoding="utf-8"))


def override_of(host: str | None) -> Override | None:
    """The entry of the host or of the nearest domain above it; None where there is none."""
    while host:
        if found := _shipped().get(host):
            return found
        _, _, host = host.partition(".")
    return None
