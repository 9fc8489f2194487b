"""The sections of an issue: which one a story belongs in, by what it is about. The rules are data."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import SettingsError
from index.knowledge.entities import Catalogue

DEFAULT = Path(__file__).parent / "data" / "sections.toml"
OWN = "digest.toml"
"""A file of this name in the data folder replaces the default sections."""
REST = "also"
_LISTS = ("products_of", "makers", "companies", "entities", "kinds", "source_kinds")
_PRODUCTS = ("chip", "system")
_LEAST = 0.2
"""A story that no section has more of than this is told under "Also"."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its rule; see ``data/sections.toml`` for what each list means."""

    id: str
    title: str
    products_of: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    companies: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    source_kinds: frozenset[str] = frozenset()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections in their order. What belongs in none of them comes last, as "Also"."""

    listed: tuple[Section, ...]
    titles: Mapping[str, str] = field(default_factory=dict)

    def of(self, saliences: Mapping[str, float], source_kind: str, catalogue: Catalogue) -> str:
        """The id of the section for a story that is about entities by `saliences` (0 to 1), first told by such a source."""
        best, most = REST, _LEAST
        for section in self.listed:
            score = section.weight * sum(part for entity, part in saliences.items() if _belongs(section, entity, catalogue))
            score += section.weight * (source_kind in section.source_kinds)
            if score > most:
                best, most = section.id, score
        return best


def _belongs(section: Section, entity_id: str, catalogue: Catalogue) -> bool:
    entity = catalogue.get(entity_id)
    if entity is None:
        return False
    product = entity.kind in _PRODUCTS and entity.maker in section.products_of
    made = entity_id in section.makers or entity.maker in section.makers
    return product or made or entity_id in section.companies or entity_id in section.entities or entity.kind in section.kinds


def load_sections(home: Path) -> Sections:
    """The sections of the data folder, or the default ones.

    Raises:
        SettingsError: the folder's file cannot be read, or is not of the form.
    """
    own = home / OWN
    return _read(own) if own.is_file() else default_sections()


@cache
def default_sections() -> Sections:
    return _read(DEFAULT)


def _read(path: Path) -> Sections:
    try:
        listed = tomllib.loads(path.read_text("utf-8")).get("section", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(listed, list) or not listed:
        raise SettingsError(f"{path.name} has no [[section]] entries.")
    sections = tuple(_section(path.name, values) for values in listed)
    ids = [section.id for section in sections]
    if len(set(ids)) < len(ids) or REST in ids:
        raise SettingsError(f"{path.name}: a section's id stands there twice, or is {REST!r}, which is kept for the rest.")
    return Sections(sections, {section.id: section.title for section in sections} | {REST: "Also this week"})


def _section(name: str, values: Any) -> Section:
    if not isinstance(values, dict) or not all(isinstance(values.get(key), str) and values[key] for key in ("id", "title")):
        raise SettingsError(f"{name}: every [[section]] needs an id and a title.")
    unknown: Collection[str] = set(values) - {"id", "title", "weight", *_LISTS}
    if unknown:
        raise SettingsError(
            f"{name}: {values['id']}: there is no {sorted(unknown)[0]!r}; there are {', '.join(_LISTS)} and weight."
        )
    lists: dict[str, frozenset[str]] = {}
    for key in _LISTS:
        given = values.get(key, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise SettingsError(f"{name}: {values['id']}: {key} must be a list of strings.")
        lists[key] = frozenset(given)
    weight = values.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= 10:
        raise SettingsError(f"{name}: {values['id']}: weight must be a number above 0, at most 10.")
    return Section(values["id"], values["title"], weight=float(weight), **lists)
