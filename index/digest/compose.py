"""Composing an issue: the stories of some days by importance, in sections, each with extracts that can be traced.

Pure over what the store holds: the same days from the same data give the same digest. The score and its parts are kept
with every entry, so that an editor sees why a story stands where it does.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from index.digest.events import clearest, event_finder
from index.digest.extracts import Extract, extracts, first_sentence
from index.digest.figures import Figure, figures
from index.digest.importance import Known, importance
from index.digest.period import Period
from index.digest.sections import Sections
from index.knowledge.reading import Reading
from index.knowledge.stories import COPIED, Story, StoryMember, stories_between
from index.knowledge.story_desk import Addition, additions
from index.knowledge.topic import TopicGate
from index.retrieval.refresh import Progress, silent
from index.store.articles import StoredArticle, mentioned_entities, mentions_of
from index.store.claims import StoredClaim, claims_of_articles, told_before
from index.store.database import Store
from index.store.entities import saliences_of
from index.store.sources import SourceRecord, all_sources, disabled_sources
from index.text.times import week_name

UNNAMED = "import"
"""The source of articles of files that do not say where they are from."""
BIG = "big"
"""The section of the story that stands out."""
BRIEF = "brief"
"""The section of what is told in one sentence, last of all."""
IN_FULL = 60
"""Stories of an issue that are told in full, the most important ones; nobody reads more."""
_THIN = 4
"""Stories below which a week is called thin."""
_STANDS_OUT = 1.15
"""How many times as important as the second the first story is to be the big one."""
_ONE_SIDED = 2
"""Outlets of the other language that must have published in these days before their silence means anything."""
_MOST_ONE_SIDED = 5
_LONG = 6
"""Sentences of an entry that is told at length, where there are so many that add something."""
_TOLD_EVERY = 50
"""Stories after which progress is told."""
_UNWELL = ("late", "blocked", "broken", "dead")


@dataclass(frozen=True, slots=True)
class Coverage:
    """An article in an entry, and its part in the story."""

    article: StoredArticle
    source_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One story. ``importance`` is the sum of ``parts``; ``section`` an id.

    ``earlier`` are the weeks in which the story was told before; then ``new`` holds what is new since, and the extracts are
    those sentences. An editor may have rewritten the headline (``lead_id`` is then the article that it was of), have written
    paragraphs that stand in place of the extracts (``summary``), and have added a ``note``.
    """

    story_id: int
    section: str
    headline: str
    headline_gloss: str | None
    importance: float
    parts: Mapping[str, float]
    extract: tuple[Extract, ...]
    figures: tuple[Figure, ...]
    coverage: tuple[Coverage, ...]
    copies: int
    entities: tuple[str, ...]
    earlier: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    lead_id: int | None = None
    summary: tuple[str, ...] = ()
    note: str | None = None

    @property
    def lead(self) -> StoredArticle:
        """The article that the headline is of."""
        if self.lead_id is not None:
            return next(c.article for c in self.coverage if c.article.id == self.lead_id)
        return next(c.article for c in self.coverage if c.article.title == self.headline)


@dataclass(frozen=True, slots=True)
class Digest:
    """An issue. ``entries`` are in order of importance; `sections` has them as they are printed.

    ``only_zh`` are ids of stories that the Chinese press has and the English one has not, ``only_en`` the reverse; both are
    empty where too little of the other language came in to tell. ``repeats`` counts stories of earlier weeks with nothing new,
    ``left_out`` those that an editor dropped or told with others, ``cut`` those that a mail has no
    room for; ``introduction`` is an editor's, and so
    are ``corrections``, which say what was wrong in the issue as it first went out.
    """

    period: Period
    entries: tuple[Entry, ...]
    titles: Mapping[str, str]
    articles: int
    origins: int
    sources: int
    unwell: tuple[tuple[str, str], ...]
    repeats: int
    only_zh: tuple[int, ...]
    only_en: tuple[int, ...]
    entity_names: Mapping[str, str]
    left_out: int = 0
    cut: int = 0
    introduction: str | None = None
    corrections: tuple[str, ...] = ()

    @property
    def week(self) -> str:
        """The ISO week, or the days where it is none."""
        return self.period.label

    @property
    def since(self) -> datetime:
        return self.period.since

    @property
    def until(self) -> datetime:
        return self.period.until

    @property
    def thin(self) -> bool:
        """Whether there is so little that a reader should be told."""
        return 0 < len(self.entries) + self.left_out < _THIN

    @property
    def sections(self) -> tuple[tuple[str, str, tuple[Entry, ...]], ...]:
        """(id, title, entries) of each section that has any, in the order of the settings."""
        found = []
        for section, title in self.titles.items():
            inside = tuple(entry for entry in self.entries if entry.section == section)
            if inside:
                found.append((section, title, inside))
        return tuple(found)

    def entry(self, story_id: int) -> Entry:
        return next(entry for entry in self.entries if entry.story_id == story_id)


