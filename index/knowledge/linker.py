"""Linking: which entities a text names, where, and how sure that is.

Names are found with one Aho–Corasick pass over the folded text (Aho and Corasick 1975), longest match first. Chip
identifiers are exact by construction: a name ends where its letters and digits end, so ``H100`` is not in ``H1000``
and ``910`` not in ``910B``.
"""

import itertools
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import ahocorasick

from index.knowledge.entities import Catalogue, Entity
from index.text.fold import fold, fold_width_and_script
from index.text.tokens import HAN

SURE, LIKELY, GUESS = 0.98, 0.8, 0.5
"""Confidence of an unambiguous name; of an ambiguous one with context; of one without (only asked for in queries)."""

_WINDOW = 160
"""Characters on either side in which a context word confirms an ambiguous name: about two sentences."""

_REMEMBERED = 2048

_PIECES = re.compile(rf"[{HAN}]+|[^\s\-{HAN}]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity named at characters ``start`` to ``end``; ``surface`` is the text there as written."""

    id: str
    surface: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class _Name:
    entity: Entity
    cased: str | None
    ambiguous: bool


class Linker:
    """Finds the names of a catalogue in text. Building takes some tens of milliseconds; finding is linear in the text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names: dict[str, list[_Name]] = {}
        named = [(entity, surface) for entity in catalogue.by_id.values() for surface in entity.surfaces]
        # Thousands of names folded in one go: one by one takes several times as long, at every start.
        folded = fold("\n".join(surface for _, surface in named)).split("\n")
        for (entity, surface), plain in zip(named, folded, strict=True):
            cased = surface if surface in entity.cased else None
            name = _Name(entity, cased, surface in entity.ambiguous)
            for spelling in _joinings(plain):
                known = self._names.setdefault(spelling, [])
                if name not in known:  # Arm and ARM are two names of one entity that fold alike
                    known.append(name)
        self._readings: OrderedDict[tuple[str, bool], list[Mention]] = OrderedDict()
        self._automaton = ahocorasick.Automaton()
        for spelling in self._names:
            self._automaton.add_word(spelling, spelling)
        if self._names:
            self._automaton.make_automaton()
        self._context = {
            entity.id: tuple(fold(word) for word in entity.context) for entity in catalogue.by_id.values() if entity.context
        }

    @property
    def han_names(self) -> Iterable[str]:
        """Chinese spellings, for the segmenter's user dictionary."""
        return (spelling for spelling in self._names if re.fullmatch(f"[{HAN}]+", spelling))

    def find(self, text: str, *, guess: bool = False, remember: bool = True) -> list[Mention]:
        """Mentions in order, never overlapping. The last texts read are remembered, because hits recur.

        With `guess`, an ambiguous name without context is returned too, at confidence `GUESS`: right for a query,
        where the field is the context, and wrong for an article. Without `remember` the text is not kept: for articles
        that stream through once.
        """
        if not remember:
            return self._find(text, guess)
        known = self._readings.get((text, guess))
        if known is None:
            known = self._readings[text, guess] = self._find(text, guess)
            if len(self._readings) > _REMEMBERED:
                self._readings.popitem(last=False)
        return known

    def _find(self, text: str, guess: bool) -> list[Mention]:
        if not self._names:
            return []
        folded = fold(text)
        found = self._candidates(folded)
        if not found:
            return []
        sure = {name.entity.id for _, _, names in found for name in names if not name.ambiguous}
        as_written: str | None = None
        mentions: list[Mention] = []
        for start, end, names in found:
            if any(name.cased for name in names):
                as_written = as_written or fold_width_and_script(text)
                names = [n for n in names if n.cased is None or as_written[start:end] == fold_width_and_script(n.cased)]
            best = self._best(folded, start, end, names, sure, guess)
            if best is not None:
                mentions.append(Mention(best[1].entity.id, text[start:end], start, end, best[0]))
        return mentions

    def _candidates(self, folded: str) -> list[tuple[int, int, list[_Name]]]:
        spans: list[tuple[int, int, str]] = []
        for last, spelling in self._automaton.iter(folded):
            end = last + 1
            start = end - len(spelling)
            if _bounded(folded, start, end, spelling):
                spans.append((start, end, spelling))
        spans.sort(key=lambda span: (span[0], -span[1]))
        kept: list[tuple[int, int, list[_Name]]] = []
        reached = 0
        for start, end, spelling in spans:
            if start >= reached:
                kept.append((start, end, self._names[spelling]))
                reached = end
        return kept

    def _best(
        self, folded: str, start: int, end: int, names: list[_Name], sure: set[str], guess: bool
    ) -> tuple[float, _Name] | None:
        scored: list[tuple[float, _Name]] = []
        for name in names:
            if not name.ambiguous:
                return SURE, name
            near = folded[max(0, start - _WINDOW) : start] + " " + folded[end : end + _WINDOW]
            votes = sum(_contains(near, word) for word in self._context.get(name.entity.id, ()))
            votes += any(self._related(name.entity, other) for other in sure)
            if votes:
                scored.append((LIKELY + min(votes, 4) * 0.03, name))
            elif guess:
                scored.append((GUESS, name))
        return max(scored, key=lambda pair: pair[0], default=None)

    def _related(self, entity: Entity, other_id: str) -> bool:
        other = self._catalogue.get(other_id)
        if other is None or other_id == entity.id:
            return False
        kin = {entity.maker, entity.parent, entity.codename_of} - {None}
        return other_id in kin or other.maker == entity.id or (entity.maker is not None and other.maker == entity.maker)


def spellings(surface: str) -> set[str]:
    """The folded ways to write a name: pieces joined by a space, a hyphen or nothing (TPU v4, TPU-v4, TPUv4, 昇腾 910B)."""
    return _joinings(fold(surface))


def _joinings(folded: str) -> set[str]:
    if folded.isascii() and folded.isalnum():
        return {folded}
    pieces = _PIECES.findall(folded)
    if not 1 < len(pieces) <= 4:
        return {folded}
    joined: set[str] = {folded}
    gaps: list[tuple[str, ...]] = []
    for left, right in itertools.pairwise(pieces):
        # "Meta AI" may not become "metaai" inside words; glueing is for a letter beside a digit or a Chinese character.
        glued = (
            left[-1].isdigit()
            or right[0].isdigit()
            or re.match(f"[{HAN}]", left[-1] + right[0])
            or (right[0] == "v" and right[1:2].isdigit())
            or re.match(f"[{HAN}]", right[0])
        )
        gaps.append((" ", "-", "") if glued else (" ", "-"))
    for joints in itertools.product(*gaps):
        joined.add("".join(piece + joint for piece, joint in zip(pieces, (*joints, ""), strict=True)))
    return joined


def _bounded(folded: str, start: int, end: int, spelling: str) -> bool:
    """A name that begins or ends with a letter or digit must not go on in the text; a plural s is allowed."""
    if _is_word(spelling[0]) and start > 0 and _is_word(folded[start - 1]):
        return False
    if not _is_word(spelling[-1]) or end >= len(folded) or not _is_word(folded[end]):
        return not _decimal_follows(folded, end, spelling)
    plural = folded[end] == "s" and (end + 1 >= len(folded) or not _is_word(folded[end + 1]))
    return plural and not spelling.endswith("s")


def _decimal_follows(folded: str, end: int, spelling: str) -> bool:
    # "HBM3.5" is not HBM3; "HBM3. The" is.
    return spelling[-1].isdigit() and folded[end : end + 1] == "." and folded[end + 1 : end + 2].isdigit()


def _is_word(char: str) -> bool:
    return char.isalnum() and not re.match(f"[{HAN}]", char)


def _contains(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text) is not None
