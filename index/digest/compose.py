"""Composing a week: its stories by importance, each with a two-sentence extract that can be traced to its articles.

Pure over what the store holds: the same week from the same data gives the same digest. The score and its parts are kept
with every entry, so that an editor sees why a story stands where it does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from index.knowledge.entities import Catalogue
from index.knowledge.reading import Reading
from index.knowledge.stories import COPIED, Story, stories_between
from index.store.articles import StoredArticle, entity_counts
from index.store.database import Store
from index.store.sources import all_sources
from index.text.sentences import sentences
from index.text.times import week_range

EXTRACT_SENTENCES = 2
_LEAD_SENTENCES = 6
"""News states its point first: extracts come from the first sentences only."""

_KIND_WEIGHT = {"company": 1.0, "chip": 1.0, "system": 0.9, "policy": 1.2, "software": 0.6, "technology": 0.6}


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of an article, verbatim: characters ``start`` to ``end`` of its text. ``gloss`` is rough English."""

    article: StoredArticle
    start: int
    end: int
    gloss: str | None = None

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end].replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Coverage:
    """An article in an entry, and its part in the story."""

    article: StoredArticle
    source_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One story of the week. ``importance`` is the sum of ``parts``."""

    story_id: int
    headline: str
    headline_gloss: str | None
    importance: float
    parts: Mapping[str, float]
    extract: tuple[Extract, ...]
    coverage: tuple[Coverage, ...]
    copies: int
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """A week's issue: ``since`` inclusive, ``until`` exclusive."""

    week: str
    since: datetime
    until: datetime
    entries: tuple[Entry, ...]
    articles: int
    origins: int
    sources: int
    entity_names: Mapping[str, str]


def compose_digest(store: Store, reading: Reading, week: str, zone: tzinfo) -> Digest:
    """The digest of an ISO week.

    Raises:
        FilterError: not an ISO week.
    """
    since, until = week_range(week, zone)
    stories = stories_between(store, since, until)
    names = {record.id: record.name for record in all_sources(store)}
    members = [m.article.id for story in stories for m in story.members]
    counts = entity_counts(store, members)
    entries = [entry for story in stories if (entry := _entry(story, since, until, names, counts, reading)) is not None]
    entries.sort(key=lambda e: (-e.importance, e.coverage[0].article.time, e.story_id))
    covered = [c for entry in entries for c in entry.coverage]
    return Digest(
        week=f"{since.isocalendar()[0]:04d}-W{since.isocalendar()[1]:02d}",
        since=since,
        until=until,
        entries=tuple(entries),
        articles=len(covered),
        origins=sum(c.role != COPIED for c in covered),
        sources=len({c.article.source for c in covered}),
        entity_names={e: reading.catalogue.name_of(e) for entry in entries for e in entry.entities},
    )


def _entry(
    story: Story,
    since: datetime,
    until: datetime,
    names: Mapping[str, str],
    counts: Mapping[int, Mapping[str, int]],
    reading: Reading,
) -> Entry | None:
    inside = [m for m in story.members if since <= m.article.time < until]
    if not inside:
        return None
    coverage = [Coverage(m.article, names.get(m.article.source, m.article.source), m.role) for m in inside]
    mentioned: dict[str, int] = {}
    for member in inside:
        for entity, n in counts.get(member.article.id, {}).items():
            mentioned[entity] = mentioned.get(entity, 0) + n
    ranked = sorted(mentioned, key=lambda e: (-mentioned[e], e))
    own = [c for c in coverage if c.role != COPIED] or coverage
    # An English headline reads for everyone; where there is none the Chinese one stands with its gloss.
    lead = next((c for c in own if c.article.lang == "en"), own[0])
    parts = _importance(own, len(coverage) - len(own), ranked, reading.catalogue)
    chinese = lead.article.lang == "zh"
    return Entry(
        story_id=story.id,
        headline=lead.article.title,
        headline_gloss=reading.glosser.for_reader(lead.article.title) if chinese else None,
        importance=round(sum(parts.values()), 3),
        parts=parts,
        extract=tuple(_extract([c.article for c in (lead, *(c for c in own if c is not lead))], ranked, reading)),
        coverage=tuple(coverage),
        copies=len(coverage) - len(own),
        entities=tuple(ranked[:6]),
    )


def _importance(own: Sequence[Coverage], copies: int, entities: Sequence[str], catalogue: Catalogue) -> dict[str, float]:
    """What makes a story matter, in parts: who reported it themselves, who repeated it, in how many languages, on whom."""
    kinds = [catalogue.by_id[e].kind for e in entities[:5] if e in catalogue.by_id]
    outlets = {c.article.source for c in own}
    return {
        "independent reports": round(2.0 * math.log2(1 + len(outlets)), 3),
        "copies": round(0.3 * math.log2(1 + copies), 3),
        "languages": 1.0 if len({c.article.lang for c in own}) > 1 else 0.0,
        "entities": round(0.25 * sum(_KIND_WEIGHT.get(kind, 0.4) for kind in kinds), 3),
        "depth": round(min(sum(len(c.article.text) for c in own) / 8000, 1.0), 3),
    }


def _extract(articles: Sequence[StoredArticle], entities: Sequence[str], reading: Reading) -> list[Extract]:
    """Two sentences: the best of the lead article, and the best of another origin, or of the same, that adds to it."""
    chosen: list[Extract] = []
    seen: set[str] = set()
    for article in articles[:3]:
        wanted = EXTRACT_SENTENCES - len(chosen) if article is articles[-1] or len(articles) == 1 else 1
        best = _best_sentences(article, entities, seen, reading)[:wanted]
        for start, end, words in best:
            gloss = reading.glosser.for_reader(article.text[start:end]) if article.lang == "zh" else None
            chosen.append(Extract(article, start, end, gloss))
            seen |= words
        if len(chosen) >= EXTRACT_SENTENCES:
            break
    if len(chosen) < EXTRACT_SENTENCES and articles:
        taken = {(e.article.id, e.start) for e in chosen}
        for start, end, _ in _best_sentences(articles[0], entities, seen, reading):
            if (articles[0].id, start) not in taken:
                gloss = reading.glosser.for_reader(articles[0].text[start:end]) if articles[0].lang == "zh" else None
                chosen.append(Extract(articles[0], start, end, gloss))
                break
    # Sentences of one article read in its order.
    order = {article.id: i for i, article in enumerate(articles)}
    return sorted(chosen[:EXTRACT_SENTENCES], key=lambda e: (order[e.article.id], e.start))


def _best_sentences(
    article: StoredArticle, entities: Sequence[str], seen: set[str], reading: Reading
) -> list[tuple[int, int, set[str]]]:
    """Candidate sentences of the lead, best first: early, naming the story's entities, with figures, saying new things."""
    important = set(entities[:6])
    scored: list[tuple[float, int, int, set[str]]] = []
    for position, span in enumerate(sentences(article.text)[:_LEAD_SENTENCES]):
        text = article.text[span.start : span.end]
        length = len(text) * (2 if article.lang == "zh" else 1)
        if not 40 <= length <= 600:
            continue
        words = {g for w in reading.glosser.words(text) for g in (w.glosses or (w.token.term,)) if len(g) > 2}
        named = {m.id for m in reading.linker.find(text)} & important
        novelty = len(words - seen) / len(words) if words else 0.0
        score = 2.4 / (1 + position) + 0.4 * len(named) + 0.3 * any(c.isdigit() for c in text) + 1.2 * novelty
        scored.append((score, span.start, span.end, words))
    scored.sort(key=lambda item: (-item[0], item[1]))
    return [(start, end, words) for _, start, end, words in scored]
