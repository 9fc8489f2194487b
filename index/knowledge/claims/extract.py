"""Reading the claims of an article: pure, from text, mentions and dates to claims."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from index.knowledge.claims.anchor import anchor_of
from index.knowledge.claims.attributes import Attributes, load_attributes
from index.knowledge.claims.attribution import STATED, UNNAMED, Attribution, Attributor
from index.knowledge.claims.claim import Claim
from index.knowledge.claims.dismissal import is_expectation, is_no_news
from index.knowledge.claims.document import Annotator, Document, Named, Sentence
from index.knowledge.claims.figures import Figure, FigureReader
from index.knowledge.claims.growth import since, what_grows
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, kinds_of
from index.knowledge.claims.marking import mark_names
from index.knowledge.claims.milestones import Milestone, MilestoneReader
from index.knowledge.claims.notes import Note, NoteReader
from index.knowledge.claims.of_period import PERIODICAL, original_place, period_mark
from index.knowledge.claims.periods import Period, TimeMark, day_period, resolve
from index.knowledge.claims.relations import Link, RelationReader
from index.knowledge.claims.reliability import Reliability
from index.knowledge.claims.scope import scope_of, segment_of
from index.knowledge.claims.subjects import Focus
from index.knowledge.claims.units import load_units
from index.knowledge.claims.values import Value, value_finder
from index.knowledge.claims.vocabulary import Vocabulary
from index.knowledge.entities import Catalogue
from index.store.articles import MentionRow

_SUBJECTS = PRODUCTS | PARTIES
_SENTENCES = 2_000
"""Sentences of an article that are read; what comes after is no news."""
_INVOLVED = 12
_TOTALS = frozenset(("memory-capacity", "memory-bandwidth", "power", "compute"))
_IN_ALL = re.compile(
    r"合计|总(?:显存|内存|容量|功耗|算力|带宽)|整机|单机|八卡|整柜|\bper node|\bper instance|\baltogether|\bin total\b"
    r"|\btogether\b|\bcombined|\beight-way"
)
"""What says that a figure is a whole machine's, though only its chips have a name."""
_HEARD = ("消息称", "有消息", "传闻", "爆料", "据传", "传出", "曝光", "业内人士", "知情人士", "传言")
_HAS_BEEN = re.compile(r"[；;。]|去年|上年|同期|已|曾|此前|[今本]年[^，,]{0,3}季度?[，,]")
_SAME_YEAR = 16
"""Characters between a year and a quarter that is of it, too."""
_GOES_ON = 4
"""How many clauses a forecast may go on for."""
_ZONES = {"zh": timezone(timedelta(hours=8)), "en": timezone(timedelta(hours=-5))}
"""Where texts are taken to be written, by language: 13日 in Taipei may still be the 12th in UTC."""


class ClaimReader:
    """Reads claims by the rules that Chipwire ships, for one catalogue. It keeps nothing, so threads may share it."""

    def __init__(self, catalogue: Catalogue, attributes: Attributes | None = None) -> None:
        self.attributes = attributes or load_attributes()
        self.kinds = kinds_of(catalogue)
        self.version = f"{self.attributes.version}/{catalogue.version}"
        """What the claims depend on beside the article: rules and catalogue."""
        self._annotator = Annotator(self.kinds, Vocabulary(self.attributes, self.kinds.people), value_finder())
        self._figures = FigureReader(self.attributes, self.kinds, load_units())
        self._milestones = MilestoneReader(self.attributes, self.kinds)
        self._relations = RelationReader(self.attributes, self.kinds)
        self._notes = NoteReader(self.kinds)

    def read(
        self,
        title: str,
        text: str,
        mentions: Iterable[MentionRow],
        *,
        published: datetime | None,
        seen: datetime,
        lang: str = "und",
    ) -> list[Claim]:
        """The claims of an article in order of place, each said once.

        Args:
            mentions: of the title and the text, as `index.knowledge.reading.Reading.link` gives them.
            published: None where it is not known; the text is then dated by itself, before `seen`.
        """
        rows = list(mentions)
        if not any(self.kinds.class_of(row.entity_id) in _SUBJECTS for row in rows):
            return []
        document = self._annotator.annotate(title, text, rows)
        mark_names(document)
        zone = _ZONES.get(lang, timezone.utc)  # noqa: UP017  # a tzinfo like the others
        day = published.astimezone(zone).date() if published else None
        reading = _Reading(self, document, *anchor_of(document, day, seen.astimezone(zone).date()))
        return _once(reading.claims())

    def _parts(
        self, document: Document, sentence: Sentence, focus: Focus, last: Value | None
    ) -> Iterator[Figure | Milestone | Link | Note]:
        if sentence.values:
            figures = list(self._figures.read(document, sentence, focus, last))
            yield from figures
        else:
            figures = []
        if sentence.events:
            yield from self._milestones.read(document, sentence, focus)
        if sentence.links and sentence.names:
            yield from self._relations.read(document, sentence, focus)
        yield from self._notes.read(document, sentence, focus, figures)