@dataclass(frozen=True, slots=True)
class _Material:
    """What entries are made from, loaded once for all of them."""

    store: Store
    reading: Reading
    period: Period
    zone: tzinfo
    sections: Sections
    records: Mapping[str, SourceRecord]
    saliences: Mapping[int, Mapping[str, float]]
    prominence: Mapping[str, float]
    claims: Mapping[int, Sequence[StoredClaim]]
    told: frozenset[str]
    gate: TopicGate


def compose_digest(
    store: Store, reading: Reading, period: Period, zone: tzinfo, sections: Sections, progress: Progress = silent
) -> Digest:
    """The digest of `period`, its weeks being those of `zone`."""
    stories = stories_between(store, period.since, period.until)
    records = {record.id: record for record in all_sources(store)}
    members = [m.article.id for story in stories for m in story.members]
    inside = [m.article.id for story in stories for m in story.members if period.since <= m.article.time < period.until]
    claims = claims_of_articles(store, inside)
    material = _Material(
        store,
        reading,
        period,
        zone,
        sections,
        records,
        saliences_of(store, members),
        _prominence(store),
        claims,
        frozenset(told_before(store, {claim.key for told in claims.values() for claim in told}, period.since)),
        TopicGate.of(reading),
    )
    made: list[_Weighed] = []
    for number, story in enumerate(stories):
        if not number % _TOLD_EVERY:
            progress("weighing stories", number, len(stories))
        if (weighed := _weighed(story, material)) is not None:
            made.append(weighed)
    made.sort(key=lambda each: each.order)
    entries: list[Entry] = []
    for place, weighed in enumerate(made):
        if not place % _TOLD_EVERY:
            progress("composing the issue", place, len(made))
        entries.append(_entry(weighed, material, brief=place >= IN_FULL))
    progress("composing the issue", len(made), len(made))
    if len(entries) > _THIN and entries[0].importance >= _STANDS_OUT * entries[1].importance:
        entries[0] = replace(entries[0], section=BIG)
    covered = [m for story in stories for m in story.members if period.since <= m.article.time < period.until]
    disabled = disabled_sources(store)
    languages = {language: {m.article.source for m in covered if m.article.lang == language} for language in ("en", "zh")}
    return Digest(
        period=period,
        entries=tuple(entries),
        titles={BIG: "The big story", **sections.titles, BRIEF: "In brief"},
        articles=len(covered),
        origins=sum(m.role != COPIED for m in covered),
        sources=len({m.article.source for m in covered}),
        unwell=tuple(
            (record.name, record.health)
            for record in sorted(records.values(), key=lambda record: record.name)
            if record.health in _UNWELL and record.id not in disabled
        ),
        repeats=len(stories) - len(made),
        only_zh=_one_sided(entries, "zh") if len(languages["en"]) >= _ONE_SIDED else (),
        only_en=_one_sided(entries, "en") if len(languages["zh"]) >= _ONE_SIDED else (),
        entity_names={e: reading.catalogue.name_of(e) for entry in entries for e in entry.entities},
    )


def longer_extract(entry: Entry, reading: Reading) -> tuple[Extract, ...]:
    """Up to six sentences of the entry's own reports, for an issue that tells it at length."""
    own = [c.article for c in entry.coverage if c.role != COPIED] or [c.article for c in entry.coverage]
    articles = [entry.lead, *(article for article in own if article.id != entry.lead.id)]
    return tuple(extracts(articles, entry.entities, reading, least=_LONG, most=_LONG))


def _prominence(store: Store) -> dict[str, float]:
    """How much of the store names each entity, from 0 to 1, in logarithms."""
    counts = mentioned_entities(store)
    most = math.log1p(max(counts.values(), default=1))
    return {entity: math.log1p(count) / most for entity, count in counts.items()}


