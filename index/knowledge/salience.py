"""What an article is about: how much each entity that it names is its subject, from 0 to 1.

A subject stands in the title, comes early, is named often and all through the text; a passing mention has one place. Weights by
hand on the odd articles of the demo newsroom, whose subjects are labelled (``bench/entities.py`` gives the figures).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.knowledge.entities import Catalogue
from index.store.articles import MentionRow

SUBJECT = 0.45
"""From this salience on an article is about an entity."""

_TITLE, _LEAD, _OFTEN, _SPREAD = 3.0, 1.2, 0.5, 0.5
_LEAD_LETTERS, _LEAD_HAN = 450, 160
"""Characters of an English and a Chinese text that are its beginning."""
_PARTS = 4
_CITED = 0.4
"""What the press and analysts count: they are named because they said it."""
_PROPERTY = 0.8
"""What technologies and rules count beside whose they are."""


@dataclass(frozen=True, slots=True)
class Salience:
    """How often an article names an entity, and how much it is about it."""

    entity_id: str
    mentions: int
    salience: float


def saliences(rows: Sequence[MentionRow], text: str, catalogue: Catalogue) -> list[Salience]:
    """The salience of every entity that `rows` mention in an article with this text, the highest first."""
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in text[:400]) > 80
    lead = _LEAD_HAN if chinese else _LEAD_LETTERS
    by_entity: dict[str, list[MentionRow]] = {}
    for row in rows:
        by_entity.setdefault(row.entity_id, []).append(row)
    raw = {entity: _weight(found, len(text), lead) * _by_kind(entity, catalogue) for entity, found in by_entity.items()}
    most = max([*raw.values(), _TITLE + _LEAD])
    found = [Salience(entity, len(by_entity[entity]), round(value / most, 3)) for entity, value in raw.items()]
    return sorted(found, key=lambda each: (-each.salience, each.entity_id))


def _weight(rows: Iterable[MentionRow], length: int, lead: int) -> float:
    body = [row for row in rows if row.field == "text"]
    weight = _TITLE if any(row.field == "title" for row in rows) else 0.0
    weight += _LEAD if any(row.start < lead for row in body) else 0.0
    weight += _OFTEN * math.log1p(max(0, len(body) - 1))
    parts = {min(_PARTS - 1, row.start * _PARTS // max(1, length)) for row in body}
    return weight + _SPREAD * max(0, len(parts) - 1) / (_PARTS - 1)


def _by_kind(entity_id: str, catalogue: Catalogue) -> float:
    entity = catalogue.get(entity_id)
    if entity is None:
        return 1.0
    if entity.kind == "organisation":
        return _CITED
    return _PROPERTY if entity.kind in ("technology", "software") else 1.0
