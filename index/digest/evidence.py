"""Whether what somebody wrote is borne out: its numbers, dates, names and quotations must be in the sources.

What a reader of words can check is checked, and in doubt a sentence is reported: it costs an editor a look. What is not seen:
a right number beside the wrong thing, a relation turned round, Chinese names that the catalogue lacks.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from index.knowledge.reading import Reading
from index.text.days import MONTHS
from index.text.fold import fold
from index.text.quantities import quantities
from index.text.sentences import sentences
from index.text.tokens import STOP_WORDS, has_han, stem

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = rf"({'|'.join(f'{m[:3]}(?:{m[3:]}|t)?' for m in MONTHS)})\.?"
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?!,\d)", re.IGNORECASE)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}(?![a-z])", re.IGNORECASE)
_MONTH_ALONE = re.compile(rf"(?<!^)\b(?=[A-Z])(?i:{_MONTH})(?![A-Za-z])")
_NUMERIC_DATE = re.compile(r"\b(?:19|20)\d\d[-/.](\d{1,2})[-/.](\d{1,2})\b|(\d{1,2})月(\d{1,2})[日号]")
_MONTH_ZH = re.compile(r"(?<!\d)(\d{1,2})月(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DIGITS = re.compile(r"[a-z0-9]*\d[a-z0-9]*(?:[.,]\d+)*", re.ASCII)
_LATIN = "A-Za-z0-9À-ÖØ-öø-ɏ"
_WORD = re.compile(rf"[{_LATIN}]+(?:['’][a-z]+)?")
_CAPITALISED = re.compile(rf"[A-Z][{_LATIN}]*(?:[-.&][A-Z0-9][{_LATIN}]*)*")
_QUOTED = re.compile(r"[“\"「]([^”\"」]{12,}?)[”\"」]")
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_COUNTS = {word: number for number, word in enumerate(_SMALL.split(), 2)}
_COUNTS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)} | {"dozen": 12}
_TIMES = re.compile(
    r"\b(?:doubl|tripl|quadrupl|halv|twice|thrice|half|hundreds?\b|thousands?\b|millions\b|billions\b|trillions\b)"
)
_COUNT_ZH = re.compile(r"[二两三四五六七八九十百]+(?=[个家款倍成年月天枚块台座颗名位种项次片])|翻番|翻倍")
_DIGITS_ZH = {"二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9", "十": "10"}
_NO_NAMES = frozenset({"ai", "i", "it", "ceo", "cfo", "gpu", "gpus", "cpu", "cpus", "chip", "chips", "mr", "ms", "dr"})
_VERBS = (
    "became began bought brought built came chose cut did drew drove fell felt found fought gave got grew had held kept knew "
    "laid led left lost made meant met paid put ran read rose said saw sent set shown sold spent spoke stood struck "
    "taken told took went won"
)
_OTHERS = "been being its their there these those while though although despite until unless neither either whether were"
_IRREGULAR = frozenset(f"{_VERBS} {_OTHERS}".split())
"""Words that often begin a sentence and that no stem leads to."""
_GLOSSED = 20_000
"""Characters of a Chinese article whose gloss is read for names."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence with what of it is in none of the sources."""

    sentence: str
    missing: tuple[str, ...]