class _Reading:
    """One article being read."""

    def __init__(self, reader: ClaimReader, document: Document, anchor: date, dated: bool) -> None:
        self._reader = reader
        self._document = document
        self._anchor = anchor
        self._dated = dated
        self._told: Sentence | None = None
        self._place: dict[str, object] = {}
        self._names: list[str] = []
        self._segment: tuple[int, str, str, str | None] = (-1, "", "", None)
        """Sentence, company and attribute of the last figure with the part of the company that it was of."""

    def claims(self) -> Iterator[Claim]:
        focus = Focus.of(self._document, self._reader.kinds.makers)
        attributor, paragraph = Attributor(self._document, self._reader.kinds), -1
        reliability = Reliability(self._document, self._reader.kinds)
        last: Value | None = None
        for sentence in self._document.sentences[:_SENTENCES]:
            if sentence.paragraph != paragraph:
                paragraph, last = sentence.paragraph, None
            focus.enter(sentence)
            if self._document.joined[sentence.end - 1] not in "?？" and not is_no_news(self._document.folded, sentence):
                attribution = attributor.of(sentence, focus)
                for part in self._reader._parts(self._document, sentence, focus, last):
                    if self._document.of_a_device and _is_of_the_device(part):
                        continue
                    by = self._ascribed(sentence, part, attribution, attributor.since)
                    if reliability.reason_against(sentence, part, by) is not None:
                        continue
                    claim = self._claim(sentence, part, by)
                    if claim is not None:
                        yield claim
            last = sentence.values[-1] if sentence.values else None
            focus.leave(sentence)

    def _ascribed(self, sentence: Sentence, part: Figure | Milestone | Link | Note, by: Attribution, since: int) -> Attribution:
        """Who says `part`: nobody where that comes only after it; of an announcement that nobody is named for its company."""
        place = part.value.start if isinstance(part, (Figure, Link)) else part.start
        if isinstance(part, Figure) and is_expectation(self._document.folded, sentence, place):
            return by if by.status == "estimated" else Attribution("estimated")
        if place < since:
            by = STATED
        if by.status == "announced" and self._is_hearsay(sentence, place):
            by = Attribution("reported", (UNNAMED,))
        subject = part.subject
        if isinstance(part, Figure) and by.status == "announced" and subject.kind == "company":
            if part.attribute.id == "market-value":
                by = STATED  # what the stock exchange says
            elif subject.id not in by.cited and subject.start >= sentence.start:
                if any(subject.end <= start and end <= place for start, end in sentence.cues.get(("said", ""), ())):
                    by = Attribution("announced", (subject.id,))  # 美光宣布…，应用材料也称…
        if by is not STATED or not isinstance(part, Milestone) or part.attribute.id != "announced":
            return by
        company = self._reader.kinds.maker.get(part.subject.id)
        return Attribution("announced", (company,)) if company is not None else by

    def _is_hearsay(self, sentence: Sentence, place: int) -> bool:
        """Whether it is said elsewhere, after the company's own word: 英特尔宣布…，但有消息称…"""
        heard = max((start for start, _ in sentence.cues.get(("reported", ""), ()) if start < place), default=-1)
        if heard < 0 or self._document.folded[heard].isascii():
            return False
        said = max((start for start, _ in sentence.cues.get(("said", ""), ()) if start < heard), default=-1)
        return said >= 0 and sentence.apart(said, heard) > 0 and self._document.folded.startswith(_HEARD, heard)

    def _claim(self, sentence: Sentence, part: Figure | Milestone | Link | Note, by: Attribution) -> Claim | None:
        if self._told is not sentence:
            field, start, end = self._document.place(sentence.start, sentence.end)
            quote = self._document.joined[sentence.start : sentence.end]
            self._told = sentence
            self._place = {"field": field, "start": start, "end": end, "quote": quote}
            self._names = list(dict.fromkeys(name.id for name in sentence.names if name.kind != "other"))
        given: dict[str, object] = {**self._place, "status": by.status, "cited": by.cited}
        if isinstance(part, Figure):
            given |= self._figure(sentence, part)
        elif isinstance(part, Milestone):
            milestone = self._milestone(sentence, part)
            if milestone is None:
                return None
            given |= milestone
        elif isinstance(part, Link):
            given |= self._link(sentence, part)
        else:
            given |= self._note(sentence, part)
        taken = (given["entity"], given.get("value_entity"), given.get("compared"))
        names = [name for name in self._names if name not in taken]
        return Claim(**given, involved=tuple(names[:_INVOLVED]))  # type: ignore[arg-type]  # put together above

    def _figure(self, sentence: Sentence, figure: Figure) -> dict[str, object]:
        value, attribute = figure.value, figure.attribute.id
        place = original_place(self._document.folded, sentence, value)
        scope = self._scope(sentence, attribute, place, figure.subject, value.end)
        if figure.rate and figure.rate != "unit":
            scope["per"] = figure.rate
        elif figure.rate and attribute == "rental-price":
            scope["per"] = "unit"
        if figure.object and figure.object != figure.subject.id:
            scope["object"] = figure.object
        if (
            "segment" not in scope
            and attribute in ("revenue", "growth", "profit", "margin")
            and figure.subject.kind == "company"
        ):
            segment = segment_of(self._document.folded, sentence, figure.subject, place)
            if segment is None and self._segment[:3] == (sentence.start, figure.subject.id, attribute):
                segment = self._segment[3]
            if segment is not None:
                scope["segment"] = segment
        self._segment = (sentence.start, figure.subject.id, attribute, scope.get("segment"))
        if attribute == "growth" and (grown := what_grows(self._document.folded, sentence, value)) not in ("", "revenue"):
            scope["of"] = grown
        if attribute == "growth" and (base := since(self._document.folded, sentence, value)) is not None:
            scope["since"] = base
        if attribute in _TOTALS and figure.subject.kind == "chip":
            if _IN_ALL.search(self._document.folded, max(sentence.start, value.start - 16), min(sentence.end, value.end + 30)):
                scope["of"] = "system"
        unit, low, high = value.unit, value.low, value.high
        if unit == "part" and attribute in ("market-share", "revenue-share"):
            unit, low, high = "%", low * 100, high * 100
        elif unit == "part":
            unit = "x"
        elif attribute == "link-bandwidth" and unit == "b":
            unit = "b/s"
        node = None
        if attribute == "process-node":
            node = next(
                (n.id for n in sentence.names if n.kind == "node" and n.start < value.end and value.start < n.end), None
            )
        return {
            "entity": figure.subject.id,
            "attribute": attribute,
            "written": self._document.joined[value.start : value.end].strip(),
            "low": float(f"{low:.12g}"),
            "high": float(f"{high:.12g}"),
            "unit": unit,
            "value_entity": node,
            "qualifier": self._qualifier(sentence, value.start, value.end),
            "expected": self._is_to_come(sentence, place),
            "compared": figure.compared,
            "scope": scope,
            "event": self._event(sentence, value.start),
        }

    def _is_to_come(self, sentence: Sentence, place: int) -> bool:
        """Whether a figure is of a plan or a forecast: in its clause, or before it with nothing of the past between."""
        if sentence.near("planned", place, reach=1):
            return True
        folded = self._document.folded
        for start, end in reversed(sentence.cues.get(("planned", ""), ())):
            if end <= place and not folded[start].isascii():
                return sentence.apart(end, place) <= _GOES_ON and _HAS_BEEN.search(folded, end, place) is None
        return False

    def _milestone(self, sentence: Sentence, milestone: Milestone) -> dict[str, object] | None:
        subject, attribute = milestone.subject, milestone.attribute.id
        mark = milestone.time
        when = self._period(sentence, mark) if mark is not None else day_period(self._anchor) if self._dated else None
        if when is None:
            return None
        if attribute == "announced" and when.first > self._anchor + timedelta(days=2):
            if not (sentence.near("planned", milestone.start) or sentence.has("postponed")):
                return None
        return {
            "entity": subject.id,
            "attribute": attribute,
            "written": self._document.joined[mark.start : mark.end]
            if mark
            else self._document.joined[milestone.start : milestone.end],
            "when": when,
            "expected": (when.last > self._anchor and sentence.near("planned", milestone.start, reach=1))
            or when.first > self._anchor,
            "scope": self._scope(sentence, attribute, milestone.start, subject) | self._postponed(sentence, milestone),
            "event": when,
        }

    def _postponed(self, sentence: Sentence, milestone: Milestone) -> dict[str, str]:
        """The time that the sentence says was meant before: 由2024年底延后至2025年."""
        if milestone.before is None:
            return {}
        before = self._period(sentence, milestone.before)
        return {"before": before.label} if before is not None else {}

    def _link(self, sentence: Sentence, link: Link) -> dict[str, object]:
        relation = link.relation.id
        return {
            "entity": link.subject.id,
            "attribute": relation,
            "written": link.value.surface,
            "value_entity": link.value.id,
            "expected": sentence.near("planned", link.start),
            "scope": self._scope(sentence, relation, link.start, link.subject),
            "event": self._event(sentence, link.start),
        }

    def _note(self, sentence: Sentence, note: Note) -> dict[str, object]:
        return {
            "entity": note.subject.id,
            "attribute": note.attribute,
            "written": self._document.joined[note.start : note.end],
            "value_entity": note.value_entity,
            "value_text": note.text,
            "expected": sentence.near("planned", note.start),
            "scope": self._scope(sentence, note.attribute, note.start, note.subject),
            "event": self._event(sentence, note.start),
        }

    def _scope(
        self, sentence: Sentence, attribute: str, place: int, subject: Named, until: int | None = None
    ) -> dict[str, str]:
        scope = scope_of(sentence, attribute, place, until)
        if subject.kind in ("memory", "node", "link") or (
            subject.kind == "company" and attribute in ("volume-production", "tape-out")
        ):
            made = subject.kind == "company"
            maker = next(
                (
                    name.id
                    for name in sentence.names
                    if name.kind == "company"
                    and name.id != subject.id
                    and (not made or name.id in self._reader.kinds.lists["foundries"])
                    and (subject.kind != "memory" or name.id in self._reader.kinds.lists["memory-makers"])
                    and (subject.kind != "node" or name.id in self._reader.kinds.lists["foundries"])
                ),
                None,
            )
            if maker is not None:
                scope["maker"] = maker
        if attribute in PERIODICAL:
            mark = period_mark(self._document.folded, sentence, place)
            period = self._period(sentence, mark) if mark is not None else None
            if period is not None:
                scope["period"] = period.label
        return scope

    def _period(self, sentence: Sentence, mark: TimeMark) -> Period | None:
        if mark.relative and not self._dated:
            return None  # nobody knows which quarter "this quarter" was
        if mark.relative and mark.years is None and (mark.quarter or mark.half or mark.month):
            place = sentence.times.index(mark)
            earlier = sentence.times[place - 1] if place else None
            if earlier is not None and earlier.year is not None and mark.start - earlier.end <= _SAME_YEAR:
                if earlier.year > self._anchor.year or sentence.near("planned", mark.start):
                    mark = replace(mark, year=earlier.year)  # 2027年上半年、最迟第3季
        future: bool | None = None
        if sentence.near("planned", mark.start):
            future = True
        elif sentence.near("past", mark.start):
            future = False
        if future is None and mark.relative:
            # "in the third quarter, with production to ramp up in the fourth": what follows a time ahead is ahead, too
            place = sentence.times.index(mark)
            if place:
                before = self._period(sentence, sentence.times[place - 1])
                future = (
                    True
                    if before is not None and before.last > self._anchor and before.first.year <= self._anchor.year + 1
                    else None
                )
        return resolve(mark, self._anchor, future)

    def _event(self, sentence: Sentence, place: int) -> Period | None:
        """The day (or month) on which the sentence says it happened, where it does."""
        if not sentence.times:
            return None
        marks = [mark for mark in sentence.times if mark.day is not None or mark.weekday is not None or mark.unit == "day"]
        if not marks:
            return None
        mark = min(marks, key=lambda each: abs(each.start - place))
        return self._period(sentence, mark)

    def _qualifier(self, sentence: Sentence, start: int, end: int) -> str | None:
        best: str | None = None
        least = 14
        for (role, key), word_start, word_end in sentence.conditions:
            if role == "qualifier":
                gap = start - word_end
                if -2 <= gap < least and sentence.apart(word_end, start) == 0:
                    best, least = key, max(gap, 0)
            elif role == "qualified" and (
                (-1 <= word_start - end <= 2 and not sentence.apart(end, word_start)) or start < word_start < end
            ):
                return key
        return best if least <= 8 else None


