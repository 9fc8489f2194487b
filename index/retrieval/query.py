"""Reading a query: what was typed becomes units, each with every way in which a passage can satisfy it, and constraints.

Units rank; constraints decide what may be in the answer at all. Both come with words that tell a person how the query
was read.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

from index.errors import FilterError, QueryError
from index.knowledge.gloss import Word
from index.knowledge.linker import GUESS, SURE, Mention
from index.knowledge.reading import Reading
from index.retrieval.lexical import Alternative
from index.retrieval.syntax import Operator, read_syntax
from index.retrieval.units import ENTITY, PAIR, TITLE, WORDS, Unit, day_unit, entity_unit, quantity_unit, word_unit
from index.text.days import days
from index.text.fold import fold
from index.text.quantities import quantities
from index.text.times import day_range
from index.text.tokens import STOP_WORDS, bigrams, has_han

MAX_LENGTH = 1000
MAX_UNITS = 64

_NEWS = frozenset(
    """latest newest recent recently news today tonight now currently breaking
    最新 最近 近日 近期 今天 今日 目前 新闻 消息 动态 本周 这周 本月 刚刚 日前""".split()
)
_NEWS_PHRASES = ("this week", "this month", "last week", "past week", "last days", "right now", "up to date", "上周")
_LANGUAGES = {
    "en": "en", "english": "en", "eng": "en", "英文": "en", "英语": "en", "zh": "zh", "chinese": "zh", "cn": "zh",
    "zh-cn": "zh", "zh-tw": "zh", "zh-hans": "zh", "zh-hant": "zh", "中文": "zh", "汉语": "zh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an article must have (one of the alternatives, in any passage or its title), or must not have (``negative``)."""

    text: str
    alternatives: tuple[Alternative, ...]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as understood. ``embedded`` is what the encoder gets: Chinese glossed, names in English, no operators.
    ``entities`` are all that it may mean, ``named`` the companies, chips and products that it names beyond doubt.
    ``pairs`` are Chinese words that follow each other, which rank as phrases beside the units (sequential dependence, Metzler
    and Croft 2005; English gains nothing by it).

    ``after`` and ``before`` are times from operators; ``news`` is true where the newest is asked for; ``reading`` says in
    a line how the query was read where that is not plain from its words, ``notes`` what could not be read as meant.
    """

    text: str
    units: tuple[Unit, ...]
    pairs: tuple[tuple[Alternative, ...], ...]
    entities: tuple[str, ...]
    named: tuple[str, ...]
    embedded: str
    lang: str
    constraints: tuple[Constraint, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    news: bool = False
    reading: str = ""
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> bool:
        """True where an amount or a number is asked for, which is no year."""
        return any(unit.quantities and not unit.is_year for unit in self.units)


def _everything_occurs(term: str) -> bool:
    return True


def _everything_is(way: Alternative) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What a query is read against: the time, the sources by id, which words the index knows (none of these is misspelt),
    and what any of its passages satisfies."""

    now: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    zone: tzinfo = UTC
    sources: Mapping[str, str] = field(default_factory=dict)
    occurs: Callable[[str], bool] = _everything_occurs
    satisfied: Callable[[Alternative], bool] = _everything_is
    multilingual: bool = False


def check_query(text: str) -> str:
    """`text` stripped.

    Raises:
        QueryError: empty, longer than `MAX_LENGTH` characters, or not valid Unicode.
    """
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise QueryError("The query has a character that is not valid Unicode (a lone surrogate).", hint="Type it anew.")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not text:
        raise QueryError("The query is empty.", hint="Type what you are looking for, such as: microsoft custom chip")
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"The query has {len(text):,} characters; at most {MAX_LENGTH:,} are read.", hint="Shorten it to its key words."
        )
    return text


def parse_query(text: str, reading: Reading, context: QueryContext | None = None) -> ParsedQuery:
    """Read a query. Nothing that a person can type is an error, apart from what `check_query` refuses."""
    text = check_query(text)
    return _Parser(text, reading, context or QueryContext()).parse()


