"""Names as they are matched: folded, in every way to join their pieces, each with what it stands for and how sure that is."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.knowledge.entities import Catalogue, Entity
from index.text.fold import fold, fold_width_and_script
from index.text.tokens import HAN

SURE, USUAL, AMBIGUOUS, CODENAME, SHORT, MISPRINT = range(6)
"""How a name stands for its entity; see `index.knowledge.entities.Entity`."""

_PIECES_AT_MOST = 4
_PIECES = re.compile(rf"[{HAN}]+|[^\s{HAN}]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entity.

    ``cased`` is how it must be written, in any width and script, None where capitals do not count; ``written`` how exactly,
    for a name that differs from a sure one in capitals or in the variant of a character only (intel; 升腾).
    """

    entity: Entity
    surface: str
    standing: int
    cased: str | None = None
    written: str | None = None


def named(catalogue: Catalogue) -> tuple[dict[str, list[Name]], set[str]]:
    """All names by their spellings, and the spellings of longer expressions that hide a name.

    A spelling has spaces where the text may have hyphens too: match it against `flattened` text.
    """
    listed: list[tuple[Entity, str, int, str | None]] = []
    hiding: list[str] = []
    for entity in catalogue.by_id.values():
        standings = {
            **dict.fromkeys(entity.ambiguous, AMBIGUOUS),
            **dict.fromkeys(entity.usual, USUAL),
            **dict.fromkeys(entity.codenames, CODENAME),
            **dict.fromkeys(entity.short, SHORT),
        }
        cased = {*entity.cased, *entity.codenames}
        for surface in entity.surfaces:
            must = fold_width_and_script(surface) if surface in cased and surface.lower() != surface.upper() else None
            listed.append((entity, surface, standings.get(surface, SURE), must))
        listed += [(entity, each, MISPRINT, fold_width_and_script(each)) for each in entity.misprints]
        hiding += entity.hidden_by
    # Thousands of names folded in one go: one by one takes several times as long, at every start.
    plain = flattened(fold("\n".join([*(each[1] for each in listed), *hiding]))).split("\n")
    names: dict[str, list[Name]] = {}
    for (entity, surface, standing, must), folded in zip(listed, plain, strict=False):
        for spelling in _joinings(folded):
            known = names.setdefault(spelling, [])
            if not any(each.entity is entity and each.standing == standing and each.cased == must for each in known):
                known.append(Name(entity, surface, standing, must))
    for spelling, known in names.items():
        if len(known) > 1:
            names[spelling] = list(_told_apart(known))
    hidden = {spelling for folded in plain[len(listed) :] for spelling in _joinings(folded)}
    return names, hidden - names.keys()


def _told_apart(names: Sequence[Name]) -> Iterator[Name]:
    """A doubtful name that folds like a sure one of the same entity counts only as it is written."""
    for name in names:
        alike = any(other.entity is name.entity and other.standing == SURE for other in names)
        if alike and name.standing not in (SURE, MISPRINT) and name.cased is None:
            yield Name(name.entity, name.surface, name.standing, None, name.surface)
        else:
            yield name


def spellings(surface: str) -> set[str]:
    """The folded ways to write a name, with spaces for hyphens: tpu v4, tpuv4; 昇腾 910b, 昇腾910b."""
    return set(_joinings(flattened(fold(surface))))


def flattened(folded: str) -> str:
    """Folded text with its hyphens as spaces; of the same length."""
    return folded.replace("-", " ")


def is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


def is_word(char: str) -> bool:
    """Whether `char` continues a word of letters and digits. Chinese characters do not."""
    return char.isalnum() and (char < "\u3400" or not is_han(char))


def _joinings(folded: str) -> Iterable[str]:
    if folded.isalnum() and folded.isascii():
        return (folded,)
    pieces = _PIECES.findall(folded)
    if not 1 < len(pieces) <= _PIECES_AT_MOST:
        return (folded,)
    # "Meta AI" may not become "metaai" inside words; glueing is for a letter beside a digit or a Chinese character.
    joined = [pieces[0]]
    for left, right in itertools.pairwise(pieces):
        first, glued = right[0], left[-1].isdigit() or not right[0].isascii() or not left[-1].isascii()
        glued = glued or first.isdigit() or (first == "v" and right[1:2].isdigit())
        joined = [f"{each}{joint}{right}" for each in joined for joint in ((" ", "") if glued else (" ",))]
    return joined if folded in joined else [*joined, folded]
