"""The on-topic gate: is an article of the field, AI accelerators and what they depend on? With a reason that can be read.

The evidence is counted by group (``field/terms.toml``): chips, systems and technologies of the catalogue, makers, words of the
field, words that chips share with gadgets, and what speaks against it (gadgets, games, share lists, motoring, other news). Each
group counts twice, in the title with the first lines and by how often it stands in the whole text, both on a logarithmic
scale, because the tenth "chip" says less than the first. A logistic sum of the counts is the score. The embedding's
similarity to the field adds nothing that was measurable to this, at ten milliseconds an article, so it is not asked.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from index.knowledge.entities import Catalogue
from index.knowledge.field_terms import FieldTerms, TermFinder, load_field_terms
from index.knowledge.linker import Linker
from index.knowledge.names import flattened, spellings
from index.knowledge.reading import Reading
from index.text.fold import fold

THRESHOLD = 0.5
"""The score from which an article is of the field."""

_LEAD = 160
"""Characters of a Chinese text that count as its beginning, beside the title."""
_IN_TITLE = 2
"""Times that a word in the title counts."""
_PAGE = 600
"""Chinese characters to which a count is related: the length of a short news item."""
_LONGEST = 8_000
"""Chinese characters of a text that are read; what comes after decides nothing."""
_LETTERS = 3
"""Letters of other languages that say as much as one Chinese character."""
_NAMED = 3
"""Entities, terms and counter-terms that a reason lists."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``score`` is in 0..1, ``on_topic`` whether it reaches `THRESHOLD`; ``reason`` is one line for a reader."""

    on_topic: bool
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against, before weighing: values by ``group.lead`` and ``group.body``, and what was found."""

    values: Mapping[str, float]
    entities: tuple[str, ...]
    terms: Mapping[str, int]
    against: Mapping[str, int]


class TopicGate:
    """Judges articles. It changes nothing and keeps nothing, so threads may share it."""

    def __init__(self, catalogue: Catalogue, linker: Linker, terms: FieldTerms | None = None) -> None:
        self._terms = terms or load_field_terms()
        self._linker = linker
        self._finder = TermFinder(self._terms.terms)
        self._group_of = dict(_entity_groups(catalogue, self._terms))
        self._catalogue = catalogue

    @classmethod
    def of(cls, reading: Reading) -> "TopicGate":
        """The gate over what a `Reading` has loaded."""
        return cls(reading.catalogue, reading.linker)

    @cached_property
    def _any(self) -> TermFinder:
        """Everything that speaks for the field, wherever it stands; made for the first page that is sifted."""
        named = [
            (spelling, self._group_of[entity.id])
            for entity in self._catalogue.by_id.values()
            if entity.id in self._group_of
            for surface in entity.surfaces
            for spelling in spellings(surface)
        ]
        favourable = [(flattened(term), group) for term, group in self._terms.terms if not self._terms.groups[group].against]
        return TermFinder([*named, *favourable])

    def may_be_on_topic(self, text: str) -> bool:
        """False only where `judge` would say no to every article inside `text`, such as a page with all its navigation.

        The most that the words of the field in `text` could be worth, were all of them in the article's first lines and
        nothing against it; many times cheaper than extracting the article.
        """
        counts: Counter[str] = Counter()
        total = self._terms.bias
        for group in self._any.every(flattened(fold(text))):
            counts[group] += 1
            seen = counts[group]
            lead, body = self._terms.weight(f"{group}.lead"), self._terms.weight(f"{group}.body")
            total += body * (math.log1p(seen) - math.log1p(seen - 1))
            total += lead * (math.log1p(_IN_TITLE * seen) - math.log1p(_IN_TITLE * (seen - 1)))
            if total >= 0:
                return True
        return False

    def judge(self, title: str, text: str, lang: str) -> Verdict:
        """Whether an article of plain `text` is of the field; `title` may be empty, `lang` is ``zh``, ``en`` or ``und``."""
        evidence = self.evidence(title, text, lang)
        score = self._score(evidence.values)
        return Verdict(score >= THRESHOLD, round(score, 3), _reason(evidence))

    def evidence(self, title: str, text: str, lang: str, named: Iterable[tuple[int, str]] | None = None) -> Evidence:
        """What `judge` weighs; `named` as for `odds`."""
        unit = 1 if lang == "zh" else _LETTERS
        whole = f"{title}\n{text[: _LONGEST * unit]}"
        lead_end = len(title) + 1 + _LEAD * unit
        pages = max(1.0, len(whole) / (_PAGE * unit))
        lead: Counter[str] = Counter()
        everywhere: Counter[str] = Counter()
        entities: Counter[str] = Counter()
        positive: Counter[str] = Counter()
        against: Counter[str] = Counter()
        if named is None:
            named = ((mention.start, mention.id) for mention in self._linker.find(whole, remember=False))
        for start, entity in named:
            group = self._group_of.get(entity)
            if group is not None and start < len(whole):
                everywhere[group] += 1
                lead[group] += _standing(start, len(title), lead_end)
                entities[entity] += 1
        for start, term, group in self._finder.find(fold(whole)):
            everywhere[group] += 1
            lead[group] += _standing(start, len(title), lead_end)
            (against if self._terms.groups[group].against else positive)[term] += 1
        values = {f"{group}.lead": math.log1p(count) for group, count in lead.items()}
        values |= {f"{group}.body": math.log1p(count / pages) for group, count in everywhere.items()}
        return Evidence(values, tuple(id for id, _ in entities.most_common()), positive, against)

    def odds(self, title: str, text: str, lang: str, named: Iterable[tuple[int, str]] | None = None) -> float:
        """The log-odds behind `judge`'s score: how clearly an article is of the field; above 0 it more likely is than not.

        Args:
            named: what it names, where that is known: (place in title, line break and text; entity id) of every mention.
        """
        return self._odds(self.evidence(title, text, lang, named).values)

    def _odds(self, values: Mapping[str, float]) -> float:
        return self._terms.bias + sum(self._terms.weight(name) * value for name, value in values.items())

    def _score(self, values: Mapping[str, float]) -> float:
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self._odds(values)))))


def _standing(start: int, title_end: int, lead_end: int) -> int:
    """How much a word counts in the beginning: a title is chosen with more care than a first sentence."""
    return _IN_TITLE if start < title_end else int(start < lead_end)


def _entity_groups(catalogue: Catalogue, terms: FieldTerms) -> Iterable[tuple[str, str]]:
    """The group that each entity counts for; none for those whose news is mostly of something else."""
    for entity in catalogue.by_id.values():
        if entity.kind in ("chip", "system", "technology", "policy"):
            yield entity.id, "chips" if entity.id in terms.ordinary else "accelerators"
        elif entity.kind == "company" and entity.id not in terms.diversified:
            yield entity.id, "suppliers" if entity.id in terms.consumer else "makers"


def _reason(evidence: Evidence) -> str:
    named = ", ".join(evidence.entities[:_NAMED])
    parts = [f"names {named}"] if named else []
    parts += [_listed(evidence.terms)] if evidence.terms else []
    if not parts:
        parts.append("names no chip, company or term of the field")
    elif evidence.against:
        parts.append(f"against it: {_listed(evidence.against)}")
    return "; ".join(parts)


def _listed(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])[:_NAMED]
    return ", ".join(f"'{term}' {count}×" for term, count in ranked)