class _Parser:
    """The state of reading one query."""

    def __init__(self, text: str, reading: Reading, context: QueryContext) -> None:
        self.text = text
        self.reading = reading
        self.context = context
        self.syntax = read_syntax(text)
        self.units: list[tuple[int, int, Unit]] = []
        self.pairs: list[tuple[Alternative, ...]] = []
        self.constraints: list[Constraint] = []
        self.notes: list[str] = []
        self.misspelt: set[str] = set()
        self.said: list[str] = []
        self.spoken: list[str] = []
        self.after: datetime | None = None
        self.before: datetime | None = None
        self.grouped: dict[str, list[Constraint]] = {}

    def parse(self) -> ParsedQuery:
        plain = self.syntax.plain
        for operator in self.syntax.operators:
            plain = self._operator(operator, plain)
        mentions = [self._present(each) for each in self._correct(self.reading.linker.find(plain, guess=True), plain)]
        self._plain_units(plain, mentions)
        for name, members in self.grouped.items():
            alternatives = tuple(each for member in members for each in member.alternatives)
            text = " or ".join(member.text for member in members)
            self.constraints.append(Constraint(f"{name} {text}", alternatives))
        units = self._joined()
        news = self._asks_for_news()
        worded = " ".join([*self.spoken, " ".join(_with_names(plain, mentions, self.reading).split())]).strip()
        chinese = has_han(worded or self.text)
        glossed = chinese and not self.context.multilingual
        embedded = self.reading.glosser.gloss(worded) if glossed else worded
        entities = [mention.id for mention in mentions] + [each for _, _, unit in self.units for each in unit.entities]
        self._say(units, news)
        return ParsedQuery(
            text=self.text,
            units=units,
            pairs=tuple(self.pairs[:MAX_UNITS]),
            entities=tuple(dict.fromkeys(entities)),
            named=tuple(dict.fromkeys(each.id for each in mentions if self._is_named(each))),
            embedded=embedded,
            lang="zh" if chinese else "en",
            constraints=tuple(self.constraints),
            after=self.after,
            before=self.before,
            news=news,
            reading=" · ".join(self.said),
            notes=tuple(self.notes),
        )

    # -- operators

    def _operator(self, operator: Operator, plain: str) -> str:
        """Turn one operator into units, constraints or times; what it cannot be read as goes back into `plain`."""
        kind = operator.kind
        if kind in ("after", "before", "date"):
            return plain if self._time(operator) else _restored(plain, operator)
        if kind == "lang":
            language = _LANGUAGES.get(operator.value.lower())
            if language is None:
                self.notes.append(f"There is no language {operator.value!r}: en and zh are known.")
                return _restored(plain, operator)
            self._hold(kind, operator, language, (Alternative("lang", (language,)),))
        elif kind == "source":
            self._source(operator)
        elif kind in ("company", "chip", "entity", "about"):
            return plain if self._entity(operator) else _restored(plain, operator)
        elif self._unquoted(operator):
            return _restored(plain, operator)
        else:
            self._phrase(operator)
        return plain

    def _time(self, operator: Operator) -> bool:
        try:
            start, end = day_range(operator.value, self.context.zone, self.context.now)
        except FilterError as error:
            self.notes.append(error.message)
            return False
        if operator.kind in ("after", "date"):
            self.after = max(self.after, start) if self.after else start
        if operator.kind == "before":
            self.before = min(self.before, start) if self.before else start
        elif operator.kind == "date":
            end = end if end > start else start
            self.before = min(self.before, end) if self.before else end
        return True

    def _source(self, operator: Operator) -> None:
        wanted = fold(operator.value)
        found = [key for key, name in self.context.sources.items() if wanted in (fold(key), fold(name))] or [
            key for key, name in self.context.sources.items() if wanted in fold(key) or wanted in fold(name)
        ]
        if not found:
            self.notes.append(f"There is no source {operator.value!r}.")
        shown = " or ".join(self.context.sources.get(key, key) for key in found) or operator.value
        self._hold("source", operator, shown, tuple(Alternative("source", (key,)) for key in found or [operator.value]))

    def _entity(self, operator: Operator) -> bool:
        entity_id = self._resolve(operator.value)
        if entity_id is None:
            self.notes.append(f"There is no {operator.kind} {operator.value!r} in the catalogue: read as words.")
            return False
        name = self.reading.catalogue.name_of(entity_id)
        self._hold(
            operator.kind,
            operator,
            name,
            (Alternative("article_about" if operator.kind == "about" else "article_entity", (entity_id,)),),
        )
        if not operator.negative:
            self.spoken.append(name)
            unit = Unit(name, (Alternative("entity", (entity_id,), ENTITY),), entities=(entity_id,))
            self.units.append((operator.start, operator.end, unit))
        return True

    def _resolve(self, value: str) -> str | None:
        if self.reading.catalogue.get(value) is not None:
            return value
        mentions = self.reading.linker.find(value, guess=True)
        if len(mentions) == 1 and mentions[0].surface.strip() == value.strip():
            return mentions[0].id
        corrected = self.reading.speller.correct(fold(value))
        return corrected[1] if corrected else None

    def _phrase(self, operator: Operator) -> None:
        words = self.reading.glosser.words(operator.value)
        terms = tuple(word.token.term for word in words)
        if not terms:
            return
        fields = ("title",) if operator.kind == "title" else ("title", "words")
        alternatives = [Alternative(name, terms, TITLE if name == "title" else WORDS) for name in fields]
        pairs = tuple(bigrams(fold(operator.value)))
        if pairs and "words" in fields and all(word.token.han for word in words):
            alternatives.append(Alternative("bigrams", pairs, WORDS))  # however the segmenter cut the words around it
        elif pairs and operator.kind == "title":
            alternatives.append(Alternative("title", terms))
        entity = self._entity_of(operator.value)
        if entity is not None and operator.kind == "word":
            alternatives.append(Alternative("entity", (entity,)))
        shown = f"“{operator.value}”" if operator.kind == "phrase" else operator.value
        if operator.kind == "title":
            shown = f"{operator.value} in its title"
        constraint = Constraint(shown, tuple(alternatives), operator.negative)
        if operator.negative:
            self.constraints.append(constraint)
            return
        self.spoken.append(operator.value)
        unit = Unit(shown, tuple(alternatives), terms, entities=() if entity is None else (entity,))
        self.units.append((operator.start, operator.end, unit))
        self.constraints.append(constraint)

    def _unquoted(self, operator: Operator) -> bool:
        """Whether a phrase is nowhere in the index: then its words are better than nothing, as long as that is said."""
        if operator.kind != "phrase" or operator.negative:
            return False
        terms = tuple(word.token.term for word in self.reading.glosser.words(operator.value))
        pairs = tuple(bigrams(fold(operator.value)))
        ways = [Alternative("title", terms), Alternative("words", terms), *([Alternative("bigrams", pairs)] if pairs else [])]
        if not terms or any(self.context.satisfied(way) for way in ways):
            return False
        self.notes.append(f"No article has “{operator.value}”: its words are searched for instead.")
        return True

    def _entity_of(self, value: str) -> str | None:
        mentions = self.reading.linker.find(value, guess=True)
        return mentions[0].id if len(mentions) == 1 and mentions[0].surface == value else None

    def _hold(self, name: str, operator: Operator, shown: str, alternatives: tuple[Alternative, ...]) -> None:
        """Fields of one name are alternatives to each other; different ones must all hold."""
        if operator.negative:
            self.constraints.append(Constraint(f"{name} {shown}", alternatives, True))
        else:
            self.grouped.setdefault(name, []).append(Constraint(shown, alternatives))

    # -- plain words

    def _correct(self, mentions: Sequence[Mention], plain: str) -> list[Mention]:
        """`mentions` with those that misspelt words were meant to be."""
        found = list(mentions)
        if self.syntax.sentence:
            return found  # a pasted sentence has been through an editor
        for word in self.reading.glosser.words(plain):
            token = word.token
            if token.han or token.text in STOP_WORDS or any(m.start <= token.start < m.end for m in mentions):
                continue
            if self.context.occurs(token.term):
                continue
            corrected = self.reading.speller.correct(token.text)
            if corrected is None or self.reading.glosser.is_english(token.term):
                continue
            name = self.reading.catalogue.name_of(corrected[1])
            self.notes.append(f"{plain[token.start : token.end]} is read as {name}.")
            self.misspelt.add(token.text)
            found.append(Mention(corrected[1], plain[token.start : token.end], token.start, token.end, GUESS))
        return sorted(found, key=lambda mention: mention.start)

    def _present(self, mention: Mention) -> Mention:
        """`mention`, or what its name begins with, where nothing has the whole ("TPU v5p Pod"). Never by giving up a number."""
        words = mention.surface.split()
        if len(words) < 2 or any(char.isdigit() for char in words[-1]) or self._is_there(mention):
            return mention
        shorter = mention.surface[: mention.surface.rindex(words[-1])].rstrip()
        found = self.reading.linker.find(shorter, guess=True)
        if len(found) != 1 or found[0].surface != shorter or not self._is_there(found[0]):
            return mention
        names = (self.reading.catalogue.name_of(each.id) for each in (mention, found[0]))
        self.notes.append("No article mentions {}: read as {}.".format(*names))
        return replace(found[0], start=mention.start, end=mention.start + len(shorter))

    def _is_there(self, mention: Mention) -> bool:
        words = self.reading.glosser.words(mention.surface)
        unit = entity_unit(replace(mention, start=0, end=len(mention.surface)), words, self.reading)
        return not unit.identifier or any(self.context.satisfied(way) for way in unit.alternatives)

    def _plain_units(self, plain: str, mentions: Sequence[Mention]) -> None:
        words = self.reading.glosser.words(plain)
        taken = [(mention.start, mention.end) for mention in mentions]
        for mention in mentions:
            within = [word for word in words if mention.start <= word.token.start < mention.end]
            self.units.append((mention.start, mention.end, entity_unit(mention, within, self.reading)))
        for day in days(plain):
            if not _overlaps(taken, day.start, day.end):
                self.units.append((day.start, day.end, day_unit(plain[day.start : day.end], day)))
                taken.append((day.start, day.end))
        for quantity in quantities(plain):
            if not quantity.plain and not _overlaps(taken, quantity.start, quantity.end):
                unit = quantity_unit(plain[quantity.start : quantity.end], quantity)
                self.units.append((quantity.start, quantity.end, unit))
                taken.append((quantity.start, quantity.end))
        rest: list[Word] = []
        for word in words:
            token = word.token
            if not _overlaps(taken, token.start, token.end) and (token.han or token.term.replace(".", "").isalnum()):
                rest.append(word)
        useful = [word for word in rest if word.token.text not in STOP_WORDS]
        if any(word.token.text not in _NEWS for word in useful) or self.units:
            useful = [word for word in useful if word.token.text not in _NEWS]
        for left, right in itertools.pairwise(useful):
            if left.token.han and right.token.han and left.token.end == right.token.start:
                terms = (left.token.term, right.token.term)
                self.pairs.append((Alternative("words", terms, PAIR), Alternative("title", terms, PAIR * TITLE)))
        for word in useful or ([] if self.units or self.constraints or self.grouped or self._timed() else rest):
            unit = word_unit(word, self.reading, strict=not self.syntax.sentence)
            self.units.append((word.token.start, word.token.end, unit))

    def _timed(self) -> bool:
        return self.after is not None or self.before is not None

    def _joined(self) -> tuple[Unit, ...]:
        """The units in the order of the text, those on either side of an ``OR`` made one, and no unit twice."""
        ordered = sorted(self.units, key=lambda each: (each[0], -each[1]))
        joined: list[Unit] = []
        for number, (start, _, unit) in enumerate(ordered):
            previous = ordered[number - 1][1] if number else 0
            if number and any(previous <= place < start for place in self.syntax.alternatives):
                before = joined[-1]
                merged = Unit(
                    text=f"{before.text} or {unit.text}",
                    alternatives=before.alternatives + unit.alternatives,
                    terms=before.terms + unit.terms,
                    glosses=before.glosses + unit.glosses,
                    entities=before.entities + unit.entities,
                    quantities=before.quantities + unit.quantities,
                    family=before.family + unit.family,
                    identifier=before.identifier and unit.identifier,
                )
                self._join_constraints(before, unit, merged)
                joined[-1] = merged
            else:
                joined.append(unit)
        distinct = {(unit.entities, unit.terms, unit.quantities): unit for unit in joined}
        return tuple(distinct.values())[:MAX_UNITS]

    def _join_constraints(self, left: Unit, right: Unit, merged: Unit) -> None:
        """A phrase demands; a phrase or anything else does not: then either will do."""
        held = {each.text for each in self.constraints if not each.negative}
        if left.text in held or right.text in held:
            self.constraints = [each for each in self.constraints if each.negative or each.text not in (left.text, right.text)]
            self.constraints.append(Constraint(merged.text, merged.alternatives))

    def _is_named(self, mention: Mention) -> bool:
        entity = self.reading.catalogue.get(mention.id)
        return entity is not None and mention.confidence >= SURE and entity.kind not in ("technology", "policy")

    # -- saying how it was read

    def _asks_for_news(self) -> bool:
        lowered = fold(self.syntax.plain)
        if self.syntax.sentence and len(self.text) > 80:
            return False
        if any(phrase in lowered for phrase in _NEWS_PHRASES):
            return True
        return any(word.token.text in _NEWS for word in self.reading.glosser.words(self.syntax.plain))

    def _say(self, units: Iterable[Unit], news: bool) -> None:
        named = [unit for unit in units if unit.entities and fold(unit.text) not in self._names(unit) | self.misspelt]
        self.said += [f"{unit.text}: {self._name(unit)}" for unit in named if " or " not in unit.text]
        self.said += [unit.text for unit in units if " or " in unit.text]
        self.said += [f"{'not ' if each.negative else ''}{each.text}" for each in self.constraints if " or " not in each.text]
        self.said += [each.text for each in self.constraints if " or " in each.text and each.text not in self.said]
        if self.after:
            self.said.append(f"from {self.after:%Y-%m-%d}")
        if self.before:
            self.said.append(f"before {self.before:%Y-%m-%d}")
        if news:
            self.said.append("newest first where equal")

    def _names(self, unit: Unit) -> set[str]:
        return {fold(self.reading.catalogue.name_of(each)) for each in unit.entities}

    def _name(self, unit: Unit) -> str:
        return " or ".join(self.reading.catalogue.name_of(each) for each in unit.entities)


def _with_names(plain: str, mentions: Sequence[Mention], reading: Reading) -> str:
    """`plain` with misspelt names put right; the encoder reads everything else as typed."""
    for mention in sorted(mentions, key=lambda each: -each.start):
        if mention.confidence == GUESS and fold(mention.surface) not in {
            fold(name) for name in reading.catalogue.by_id[mention.id].surfaces
        }:
            plain = plain[: mention.start] + reading.catalogue.name_of(mention.id) + plain[mention.end :]
    return plain


def _restored(plain: str, operator: Operator) -> str:
    return plain[: operator.start] + operator.value.ljust(operator.end - operator.start) + plain[operator.end :]


def _overlaps(taken: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    return any(first < end and start < last for first, last in taken)
