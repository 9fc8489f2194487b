"""What can be claimed, as data in ``data/attributes/*.toml``: figures, milestones and relations with their wording.

The rules of reading are these files and the modules beside them; `RULES` and the hash of the files are their version.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from index.errors import CatalogueError
from index.knowledge.claims.units import Units, checked, load_units
from index.text.fold import fold

FOLDER = Path(__file__).parent / "data"

RULES = 3
"""To be raised with every change of the rules in code, so that what was read by the rules before is known to be stale."""

CLASSES = frozenset(
    (
        "chip",
        "system",
        "memory",
        "node",
        "link",
        "software",
        "service",
        "packaging",
        "model",
        "arch",
        "company",
        "organisation",
        "policy",
        "supercomputer",
    )
)
_WORDS = ("near", "weak", "without", "needs", "state")
_DIRECTIONS = ("before", "whole", "behind", "both", "without")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A figure or a milestone that can be claimed of something; the fields are those that 1-hardware.toml explains."""

    id: str
    name: str
    zh: str
    of: tuple[str, ...]
    units: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = None  # type: ignore[assignment]  # always given
    per: tuple[str, ...] = ()
    alone: bool = False
    ratio: bool = False
    comparison: bool = False
    strict: bool = False
    named: bool = False
    most: float | None = None

    @property
    def milestone(self) -> bool:
        """True for an event with a time, which has no units."""
        return not self.units


@dataclass(frozen=True, slots=True)
class Relation:
    """How one entity stands to another; the fields are those that 4-relations.toml explains."""

    id: str
    name: str
    zh: str
    inverse: str
    of: tuple[str, ...]
    to: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    only: tuple[str, ...] = ()
    like: bool = False
    reach: int = 0
    """How far the value may stand from the wording, in characters; 0 for as far as usual."""


@dataclass(frozen=True)
class Attributes:
    """All of them, in the order of the files; ``version`` is a hash of every data file of the room, with `RULES`."""

    figures: Mapping[str, Attribute]
    milestones: Mapping[str, Attribute]
    relations: Mapping[str, Relation]
    version: str

    def names(self) -> dict[str, tuple[str, str]]:
        """(English, Chinese) names by id, of everything that a claim can be of; `OTHERS` included."""
        tables: tuple[Mapping[str, Attribute | Relation], ...] = (self.figures, self.milestones, self.relations)
        return {key: (each.name, each.zh) for table in tables for key, each in table.items()} | OTHERS


OTHERS: dict[str, tuple[str, str]] = {
    "memory-type": ("Memory", "内存类型"),
    "export-licence": ("Needs an export licence", "出口许可"),
    "organisation": ("Organisational change", "组织调整"),
    "codename": ("Code name", "代号"),
}
"""Attributes that rules of their own find, because no figure, time or relation by words says them."""


@cache
def load_attributes(folder: Path = FOLDER) -> Attributes:
    """Read ``attributes/*.toml`` of `folder`.

    Raises:
        CatalogueError: not TOML, an entry that breaks the schema, or an id used twice: says which.
    """
    units = load_units(folder / "units.toml")
    figures: dict[str, Attribute] = {}
    milestones: dict[str, Attribute] = {}
    relations: dict[str, Relation] = {}
    for path in sorted((folder / "attributes").glob("*.toml")):
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{path.name}: {error}.") from error
        if unknown := set(content) - {"attribute", "relation"}:
            raise CatalogueError(f"{path.name}: unknown key {min(unknown)!r}.")
        for entry in content.get("attribute", ()):
            attribute = _attribute(entry, path.name, units)
            table = milestones if attribute.milestone else figures
            _unused(attribute.id, path.name, figures, milestones, relations)
            table[attribute.id] = attribute
        for entry in content.get("relation", ()):
            relation = _relation(entry, path.name)
            _unused(relation.id, path.name, figures, milestones, relations)
            relations[relation.id] = relation
    return Attributes(figures, milestones, relations, _version(folder))


def _version(folder: Path) -> str:
    digest = hashlib.sha256(str(RULES).encode())
    for path in sorted(folder.rglob("*.toml")):
        digest.update(path.read_bytes())
    return f"{RULES}.{digest.hexdigest()[:12]}"


def _unused(key: str, where: str, *tables: Mapping[str, object]) -> None:
    if any(key in table for table in tables) or key in OTHERS:
        raise CatalogueError(f"{where}: the id {key!r} is used twice.")


def _attribute(entry: Mapping[str, Any], where: str, units: Units) -> Attribute:
    checked(
        entry,
        where,
        {"id", "name", "zh", "of", "near"},
        {"units", "per", "alone", "ratio", "comparison", "strict", "named", "most", "weak", "without", "needs", "state"},
    )
    key = entry["id"]
    if stray := set(entry.get("units", ())) - units.ids - {"money"}:
        raise CatalogueError(f"{where}: {key}: {min(stray)!r} is no unit.")
    if stray := set(entry.get("per", ())) - set(units.rates):
        raise CatalogueError(f"{where}: {key}: {min(stray)!r} is no rate.")
    _classes(entry["of"], key, where)
    words = {role: _words(entry, role, where) for role in _WORDS if role in entry}
    flags = {name: bool(entry.get(name)) for name in ("alone", "ratio", "comparison", "strict", "named")}
    return Attribute(
        key,
        entry["name"],
        entry["zh"],
        tuple(entry["of"]),
        tuple(entry.get("units", ())),
        words,
        tuple(entry.get("per", ())),
        most=entry.get("most"),
        **flags,
    )


def _relation(entry: Mapping[str, Any], where: str) -> Relation:
    checked(entry, where, {"id", "name", "zh", "inverse", "of", "to"}, {"only", "like", "reach", *_DIRECTIONS})
    key = entry["id"]
    _classes(entry["of"], key, where)
    _classes(entry["to"], key, where)
    words = {direction: _words(entry, direction, where) for direction in _DIRECTIONS if direction in entry}
    if not words:
        raise CatalogueError(f"{where}: {key} has no wording.")
    return Relation(
        key, entry["name"], entry["zh"], entry["inverse"], tuple(entry["of"]), tuple(entry["to"]), words,
        tuple(entry.get("only", ())), bool(entry.get("like")), int(entry.get("reach", 0)),
    )  # fmt: skip


def _classes(given: object, key: str, where: str) -> None:
    if not isinstance(given, list) or not given or set(given) - CLASSES:
        raise CatalogueError(f"{where}: {key}: of and to must be lists of {', '.join(sorted(CLASSES))}.")


def _words(entry: Mapping[str, Any], role: str, where: str) -> tuple[str, ...]:
    """The wording of a role in both languages."""
    given = entry[role]
    if not isinstance(given, dict) or set(given) - {"en", "zh"}:
        raise CatalogueError(f"{where}: {entry['id']}: {role} must have en and zh.")
    words = tuple(dict.fromkeys(word for language in given.values() for word in language))
    for word in words:
        if not isinstance(word, str) or not word.strip() or word != fold(word):
            raise CatalogueError(f"{where}: {entry['id']}: {word!r} of {role} is not folded.")
    return words
