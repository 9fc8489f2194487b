"""All wording that reading looks for, found in one pass: of attributes, relations, qualifiers, statuses and conditions."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import ahocorasick

from index.errors import CatalogueError
from index.knowledge.claims.attributes import FOLDER, Attributes
from index.text.fold import fold

Tag = tuple[str, str]
"""What a word stands for: a role and an id, such as ``("near", "power")``, ``("planned", "")`` or ``("precision", "fp8")``."""


class Stands(NamedTuple):
    """What a word stands for: relations (``links``), milestones (``events``), conditions, and all the rest (``cues``)."""

    cues: tuple[Tag, ...]
    links: tuple[Tag, ...]
    events: tuple[Tag, ...]
    conditions: tuple[Tag, ...]


CONDITIONS = frozenset(
    ("precision", "sparsity", "workload", "region", "segment", "variant", "qualifier", "qualified", "person")
)
"""Roles whose words are looked for by place: kept in one list, in order."""

_FLAT = (
    "said",
    "meant",
    "launched",
    "points",
    "office",
    "reported",
    "unnamed",
    "estimated",
    "denied",
    "planned",
    "past",
    "negated",
    "licence",
    "reorganised",
    "team",
    "codename",
    "foreign",
    "device",
    "postponed",
)
_NAMED = ("sparsity", "workload", "region", "segment", "variant")


@cache
def load_wording(file: Path = FOLDER / "wording.toml") -> tuple[tuple[str, Tag], ...]:
    """The words of ``wording.toml``, each with what it stands for.

    Raises:
        CatalogueError: not TOML, or an entry that breaks the schema: says which.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error
    if unknown := set(content) - {"qualifier", "precision", *_FLAT, *_NAMED}:
        raise CatalogueError(f"{file.name}: unknown key {min(unknown)!r}.")
    words = tuple(_tagged(content))
    for word, tag in words:
        if not isinstance(word, str) or word != fold(word) or not word.strip():
            raise CatalogueError(f"{file.name}: {word!r} of {tag[0]} is not folded.")
    return words


def _tagged(content: Mapping[str, Any]) -> Iterator[tuple[str, Tag]]:
    for key, entry in content["qualifier"].items():
        yield from ((word, ("qualifier", key)) for word in entry["before"])
        yield from ((word, ("qualified", key)) for word in entry["after"])
    for role in _FLAT:
        yield from ((word, (role, "")) for word in (*content[role]["en"], *content[role]["zh"]))
    for role in _NAMED:
        yield from ((word, (role, key)) for key, named in content[role].items() for word in named)
    yield from ((word, ("precision", word)) for word in content["precision"]["words"])


class Vocabulary:
    """Finds every word of the rules in folded text, overlapping ones too. English words are whole words."""

    def __init__(self, attributes: Attributes, people: Mapping[str, str]) -> None:
        tags: dict[str, dict[Tag, None]] = {}
        for word, tag in load_wording():
            tags.setdefault(word, {})[tag] = None
        for table in (attributes.figures, attributes.milestones):
            for attribute in table.values():
                for role, words in attribute.words.items():
                    for word in words:
                        tags.setdefault(word, {})[role, attribute.id] = None
        for relation in attributes.relations.values():
            for direction, words in relation.words.items():
                for word in words:
                    tags.setdefault(word, {})[direction, relation.id] = None
        for name, company in people.items():
            tags.setdefault(name, {})["person", company] = None
        self._automaton = ahocorasick.Automaton()
        for word, stands in tags.items():
            links = tuple(tag for tag in stands if tag[1] in attributes.relations)
            events = tuple(tag for tag in stands if tag[1] in attributes.milestones)
            conditions = tuple(tag for tag in stands if tag[0] in CONDITIONS)
            taken = {*links, *events, *conditions}
            kept = Stands(tuple(tag for tag in stands if tag not in taken), links, events, conditions)
            self._automaton.add_word(word, (len(word), word[0] < "\x80", word[-1] < "\x80", kept))
        self._automaton.make_automaton()

    def find(self, folded: str) -> Iterator[tuple[int, int, Stands]]:
        """``(start, end, what it stands for)`` of each occurrence, in order of their ends."""
        length = len(folded)
        for last, (size, left, right, stands) in self._automaton.iter(folded):
            end = last + 1
            start = end - size
            if left and start and (char := folded[start - 1]) < "\x80" and char.isalnum() and folded[start].isalnum():
                continue
            if right and end < length and (char := folded[end]) < "\x80" and char.isalnum():
                continue
            yield start, end, stands
