"""The words by which an article of the field is known, as data in ``field/terms.toml``, and finding them in text."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ahocorasick

from index.errors import CatalogueError
from index.text.fold import fold

FILE = Path(__file__).parent / "field" / "terms.toml"
_GROUP_KEYS = {"lead", "body", "en", "zh"}
_ENTITY_KEYS = {"diversified", "consumer", "ordinary"}


@dataclass(frozen=True, slots=True)
class TermGroup:
    """One kind of evidence: ``lead`` and ``body`` weigh it in the beginning and in the whole of a text."""

    name: str
    lead: float
    body: float
    terms: tuple[str, ...]

    @property
    def against(self) -> bool:
        """True where it speaks against the field."""
        return self.lead + self.body < 0


@dataclass(frozen=True, slots=True)
class FieldTerms:
    """All groups by name; entity ids whose naming says nothing (``diversified``) or less (``consumer``, ``ordinary``)."""

    bias: float
    groups: Mapping[str, TermGroup]
    diversified: frozenset[str]
    consumer: frozenset[str]
    ordinary: frozenset[str]
    version: str = ""

    @property
    def terms(self) -> Iterator[tuple[str, str]]:
        """Every term with its group's name."""
        return ((term, group.name) for group in self.groups.values() for term in group.terms)

    def weight(self, value: str) -> float:
        """The weight of a value called ``group.lead`` or ``group.body``."""
        name, _, where = value.rpartition(".")
        group = self.groups[name]
        return group.lead if where == "lead" else group.body


@cache
def load_field_terms(file: Path = FILE) -> FieldTerms:
    """Read the file.

    Raises:
        CatalogueError: not TOML, or an entry that breaks the schema: says which.
    """
    data = file.read_bytes()
    try:
        content = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error
    if unknown := set(content) - {"bias", "group", "entities"}:
        raise CatalogueError(f"{file.name}: unknown key {min(unknown)!r}.")
    groups: dict[str, TermGroup] = {}
    owners: dict[str, str] = {}
    for name, entry in content.get("group", {}).items():
        groups[name] = _group(name, entry, file.name)
        for term in groups[name].terms:
            if term in owners:
                raise CatalogueError(f"{file.name}: {term!r} stands in {owners[term]} and in {name}.")
            owners[term] = name
    entities = content.get("entities", {})
    if set(entities) != _ENTITY_KEYS:
        raise CatalogueError(f"{file.name}: [entities] must have {', '.join(sorted(_ENTITY_KEYS))}.")
    return FieldTerms(
        _number(content, "bias", file.name),
        groups,
        frozenset(_strings(entities, "diversified", file.name)),
        frozenset(_strings(entities, "consumer", file.name)),
        frozenset(_strings(entities, "ordinary", file.name)),
        hashlib.sha256(data).hexdigest()[:16],
    )


def _group(name: str, entry: Any, where: str) -> TermGroup:
    if not isinstance(entry, dict) or set(entry) != _GROUP_KEYS:
        raise CatalogueError(f"{where}: group {name} must have {', '.join(sorted(_GROUP_KEYS))} and nothing else.")
    # A term that is written the same in both languages stands in both lists.
    terms = dict.fromkeys(fold(term) for term in (*_strings(entry, "en", where), *_strings(entry, "zh", where)))
    return TermGroup(name, _number(entry, "lead", where), _number(entry, "body", where), tuple(terms))


def _strings(entry: Mapping[str, Any], key: str, where: str) -> list[str]:
    values = entry[key]
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() == value != "" for value in values):
        raise CatalogueError(f"{where}: {key} must be a list of non-empty strings.")
    if repeated := {value for value in values if values.count(value) > 1}:
        raise CatalogueError(f"{where}: {key} has {min(repeated)!r} twice.")
    return values


def _number(entry: Mapping[str, Any], key: str, where: str) -> float:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CatalogueError(f"{where}: {key} must be a number.")
    return float(value)


class TermFinder:
    """Finds terms in folded text with one Aho–Corasick pass. English terms match whole words and their plural in s or es.

    Args:
        terms: each with the group that it counts for; one may count for several.
    """

    def __init__(self, terms: Iterable[tuple[str, str]]) -> None:
        groups: dict[str, dict[str, None]] = {}
        for term, group in terms:
            groups.setdefault(term, {})[group] = None
        self._automaton = ahocorasick.Automaton()
        for term, names in groups.items():
            self._automaton.add_word(term, (len(term), term, tuple(names)))
        self._automaton.make_automaton()

    def find(self, folded: str) -> Iterator[tuple[int, str, str]]:
        """``(start, term, group)`` of each in order of place, the longest first, never overlapping; by its first group."""
        spans = [
            (last + 1 - length, -length, term, groups[0])
            for last, (length, term, groups) in self._automaton.iter(folded)
            if _whole(folded, last + 1 - length, last + 1)
        ]
        spans.sort()
        reached = 0
        for start, negative, term, group in spans:
            if start >= reached:
                reached = start - negative
                yield start, term, group

    def every(self, folded: str) -> Iterator[str]:
        """The groups of every occurrence, overlapping ones too, in order of their ends."""
        for last, (length, _, groups) in self._automaton.iter(folded):
            if _whole(folded, last + 1 - length, last + 1):
                yield from groups


def _whole(folded: str, start: int, end: int) -> bool:
    if _latin(folded[start]) and start > 0 and _latin(folded[start - 1]):
        return False
    if not _latin(folded[end - 1]) or end >= len(folded) or not _latin(folded[end]):
        return True
    rest = folded[end : end + 3]
    return (rest[0] == "s" and not _latin(rest[1:2])) or (rest[:2] == "es" and not _latin(rest[2:3]))


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