def _is_of_the_device(part: Figure | Milestone | Link | Note) -> bool:
    """Whether a claim read in a text about a device may be the device's: sizes, prices and dates, and no process or maker."""
    if part.subject.kind not in ("chip", "system", "memory", "service", "link"):
        return False
    if isinstance(part, Figure):
        return part.attribute.id not in ("process-node", "transistors", "market-share", "volume", "growth")
    return isinstance(part, Milestone) or (isinstance(part, Note) and part.attribute == "memory-type")


def _once(claims: Iterable[Claim]) -> list[Claim]:
    """Each claim of an article once: of those that say the same, the one from the text, and with somebody behind it."""
    kept: dict[tuple[str | None, ...], Claim] = {}
    for claim in claims:
        scope = claim.scope.get("segment"), claim.scope.get("of")
        key = (claim.entity, claim.attribute, claim.value_key, claim.compared, *scope)
        known = kept.get(key)
        if known is None or _better(claim, known):
            kept[key] = claim
    return sorted(kept.values(), key=lambda claim: (claim.field != "title", claim.start, claim.attribute, claim.entity))


def _better(claim: Claim, known: Claim) -> bool:
    return (known.field == "title" and claim.field == "text") or (
        known.status == "stated" != claim.status and claim.field == "text"
    )