def _one_sided(entries: Sequence[Entry], language: str) -> tuple[int, ...]:
    """Stories that only outlets of `language` reported, the most important first. One-outlet notes are no news of a press."""
    found = [
        entry.story_id
        for entry in entries
        if {c.article.lang for c in entry.coverage} == {language} and len({c.article.source for c in entry.coverage}) > 1
    ]
    return tuple(found[:_MOST_ONE_SIDED])


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A story that has something new, with what its importance is made of; ``news`` are the reports that say something new."""

    story: Story
    inside: Sequence[StoryMember]
    before: Sequence[StoryMember]
    own: Sequence[StoryMember]
    news: Sequence[StoryMember]
    added: Mapping[int, Sequence[Addition]]
    saliences: Mapping[str, float]
    known: Known
    parts: Mapping[str, float]

    @property
    def importance(self) -> float:
        return round(sum(self.parts.values()), 3)

    @property
    def order(self) -> tuple[float, datetime, int]:
        """Sorts the most important first."""
        return (-self.importance, self.inside[0].article.time, self.story.id)


def _weighed(story: Story, material: _Material) -> _Weighed | None:
    """The story with its weight, None where it repeats what earlier weeks had."""
    period, reading = material.period, material.reading
    inside = [m for m in story.members if period.since <= m.article.time < period.until]
    before = [m for m in story.members if m.article.time < period.since]
    own = [m for m in inside if m.role != COPIED] or inside
    added = additions(material.store, story) if before else {}
    news = [m for m in own if added.get(m.article.id)] if before else own
    if not news:
        return None
    saliences = _merged([material.saliences.get(m.article.id, {}) for m in own])
    claims = [claim for m in news for claim in material.claims.get(m.article.id, ())]
    known = Known(
        saliences,
        material.prominence,
        [claim for claim in claims if claim.key not in material.told],
        [claim for claim in claims if claim.key in material.told],
        max(_odds(m.article, material) for m in own),
        clearest(event_finder().found(m.article.title, m.article.text, m.article.lang) for m in own),
    )
    parts = importance(
        {_outlet(m.article): _kind(m.article.source, material) for m in own},
        len(inside) - len(own),
        [m.article.lang for m in own],
        sum(len(m.article.text) for m in own),
        known,
        reading.catalogue,
    )
    return _Weighed(story, inside, before, own, news, added, saliences, known, parts)


def _entry(weighed: _Weighed, material: _Material, *, brief: bool) -> Entry:
    """The story's entry; ``brief``: with one sentence and without figures."""
    reading, news, own, before = material.reading, weighed.news, weighed.own, weighed.before
    coverage = [Coverage(m.article, _name(m.article.source, material), m.role) for m in weighed.inside]
    ranked = sorted(weighed.saliences, key=lambda e: (-weighed.saliences[e], e))
    # An English headline reads for everyone; where there is none the Chinese one stands with its gloss.
    lead = next((m for m in news if m.article.lang == "en"), news[0]).article
    articles = [lead, *(m.article for m in news if m.article is not lead)]
    if before:
        chosen = [
            Extract(a, x.start, x.end, reading.glosser.for_reader(x.sentence) if a.lang == "zh" else None)
            for a in articles
            for x in weighed.added[a.id]
        ][: 1 if brief else 3]
    else:
        chosen = first_sentence(lead, reading) if brief else extracts(articles, ranked, reading)
    known = weighed.known
    first = min(own, key=lambda m: (m.article.time, m.article.id))
    section = material.sections.of(weighed.saliences, _kind(first.article.source, material), reading.catalogue)
    return Entry(
        story_id=weighed.story.id,
        section=BRIEF if brief else section,
        headline=lead.title,
        headline_gloss=reading.glosser.for_reader(lead.title) if lead.lang == "zh" else None,
        importance=weighed.importance,
        parts=weighed.parts,
        extract=tuple(chosen),
        figures=() if brief else tuple(figures([*known.new, *known.old], weighed.saliences, reading)),
        coverage=tuple(coverage),
        copies=len(weighed.inside) - len(own),
        entities=tuple(ranked[:6]),
        earlier=tuple(sorted({week_name(m.article.time, material.zone) for m in before}, reverse=True)),
        new=tuple(dict.fromkeys(f for a in articles for x in weighed.added.get(a.id, ()) for f in x.figures)) if before else (),
    )


def _merged(saliences: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """What several articles are about: the mean of each entity's salience in them."""
    found: dict[str, float] = {}
    for each in saliences:
        for entity, salience in each.items():
            found[entity] = found.get(entity, 0.0) + salience / len(saliences)
    return found


def _odds(article: StoredArticle, material: _Material) -> float:
    """How clearly an article is of the field, as log-odds."""
    offsets = {"title": 0, "text": len(article.title) + 1}
    named = ((offsets[m.field] + m.start, m.entity_id) for m in mentions_of(material.store, article.id))
    return material.gate.odds(article.title, article.text, article.lang, named)


def _outlet(article: StoredArticle) -> str:
    """Who published an article. Of files that name no outlets, each that is nobody's copy stands for one of its own."""
    return article.source if article.source != UNNAMED else f"{UNNAMED} {article.id}"


def _name(source: str, material: _Material) -> str:
    record = material.records.get(source)
    return record.name if record is not None else source


def _kind(source: str, material: _Material) -> str:
    record = material.records.get(source)
    return record.kind if record is not None else ""