class Evidence:
    """What some texts bear out. Build it once for all sentences that rest on them."""

    def __init__(
        self, texts: Sequence[str], moments: Iterable[datetime], reading: Reading, names: Collection[str] = ()
    ) -> None:
        """`texts` are the sources' own, `moments` when they were published, `names` what else may be named: outlets."""
        self._reading = reading
        moments = tuple(moments)
        whole = "\n".join([*texts, *names])
        self._folded = fold(whole)
        self._tight = re.sub(r"\W+", "", self._folded)
        # The digits of a date bear out no count: 3 March is not three customers.
        counted = _undated(whole)
        self._terms = {term for each in quantities(counted) for term in each.terms}
        self._terms |= {str(m.year) for m in moments} | set(_YEAR.findall(whole))
        self._tokens = set(_DIGITS.findall(fold(counted)))
        self._entities = {mention.id for mention in reading.mentions(whole)}
        glosses = (reading.glosser.gloss(text[:_GLOSSED]) for text in texts if has_han(text[:_GLOSSED]))
        self._words = {stem(_bare(w)) for part in (self._folded, *map(fold, glosses)) for w in _WORD.findall(part)}
        self._dates = _dates(whole) | {(m.month, m.day) for m in moments}
        self._months = {month for month, _ in self._dates} | _months(whole)
        self._weekdays = {_DAYS[m.weekday()] for m in moments}

    def doubts(self, text: str) -> list[Doubt]:
        """The sentences of `text` that say more than the sources, in order."""
        found = []
        for span in sentences(text):
            sentence = text[span.start : span.end].strip()
            if missing := self.missing(sentence):
                found.append(Doubt(sentence, tuple(missing)))
        return found

    def missing(self, sentence: str) -> list[str]:
        """What of one sentence the sources do not have, as written: numbers, dates, names, quotations."""
        rest, dates = self._check_dates(sentence)
        numbers = self._check_numbers(rest)
        names = [name for name in self._check_names(sentence) if not any(number in name for number in numbers)]
        found = [*dates, *numbers, *names]
        found += [q for q in _QUOTED.findall(sentence) if re.sub(r"\W+", "", fold(q)) not in self._tight]
        return list(dict.fromkeys(found))

    def _check_dates(self, sentence: str) -> tuple[str, list[str]]:
        """The sentence without its dates, and those that no source has."""
        found: list[str] = []
        rest = sentence
        for pattern in (_MONTH_DAY, _DAY_MONTH, _NUMERIC_DATE):
            for match in pattern.finditer(sentence):
                if not _dates(match.group()) <= self._dates:
                    found.append(match.group())
                rest = rest.replace(match.group(), " ")
        found += [m[1] for m in _MONTH_ALONE.finditer(rest) if _month_number(m[1]) not in self._months]
        for match in _MONTH_ZH.finditer(rest):
            if int(match[1]) not in self._months:
                found.append(match.group())
            rest = rest.replace(match.group(), " ")
        for word in _WORD.findall(rest):
            day = _bare(word.lower())
            if day in _DAYS and day not in self._weekdays and day not in self._folded:
                found.append(word)
        return rest, found

    def _check_numbers(self, sentence: str) -> list[str]:
        folded = fold(sentence)
        spans = []
        found = []
        for each in quantities(sentence):
            spans.append((each.start, each.end))
            if each.terms[0] not in self._terms:
                found.append(sentence[each.start : each.end].strip())
        for match in _DIGITS.finditer(folded):
            covered = any(start <= match.start() and match.end() <= end for start, end in spans)
            if not covered and match.group() not in self._tokens:
                found.append(sentence[match.start() : match.end()])
        for word in _WORD.findall(folded):
            number = _COUNTS.get(word)
            if number is not None and str(number) not in self._terms | self._tokens and stem(word) not in self._words:
                found.append(word)
        found += [m.group() for m in _TIMES.finditer(folded) if m.group() not in self._folded]
        for match in _COUNT_ZH.finditer(sentence):
            said = match.group()
            if said not in self._folded and _DIGITS_ZH.get(said, "") not in self._terms:
                found.append(said)
        return found

    def _check_names(self, sentence: str) -> list[str]:
        mentions = self._reading.mentions(sentence)
        found = [m.surface for m in mentions if m.id not in self._entities and fold(m.surface) not in self._folded]
        covered = [(m.start, m.end) for m in mentions] + [(each.start, each.end) for each in quantities(sentence)]
        begins = {0} | {m.end() for m in re.finditer(r"[.!?:;“\"(\n]\s*", sentence)}
        for match in _CAPITALISED.finditer(sentence):
            if any(start < match.end() and match.start() < end for start, end in covered):
                continue
            for part in re.split(r"[-.&]", match.group()):
                word = _bare(fold(part))
                known = not word or stem(word) in self._words or word in _NO_NAMES or word in STOP_WORDS or _is_time(word)
                # The first word of a sentence has a capital anyway.
                ordinary = word in _IRREGULAR or self._reading.glosser.is_english(stem(word))
                if not known and not (match.start() in begins and ordinary):
                    found.append(match.group())
                    break
        return found


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _is_time(word: str) -> bool:
    return word in _DAYS or any(word in (month, month[:3], month[:4]) for month in MONTHS)


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(name[:3].lower()))


def _dates(text: str) -> set[tuple[int, int]]:
    """(month, day) of every day that a text names."""
    found = {(_month_number(m[1]), int(m[2])) for m in _MONTH_DAY.finditer(text)}
    found |= {(_month_number(m[2]), int(m[1])) for m in _DAY_MONTH.finditer(text)}
    return found | {(int(m[1] or m[3]), int(m[2] or m[4])) for m in _NUMERIC_DATE.finditer(text)}


def _undated(text: str) -> str:
    for pattern in (_MONTH_DAY, _DAY_MONTH, _NUMERIC_DATE, _MONTH_ZH):
        text = pattern.sub(" ", text)
    return text


def _months(text: str) -> set[int]:
    return {_month_number(m[1]) for m in _MONTH_ALONE.finditer(text)} | {int(m[1]) for m in _MONTH_ZH.finditer(text)}
