"""Who stands behind a sentence: the company itself, a medium, an unnamed source, an analyst; or nobody but the article.

Somebody is behind a sentence who is the subject of a verb of saying in it, or whom it is "according to". What stands between a
name and the verb decides whether the name speaks: "sources at Nvidia said" is no word of Nvidia's. A sentence that names nobody
is ascribed to whoever spoke last where it goes on (it also said, 此外, what is planned), and not where it tells of somebody
else or of the past.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.knowledge.claims import sayings
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PARTIES, Kinds
from index.knowledge.claims.subjects import Focus

UNNAMED = "unnamed sources"
_ROLES = frozenset((role, "") for role in ("said", "meant", "launched", "reported", "estimated", "denied", "points"))
"""Cues of which one stands in every sentence that names whose word it is."""
_OF_ALL = frozenset(("memory", "node", "link", "packaging"))
"""What several companies make: a sentence that names it is not for that about another company."""
_SOURCES = frozenset(("medium", "analyst"))
_SPEAKS, _SPEAKS_HAN = 70, 34
"""How far before a verb of saying the company stands that says it, in characters."""
_CARRY = 3
"""How many sentences in a row may be ascribed to somebody whom they do not name."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """``status`` is one of `index.knowledge.claims.claim.STATUSES`; ``cited`` are ids of the catalogue, or names."""

    status: str
    cited: tuple[str, ...] = ()


STATED = Attribution("stated")


class Attributor:
    """Tells of each sentence of one article, in order, who stands behind it."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._document = document
        self._kinds = kinds
        self._last = STATED
        self._paragraph = -1
        self._left = 0
        self._firm = True
        self.since = 0
        """Where in the sentence it begins that somebody says it: what a Chinese sentence tells before it is the article's."""
        self._people: dict[str, str] = {}
        """Surnames (or whole Chinese names) of people introduced so far, with the company that they speak for."""
        self._of: frozenset[str] = frozenset()
        """The companies and makers that the last sentence with somebody behind it was about."""

    def of(self, sentence: Sentence, focus: Focus) -> Attribution:
        """Who says what `sentence` says."""
        folded = self._document.folded
        fresh = sentence.paragraph != self._paragraph
        self._paragraph, self.since = sentence.paragraph, sentence.start
        own = STATED
        if sentence.conditions or ("office", "") in sentence.cues:
            self._meet(sentence, focus)
        if not _ROLES.isdisjoint(sentence.cues) or any(name.kind in _SOURCES for name in sentence.names):
            self._firm = True
            own = self._own(sentence, focus)
        if own is STATED and sentence.title:
            own = self._headline(sentence)
        if own is not STATED:
            self._last, self._left = own, _CARRY
            self._of = self._concerned(sentence) | (frozenset(own.cited) if own.status == "announced" else frozenset())
            return own
        if fresh and (sentence.heading or not sayings.BEGINS_WITH_THEM.match(folded, self._opening(sentence))):
            self._left = 0
        if self._left and self._goes_on(sentence):
            if not sentence.has("planned"):
                self._left -= 1
            return self._last
        self._left = max(0, self._left - 1) if self._last.status != "announced" else 0
        return STATED

    def _meet(self, sentence: Sentence, focus: Focus) -> None:
        """Remember the people of companies whom `sentence` introduces."""
        for tag, start, end in sentence.conditions:
            if tag[0] == "person" and " " in (name := self._document.folded[start:end]):
                self._people[name.rpartition(" ")[2]] = tag[1]
        if ("office", "") not in sentence.cues:
            return
        for match in sayings.TITLED.finditer(self._document.joined, sentence.start, sentence.end):
            name = match["han"] or match["after"] or match["before"]
            parties = [each for each in sentence.names if each.kind in PARTIES]
            near = [each for each in parties if 0 <= match.start() - each.end <= 24] or [
                each for each in parties if 0 <= each.start - match.end() <= 24
            ]
            company = near[-1].id if near and match["before"] is None else near[0].id if near else self._meant(focus)
            if company is not None and not self._document.known(match.end() - len(name), match.end()):
                self._people.setdefault(name.rpartition(" ")[2].lower(), company)

    def _headline(self, sentence: Sentence) -> Attribution:
        """SK海力士：HBM今年售罄."""
        first = next((name for name in sentence.names if not name.inner), None)
        if first is not None and first.kind in PARTIES and first.start - sentence.start <= 1:
            if sayings.HEADLINE.match(self._document.folded, first.end):
                return Attribution("announced", (first.id,))
        return STATED

    def _concerned(self, sentence: Sentence) -> frozenset[str]:
        found: set[str] = set()
        for name in sentence.names:
            if name.kind in PARTIES:
                found.add(name.id)
            found |= self._kinds.makers.get(name.id, frozenset())
        return frozenset(found)

    def _goes_on(self, sentence: Sentence) -> bool:
        """Whether a sentence that names nobody goes on with what somebody said."""
        folded = self._document.folded
        begin = self._opening(sentence)
        if sayings.BACKGROUND.match(folded, begin) or folded[begin : begin + 1] in "▲【":
            return False
        if sayings.WRITERS_OWN.search(folded, begin, sentence.end):
            return False
        if self._last.status == "estimated":
            if sayings.THEIR_OWN.search(folded, begin, sentence.end) or sayings.OF_THE_PAST.match(folded, begin):
                return False
            planned = any(folded[start:end] not in sayings.NO_PLANS for start, end in sentence.cues.get(("planned", ""), ()))
            return folded[begin].isascii() or planned or sayings.CONTINUES.match(folded, begin) is not None
        others = self._concerned(sentence)
        if self._last.status == "announced":
            if sayings.OF_THE_PAST.match(folded, begin) or not self._is_theirs(sentence):
                return False
        if sentence.has("planned") or sayings.CONTINUES.match(folded, begin):
            return True
        if not folded[begin].isascii() or not folded[sentence.end - 1].isascii():
            return False  # a Chinese text that goes on with somebody's word says so
        return self._firm and self._last.status in ("announced", "estimated") and bool(others) and others <= self._of

    def _is_theirs(self, sentence: Sentence) -> bool:
        """Whether a sentence is first of all about the company that spoke before it, or about nobody."""
        speaker = self._last.cited[0]
        for name in sentence.names:
            if name.kind in _OF_ALL:
                continue
            behind = self._kinds.makers.get(name.id, frozenset())
            if name.kind in PARTIES or behind:
                return speaker == name.id or speaker in behind or name.id in self._kinds.makers.get(speaker, frozenset())
        return True

    def _opening(self, sentence: Sentence) -> int:
        match = sayings.OPENS.match(self._document.folded, sentence.start)
        return match.end() if match is not None else sentence.start

    def _own(self, sentence: Sentence, focus: Focus) -> Attribution:
        """Whom `sentence` itself names, or means, as the one who says it."""
        folded, cues = self._document.folded, sentence.cues
        begin = self._opening(sentence)
        dateline = sayings.DATELINE.match(folded, begin)
        begin = dateline.end() if dateline is not None and dateline.end() < sentence.end else begin
        text = folded[begin : sentence.end]
        media = _cited(sentence, "medium")
        analysts = _cited(sentence, "analyst")
        reported = any(start >= begin for start, _ in cues.get(("reported", ""), ()))
        speaker = self._speaker(sentence, focus, begin)
        if ("denied", "") in cues:
            return Attribution("denied", (speaker,) if speaker else media)
        estimated = ("estimated", "") in cues
        if (analysts or estimated or "显示" in text) and (
            found := self._estimate(sentence, text, analysts, media, reported)
        ) is not None:
            return found
        if media and reported and self._closes(sentence):
            return Attribution("reported", media)
        if self._left and self._last.status in ("estimated", "reported") and sayings.THEY_SAY.match(text):
            return self._last
        if speaker is not None:
            return Attribution("announced", (speaker,))
        self.since = sentence.start
        said = ("said", "") in cues
        unnamed = (said or reported) and sayings.UNNAMED_PEOPLE.search(text) is not None
        nobody = (UNNAMED,) if unnamed or ("unnamed", "") in cues else ()
        if (
            media
            and (reported or self._medium_says(sentence) or sayings.ACCORDING.search(text))
            and not sayings.CITED_TO.search(text)
        ):
            return Attribution("reported", media)
        if reported or (unnamed and said):
            if sayings.HEARSAY.match(text):
                known = (
                    self._left and self._last is not STATED and (self._last.status != "announced" or self._is_theirs(sentence))
                )
                return self._last if known else Attribution("reported", nobody)
            return Attribution("reported", self._literal(begin, sentence.end) or (media if reported else ()) or nobody)
        if (party := self._according(sentence, text, begin, focus)) is not None:
            return Attribution("announced", (party,))
        if (party := self._weakly(sentence, begin, focus)) is not None:
            return Attribution("announced", (party,))
        return STATED

    def _closes(self, sentence: Sentence) -> bool:
        """Whether a medium's report closes the sentence: …, Reuters reported on Friday."""
        folded = self._document.folded
        return any(
            name.kind == "medium"
            and name.surface.isascii()
            and folded.endswith((", ", ", the "), sentence.start, name.start)
            and any(0 <= start - name.end <= 12 for start, _ in sentence.cues[("reported", "")])
            for name in sentence.names
        )

    def _estimate(
        self, sentence: Sentence, text: str, analysts: tuple[str, ...], media: tuple[str, ...], reported: bool
    ) -> Attribution | None:
        if not analysts and (own := self._own_report(text, sentence)) is not None:
            return own
        named = sayings.ANALYSTS_AT.search(self._document.joined, sentence.start, sentence.end)
        kept = sayings.NOT_BY_ANALYSTS.sub(" ", text)
        if (
            self._left
            and self._last.status == "announced"
            and text.startswith(("报告显示", "财报显示", "数据显示", "报告指出"))
        ):
            return self._last  # its own report
        words = sayings.ANALYST_WORD.search(kept) is not None
        if not words and not analysts and (study := sayings.STUDY.search(self._document.joined, sentence.start, sentence.end)):
            known = self._document.known(study.start("name"), study.end("name"))
            if not known and not sayings.NO_NAME.search(study["name"]):
                return Attribution("estimated", (study["name"].strip(),))
        if analysts and not words:
            saying = any((role, "") in sentence.cues for role in ("said", "meant", "reported", "estimated"))
            if not saying and not sayings.ACCORDING.search(text):
                return None
        elif not words and not (named and ("said", "") in sentence.cues) and not sayings.OUR_RECKONING.search(text):
            return None
        if not analysts and not words and sentence.speaks_for is not None:
            return None
        literal = (named[1] or named[2]).strip() if named else ""
        names = (*analysts, *((literal,) if literal and not analysts else ()))
        if not names and self._last.status == "estimated" and self._left:
            names = self._last.cited
        return Attribution("estimated", (*names, *media) if reported else names)

    def _own_report(self, text: str, sentence: Sentence) -> Attribution | None:
        """Whose report it is that "the report shows", where a company's results were spoken of and nobody's study."""
        shown = sayings.REPORT_SHOWS.match(text)
        if shown is None or sayings.ANALYST_WORD.search(text, shown.end()):
            return None
        if self._last.status == "estimated" or not sayings.RESULTS.search(self._document.folded, 0, sentence.start):
            return None
        party = next((name for name in sentence.names if name.kind == "company" and not name.inner), None)
        if party is None:
            return self._last if self._last.status == "announced" else None
        return Attribution("announced", (party.id,))

    def _speaker(self, sentence: Sentence, focus: Focus, begin: int) -> str | None:
        """The company that speaks: by one of its people, by its name before a verb of saying, or as "the company"."""
        folded = self._document.folded
        verbs = sorted(
            (start, end)
            for start, end in sentence.cues.get(("said", ""), ())
            if start >= begin
            and not sayings.NOT_SAID.search(folded, max(sentence.start, start - 16), start)
            and not sayings.NONE_GIVEN.match(folded, end)
            and not (
                folded[start] == "r" and sayings.PASSIVE.search(folded, max(sentence.start, start - 20), start)
            )  # it was reported
        )
        if not verbs:
            return None
        persons = [(tag[1], start, end) for tag, start, end in sentence.conditions if tag[0] == "person"]
        if persons:
            self._begins(sentence, min(persons[0][1], verbs[0][0]), verbs[-1][1])
            return persons[0][0]
        for start, end in verbs:
            party = self._subject(sentence, start, folded[start].isascii())
            if party is None and (person := self._introduced(sentence, start, end)) is not None:
                self._begins(sentence, person[1], verbs[-1][1])
                return person[0]
            if party is not None:
                self._begins(sentence, party.start, verbs[-1][1])
                return party.id if party.kind in PARTIES else None
            if folded[start].isascii():
                behind = next((name for name in sentence.names if 0 <= name.start - end <= 2 and name.kind in PARTIES), None)
                if behind is not None and not sayings.UNNAMED_PEOPLE.search(folded, sentence.start, start):
                    return behind.id
        first = verbs[0][0]
        clause = folded[max((place for place in sentence.breaks if place < first), default=begin) : first]
        opening = folded[begin : min(first, begin + 60)]
        if sayings.UNNAMED_PEOPLE.search(opening) or not (
            sayings.WHO.search(clause) or sayings.WHO.match(opening) or sayings.PRO_DROP.fullmatch(folded, begin, first)
        ):
            if not (folded[first].isascii() and sayings.WHO.search(folded, verbs[0][1], min(sentence.end, verbs[0][1] + 24))):
                return None
            if sayings.UNNAMED_PEOPLE.search(folded, sentence.start, sentence.end):
                return None
        self._begins(sentence, min(begin, first), verbs[-1][1])
        return self._meant(focus)

    def _introduced(self, sentence: Sentence, start: int, end: int) -> tuple[str, int] | None:
        """Whom somebody introduced before speaks for, and where the name stands, by a verb of saying from `start` to `end`."""
        if not self._people:
            return None
        folded = self._document.folded
        begin = max([place for place in sentence.breaks if place < start], default=sentence.start)
        for name, company in self._people.items():
            english = name.isascii()
            place = folded.rfind(name, begin, start)
            if place >= 0 and start - place - len(name) <= (24 if english else 10):
                return company, place
            if english and folded.startswith(name, end + 1):
                return company, end + 1
        return None

    def _begins(self, sentence: Sentence, start: int, end: int) -> None:
        """Note where a speaker stands, unless the words of saying close the sentence."""
        folded = self._document.folded
        if not folded[start].isascii() or not folded[end - 1].isascii():
            self.since = (
                sentence.start
                if sentence.end - end <= 3
                else max((place for place in sentence.breaks if place < start), default=sentence.start)
            )

    def _meant(self, focus: Focus) -> str | None:
        """The company that "it" and "the company" mean: the last that was spoken of."""
        if self._left and self._last.status == "announced":
            return self._last.cited[0]
        recent = [name for name in reversed(focus.paragraph) if name.kind == "company"]
        found = recent[0] if recent else focus.find(("company",))
        if found is not None:
            return found.id
        product = focus.find(("chip", "system", "software"))
        return self._kinds.maker.get(product.id) if product is not None else None

    def _subject(self, sentence: Sentence, verb: int, english: bool) -> Named | None:
        """The party (or medium) whose verb stands at `verb`: the nearest before it with nothing between that speaks itself."""
        folded = self._document.folded
        reach = _SPEAKS if english else _SPEAKS_HAN
        for name in reversed(sentence.names):
            if name.end > verb or (name.kind not in PARTIES and name.kind not in ("medium", "analyst")):
                continue
            if verb - name.end > reach:
                return None
            gap = folded[name.end : verb]
            apart = sentence.apart(name.end, verb)
            if apart and (bare := sayings.BRACKETS.sub("", gap)) != gap:
                gap, apart = bare, sum(bare.count(mark) for mark in ",，;；:：")
            if name.inner and apart == 0 and not gap.strip():
                return name
            if apart and not english and not (apart <= 2 and sayings.APPOSED.search(gap)):
                return None
            if not english and sayings.OF_SOMETHING.search(gap):
                return None
            if sayings.NOT_THEMSELVES.search(gap if len(gap) < 40 or not english else gap[-40:]):
                return None
            return name
        return None

    def _medium_says(self, sentence: Sentence) -> bool:
        """Whether a medium stands right before a word of saying: The Information wrote on Tuesday that…"""
        folded = self._document.folded
        spans = [span for role in ("said", "meant") for span in sentence.cues.get((role, ""), ())]
        return any(
            name.kind == "medium" and 0 <= start - name.end <= 8 and "\n" not in folded[name.end : start]
            for name in sentence.names
            for start, _ in spans
        )

    def _literal(self, start: int, end: int) -> tuple[str, ...]:
        """A medium or a leaker by the name that stands there."""
        joined = self._document.joined
        for pattern in (sayings.NAMED_MEDIUM, sayings.MEDIUM_SUBJECT, sayings.PERSON_REPORTS):
            look = pattern.match if pattern is sayings.PERSON_REPORTS else pattern.search
            found = look(joined, start, end)
            if found is not None and not self._document.known(found.start("name"), found.end("name")):
                name = found["name"].strip()
                if not sayings.NO_NAME.search(name):
                    return (name,)
        return ()

    def _according(self, sentence: Sentence, text: str, begin: int, focus: Focus) -> str | None:
        """The company that it is according to: according to Google; 据英伟达官方介绍; according to its annual report."""
        match = sayings.ACCORDING.search(text)
        if match is None:
            return None
        end = begin + match.end()
        if sayings.UNNAMED_PEOPLE.match(self._document.folded, end):
            return None
        for tag, start, _ in sentence.conditions:
            if tag[0] == "person" and 0 <= start - end <= 24:
                return tag[1]
        for name in sentence.names:
            if 0 <= name.start - end <= 6 and name.kind in PARTIES and self._speaks_by(name):
                return name.id
        if match.group().startswith("according to its") or re.match(r"compan(?:y|ies)\b|filing", text[match.end() :]):
            return self._meant(focus)
        return None

    def _speaks_by(self, name: Named) -> bool:
        """Whether what follows a name that something is according to is a word of its own, and no number or person else."""
        folded = self._document.folded
        if name.surface.isascii() and not re.match("[一-鿿 ]{0,3}[一-鿿]", folded[name.end : name.end + 4]):
            return not sayings.NOT_THEMSELVES.match(folded, name.end + 1)
        after = folded[name.end : name.end + 14]
        return (
            re.match(
                r" ?(?:的)?(?:官方|公司|自己|最新|本身)?(?:的)?(?:介绍|说法|官网|财报|公告|数据|披露|公布|声明|年报|报告"
                r"|路线图|说明|新闻稿|[^，。]{0,4}(?:资料|信息|称))",
                after,
            )
            is not None
        )

    def _weakly(self, sentence: Sentence, begin: int, focus: Focus) -> str | None:
        """The company whose forecast it is or that brought something out, where the sentence names nobody else."""
        folded = self._document.folded
        if folded.startswith(("鉴于", "由于", "如果", "随着"), begin):
            return None
        for name in sentence.names:
            if name.kind in PARTIES and name.start >= begin and not name.inner and sayings.DOCUMENT.match(folded, name.end):
                return name.id
        for role in ("meant", "launched"):
            for start, end in sentence.cues.get((role, ""), ()):
                english = folded[start].isascii()
                if start < begin:
                    continue
                if role == "launched":
                    if english and sayings.PASSIVE.search(folded, max(sentence.start, start - 20), start):
                        maker = self._maker_before(sentence, start)
                        if maker is not None:
                            return maker
                        continue
                    if sayings.NOT_SAID.search(folded, max(sentence.start, start - 16), start):
                        continue
                party = self._subject(sentence, start, english)
                if party is not None:
                    if role == "launched":
                        if folded.startswith("的", end) and folded[party.start - 1] in "与和跟同比较":
                            continue  # 与三星近期推出的GDDR7一致
                        if english and sayings.RELATIVE.search(folded, max(sentence.start, party.start - 30), party.start):
                            continue
                        self._firm = False
                    return party.id if party.kind in PARTIES else None
                if (person := self._introduced(sentence, start, end)) is not None:
                    return person[0]
                persons = [tag[1] for tag, at, _ in sentence.conditions if tag[0] == "person" and at < start]
                if persons:
                    return persons[-1]
                clause = folded[max((place for place in sentence.breaks if place < start), default=sentence.start) : start]
                if sayings.WHO.search(clause) and not sayings.UNNAMED_PEOPLE.search(clause) and role == "meant":
                    named = [name for name in sentence.names if name.kind == "company" and name.end <= start and not name.inner]
                    return named[-1].id if named else self._meant(focus)
        return None

    def _maker_before(self, sentence: Sentence, place: int) -> str | None:
        for name in reversed(sentence.names):
            if name.end <= place and name.id in self._kinds.maker and sentence.apart(name.end, place) == 0:
                return self._kinds.maker[name.id]
        return None


def _cited(sentence: Sentence, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_names(sentence, kind)))


def _names(sentence: Sentence, kind: str) -> Iterator[str]:
    for name in sentence.names:
        if name.kind == kind:
            yield name.id
