"""Forgiving small typos in names: Nvdia, Micorsoft, Hauwei. Never in identifiers or numbers, and never in known words."""

import re
from collections.abc import Iterable, Sequence

from index.knowledge.entities import Catalogue
from index.knowledge.linker import Mention
from index.text.fold import fold

ONE_TYPO, TWO_TYPOS = 5, 9
"""Letters from which a word may have one typo, and two (the limits that Meilisearch found to suit people)."""


MISSPELT = 0.6
"""Confidence of a misspelt name in a text that also has it spelt well."""
_LONG = 6
_WORD = re.compile(r"(?<![A-Za-z0-9-])[A-Z][A-Za-z]{5,}(?![A-Za-z0-9])")


def misspelt_names(text: str, mentions: Sequence[Mention], catalogue: Catalogue) -> list[Mention]:
    """Words of a text that are one typo away from a company's name that the text also spells well (Nvdia beside Nvidia)."""
    well_spelt: dict[str, str] = {}
    for mention in mentions:
        entity = catalogue.get(mention.id)
        name = mention.surface.lower()
        if entity is not None and entity.kind == "company" and len(name) >= _LONG and name.isascii() and name.isalpha():
            well_spelt[name] = mention.id
    if not well_spelt:
        return []
    found: list[Mention] = []
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word in well_spelt:
            continue
        for name, entity_id in well_spelt.items():
            if (
                word[0] == name[0]
                and abs(len(word) - len(name)) <= 1
                and word != f"{name}s"
                and edit_distance(word, name, 1) == 1
            ):
                if not any(each.start < match.end() and match.start() < each.end for each in mentions):
                    found.append(Mention(entity_id, match.group(), match.start(), match.end(), MISSPELT))
                break
    return found


class NameSpeller:
    """Finds the name that a misspelt word was meant to be. Building is cheap; each lookup compares with every name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._by_length: dict[int, list[tuple[str, str]]] = {}
        for entity in catalogue.by_id.values():
            if entity.kind in ("policy", "technology"):
                continue
            for surface in entity.surfaces:
                name = fold(surface)
                if surface not in entity.ambiguous and name.isascii() and name.isalpha() and len(name) >= ONE_TYPO:
                    self._by_length.setdefault(len(name), []).append((name, entity.id))

    def correct(self, word: str) -> tuple[str, str] | None:
        """The (folded name, entity id) nearest to the folded `word`, or None.

        A typo is a letter too many, missing, wrong, or two swapped; the first letter must be right. Two names at the
        same distance are a tie, which nothing decides.
        """
        if not (word.isascii() and word.isalpha()) or len(word) < ONE_TYPO:
            return None
        allowed = 2 if len(word) >= TWO_TYPOS else 1
        best: dict[str, tuple[int, str]] = {}
        for name, entity in self._near(len(word), allowed):
            if name[0] == word[0]:
                distance = edit_distance(word, name, allowed)
                if distance <= allowed and distance < best.get(entity, (allowed + 1, ""))[0]:
                    best[entity] = (distance, name)
        if not best:
            return None
        ranked = sorted((distance, name, entity) for entity, (distance, name) in best.items())
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            return None
        return ranked[0][1], ranked[0][2]

    def _near(self, length: int, allowed: int) -> Iterable[tuple[str, str]]:
        for size in range(length - allowed, length + allowed + 1):
            yield from self._by_length.get(size, ())


def edit_distance(left: str, right: str, limit: int) -> int:
    """Optimal string alignment distance (Damerau 1964); any number above `limit` where it is greater."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        following = [i]
        for j, b in enumerate(right, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > limit:
            return limit + 1
        before, row = row, following
    return row[-1]
