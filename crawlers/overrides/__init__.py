"""Overrides for single sites: where their pages keep the body, and what is in it that is no part of the article."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree, html

_KEYS = {"body": str, "drop": list, "why": str}


@dataclass(frozen=True, slots=True)
class Override:
    """One site's entry. The XPaths are compiled; `why` says what the general rules get wrong."""

    host: str
    body_path: etree.XPath
    drop_paths: tuple[etree.XPath, ...]
    why: str

    def body(self, tree: html.HtmlElement) -> list[html.HtmlElement]:
        """The elements that may hold the article, best first."""
        return [element for element in self.body_path(tree) if isinstance(element, html.HtmlElement)]

    def dropped(self, body: html.HtmlElement) -> list[html.HtmlElement]:
        """The elements in `body` that are to be left out."""
        return [element for path in self.drop_paths for element in path(body) if isinstance(element, html.HtmlElement)]


def read_overrides(text: str) -> dict[str, Override]:
    """Overrides by host, from TOML.

    Raises:
        ValueError: not TOML, a key is missing, unknown or of another type, or an XPath is malformed.
    """
    overrides = {}
    for host, entry in tomllib.loads(text).items():
        if not isinstance(entry, dict):
            raise ValueError(f"override {host}: expected a table")
        for key, kind in _KEYS.items():
            if not isinstance(entry.get(key), kind):
                raise ValueError(f"override {host}: {key} is missing or no {kind.__name__}")
        if unknown := sorted(entry.keys() - _KEYS.keys()):
            raise ValueError(f"override {host}: unknown keys {unknown}")
        try:
            paths = [etree.XPath(str(path)) for path in (entry["body"], *entry["drop"])]
        except etree.XPathSyntaxError as error:
            raise ValueError(f"override {host}: malformed XPath ({error})") from error
        overrides[host] = Override(host, paths[0], tuple(paths[1:]), entry["why"])
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
