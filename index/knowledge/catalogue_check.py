"""Checking the data files of the knowledge base: what breaks their schema, and what in them will link wrongly."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import CatalogueError
from index.knowledge.data_files import Problem
from index.knowledge.entities import KINDS, Entity, read_catalogue
from index.knowledge.evidence import load_cues
from index.knowledge.field_terms import load_field_terms
from index.knowledge.gloss import KINDS as LEXICON_KINDS
from index.knowledge.names import is_han, spellings
from index.text.fold import fold
from index.text.tokens import STOP_WORDS

_Found = Sequence[tuple[str, int, Entity]]


def check_entities(folder: Path, lexicon: Path, problems: list[Problem]) -> dict[str, int]:
    """Check the catalogue in `folder` beside the lexicon; adds to `problems`, returns how many of each kind there are."""
    found = read_catalogue(folder, problems)
    problems += _collisions(found)
    problems += _too_common(found, lexicon)
    problems += _incomplete(found)
    counted = Counter(entity.kind for _, _, entity in found)
    return {"entities": len(found), **{kind: counted[kind] for kind in KINDS}}


def check_lexicon(folder: Path, problems: list[Problem]) -> dict[str, int]:
    """Check every line of the lexicon; adds to `problems` and returns how many entries there are."""
    count = 0
    for path in sorted(folder.glob("*.tsv")):
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            problems.append(Problem(path.name, 0, f"{error}."))
            continue
        words: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            if not line or line[0] == "#":
                continue
            columns = line.split("\t")
            if len(columns) != 3 or columns[2] not in LEXICON_KINDS or not columns[0].strip() or not columns[1].strip():
                problems.append(
                    Problem(path.name, number, f"expected word, senses and kind ({', '.join(LEXICON_KINDS)}) between tabs.")
                )
                continue
            word = fold(columns[0])
            if word in words:
                problems.append(Problem(path.name, number, f"{columns[0]!r} is there already, on line {words[word]}.", True))
            words.setdefault(word, number)
            count += 1
    return {"lexicon": count}


def check_words() -> list[Problem]:
    """Check the cues and the words of the field."""
    problems: list[Problem] = []
    for load in (load_cues, load_field_terms):
        try:
            load()
        except CatalogueError as error:
            problems.append(Problem(error.message.partition(":")[0], 0, error.message))
    return problems


def _collisions(found: _Found) -> Iterator[Problem]:
    """Names of two entities: an error where both are sure, a warning where nothing but context can decide."""
    owners: dict[str, list[tuple[str, int, Entity, bool]]] = {}
    for file, line, entity in found:
        for surface in entity.surfaces:
            for spelling in spellings(surface):
                owners.setdefault(spelling, []).append((file, line, entity, surface not in entity.doubtful))
    told: set[tuple[str, str]] = set()
    for spelling, each in owners.items():
        if len({entity.id for _, _, entity, _ in each}) < 2:
            continue
        certain = {entity.id: (file, line) for file, line, entity, sure in each if sure}
        file, line, entity, _ = each[-1]
        others = ", ".join(sorted({other.id for _, _, other, _ in each} - {entity.id}))
        if (entity.id, others) in told:
            continue
        told.add((entity.id, others))
        if len(certain) > 1:
            yield Problem(file, line, f"{entity.id!r} and {others} both have the sure name {spelling!r}.")
        else:
            yield Problem(file, line, f"{spelling!r} also names {others}: only its surroundings tell which is meant.", True)


def _too_common(found: _Found, lexicon: Path) -> Iterator[Problem]:
    """Sure names that are short, or words of their language: they will be found where nobody meant them."""
    chinese, english = _common_words(lexicon)
    for file, line, entity in found:
        for surface in sorted(set(entity.surfaces) - entity.doubtful):
            name = fold(surface)
            if is_han(name[0]):
                if len(name) == 1 or (name in chinese and entity.kind in ("company", "organisation", "chip")):
                    yield Problem(file, line, f"{entity.id!r}: {surface!r} is also a word ({chinese.get(name, '')}).", True)
            elif surface not in entity.cased and name.isalpha() and (len(name) <= 2 or name in english):
                yield Problem(
                    file, line, f"{entity.id!r}: {surface!r} is a short or common word and counts in any capitals.", True
                )


def _common_words(lexicon: Path) -> tuple[dict[str, str], set[str]]:
    """Chinese words that are neither names nor of the field, with their senses; and the English words they first mean."""
    chinese: dict[str, str] = {}
    english = set(STOP_WORDS)
    for path in sorted(lexicon.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
            columns = line.split("\t")
            if len(columns) != 3 or line.startswith("#") or columns[2] in ("field", "name"):
                continue
            first = columns[1].split(";")[0].strip()
            if first[:1].islower():
                chinese.setdefault(fold(columns[0]), columns[1])
                english.add(first)
    return chinese, english


def _incomplete(found: _Found) -> Iterator[Problem]:
    for file, line, entity in found:
        if not entity.note or not entity.source:
            yield Problem(file, line, f"{entity.id!r} has no note, or no source of it.")
        if entity.kind == "chip" and not entity.maker and not entity.parent:
            yield Problem(file, line, f"{entity.id!r} is a chip that nobody makes.")
