"""Sketches: what of an article is compared when stories are told apart, a few kilobytes each, made once and stored.

Words carry the comparison of texts in one language, their glosses that of texts in two. What two reports of one event
cannot differ in (the chip, the quarter, the month of a result, the company, the step that a thing has reached) is taken down as
*marks*: those that the title or the first lines are about, and all that occur, so that a report is not torn from another that
merely names it later.
"""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.knowledge.circumstances import circumstances
from index.knowledge.reading import Reading
from index.store.articles import MentionRow
from index.text.fold import fold
from index.text.tokens import HAN, STOP_WORDS, WORD, stem

RECIPE = "2"
"""Raised whenever sketches of the same articles come out otherwise."""
_READ = {"en": 4000, "zh": 2000}
_LEAD = {"en": 450, "zh": 180}
_MARKED = {"en": 320, "zh": 130}
_DATED = {"en": 700, "zh": 280}
_FIGURES, _DAYS = 25, 4
IN_NAME, IN_LEAD, IN_TITLE, _ONCE = 1, 2, 4, 8
_SHINGLE = 8
_KEPT_SHINGLES = 8
"""One shingle in so many is kept, by its hash: enough to tell copies, and the same ones in every text."""

_MONTHS = {
    name[:size]: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
    for size in (3, len(name))
} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<m1>{_MONTH})\.? ?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? (?P<y1>(?:19|20)\d\d)\b)?"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH})\b\.?(?:,? (?P<y2>(?:19|20)\d\d)\b)?"
    r"|(?:(?P<y3>(?:19|20)\d\d)年)?(?P<m3>\d{1,2})月(?:(?P<d3>\d{1,2})[日号])?"
    r"|(?P<y4>(?:19|20)\d\d)[-/.](?P<m4>\d{1,2})[-/.](?P<d4>\d{1,2})"
    rf"|\b(?P<m5>{_MONTH}),? (?P<y5>(?:19|20)\d\d)\b"
)
_FIGURE = re.compile(
    r"(?<![a-z0-9.\-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?"
    r"(万亿|亿|万|千|百万|million|billion|trillion|thousand|bn|mn|%|percent|per cent|个百分点)?(?![a-z0-9]|\.\d)"
)
_SCALES = {"万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3, "百万": 1e6, "million": 1e6, "billion": 1e9, "trillion": 1e12,
           "thousand": 1e3, "bn": 1e9, "mn": 1e6}  # fmt: skip
_PERCENT = ("%", "percent", "per cent", "个百分点")
_ORDINALS = {
    word: str(number)
    for words in (
        "first second third fourth fifth sixth seventh eighth",
        "1st 2nd 3rd 4th 5th 6th 7th 8th",
        "one two three four five six seven eight",
        "一 二 三 四 五 六 七 八",
    )
    for number, word in enumerate(words.split(), 1)
} | {"上": "1", "下": "2"}
_NTH = "|".join(word for word in _ORDINALS if word.isascii())
_PERIODS: Sequence[tuple[str, tuple[str, ...], re.Pattern[str]]] = (
    ("quarter", ("quarter", "季", "q"), re.compile(
        rf"\b({_NTH})[- ](?:fiscal[- ])?quarter|\bq([1-4])\b|\b([1-4])q(?:\d\d)?\b"
        r"|第([一二三四1-4])季|([一二三四])季[度报]|q([1-4])财报")),
    ("half", ("half", "半年", "h1", "h2"), re.compile(r"\b(first|second) half\b|\bh([12])\b(?= 20)|([上下])半年")),
    ("round", ("series ", "轮"), re.compile(r"\bseries ([a-h])\b|([a-h])\+?轮")),
    ("generation", ("gen", "代"), re.compile(rf"\b({_NTH})[- ]gen(?:eration)?\b|第([一二三四五六七八1-8])代")),
    ("phase", ("phase ", "期"), re.compile(r"\bphase (one|two|three|four|[1-4])\b|([一二三四])期(?:工程|项目)")),
    ("nth", ("second ", "third ", "fourth ", "fifth ", "第"), re.compile(
        r"\b(second|third|fourth|fifth) (?:fab|plant|factory|phase|round)\b|第([二三四五])(?:座|轮|批|次)")),
    ("year", ("fiscal", "fy", "财年"), re.compile(r"\bfiscal (?:year )?20(\d\d)\b|\bfy ?(?:20)?(\d\d)\b|20(\d\d)财年")),
)  # fmt: skip
"""Which of a row of alike events a report is on, and what of it stands in any text that has it; the first group that matched
tells."""
PLACE, YEAR, VERSION, PLAIN = "place", "year named", "version ", "plain"
"""Kinds of marks: countries; years with their century; what stands behind a numbered name (Turbo, Pro), or `PLAIN`, nothing."""
_YEAR = re.compile(r"(?<![\d.,-])20[0-4]\d(?![\d.,]\d|\d|[a-z])")
_VERSION = re.compile(
    r"(?<![a-z0-9.])((?:[a-z]+[ -]?)?\d[a-z0-9]*(?:\.\d+)*)(?:[ -](pro|max|ultra|mini|lite|air|turbo|flash|plus|ti|super|nano"
    r"|se|xl|d|large|small|medium|coder|vision|preview|omni|prime))?(?![a-z0-9])"
)
_TITLE_MONTH = re.compile(rf"\b({_MONTH})\b(?! \d)|(\d{{1,2}})月(?!\d)")
_IDENTIFIER = re.compile(r"(?<![a-z0-9])[a-z]*\d[a-z0-9]*")
_MEASURE = "gb|tb|mb|kb|nm|kw|mw|gw|bn|mn|ghz|mhz|khz|hz|km|cm|mm|am|pm|kg|gt|pc|st|nd|rd|th|[wmbkxhdspg]"
_IS_MEASURE = re.compile(rf"\d+(?:{_MEASURE})?")
_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,])\d{1,4}(?:\.\d{1,2})?([a-z]{0,2})(?![a-z0-9]|[.,]\d|\s?%)")
_NAMED = re.compile(r"(?<![a-z0-9.])([a-z]{0,12}?)([ -]?)v?$")
_COUNTED = re.compile(
    r" (?:[bmt]r?illion|thousand|percent|times|years?|months?|weeks?|days?|hours?|minutes?|people|companies|chips|layers?|gpus?"
    r"|cards?|tops|tera|giga|mega|watts?|nanomet|servers?|points?|miles|dollars|euros|pounds|yuan|won|yen|units|staff|employees"
    rf"|fabs?|wafers|v\b|(?:{_MEASURE})\b)|\s?[万亿千百元年月日个颗台家人名倍款座层吨张块%度岁克米小天周号]"
)
_NO_SERIES = frozenset(
    f"""in on of to by at for and or the a an than from with over about nearly some up around least most under us is are was
    were have has had its his her their per last first next another only just between through until since during after before
    more page chapter fiscal year q part top no into out off within worth total aged age room nt hk
    {" ".join(_MONTHS)}""".split()
)
_RUN = re.compile(rf"{WORD.pattern}|[{HAN}]+")
_LETTERS = np.array([not 0xD800 <= code <= 0xDFFF and chr(code).isalnum() for code in range(0x10000)])


@dataclass(frozen=True, slots=True)
class Sketch:
    """An article as it is compared.

    ``words`` and ``glosses`` are terms with 8 × how often they occur (see `occurrences`) + `IN_NAME` + `IN_LEAD` + `IN_TITLE`;
    an English text has no glosses, its words stand for them. ``days`` are (year or 0, month, day or 0). ``focus`` and ``marks``
    hold, by kind, what the report is about and all that it names; ``titled`` are the kinds of ``focus`` that the title has.
    """

    lang: str
    words: Mapping[str, int]
    glosses: Mapping[str, int]
    figures: frozenset[str]
    days: tuple[tuple[int, int, int], ...]
    focus: Mapping[str, frozenset[str]]
    marks: Mapping[str, frozenset[str]]
    titled: frozenset[str] = frozenset()
    shingles: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))

    @property
    def neutral(self) -> Mapping[str, int]:
        """Its terms in English."""
        return self.glosses if self.lang == "zh" else self.words

    def dump(self) -> bytes:
        """As bytes for the store."""
        kinds = {kind: sorted(values) for kind, values in self.focus.items()}, {k: sorted(v) for k, v in self.marks.items()}
        body = [self.lang, self.words, self.glosses, sorted(self.figures), self.days, *kinds, sorted(self.titled)]
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        head = self.shingles.astype("<u4").tobytes()
        return len(head).to_bytes(4, "little") + head + zlib.compress(text, 1)

    @classmethod
    def load(cls, data: bytes) -> "Sketch":
        """What `dump` gave."""
        end = 4 + int.from_bytes(data[:4], "little")
        body = json.loads(zlib.decompress(data[end:]).decode("utf-8", "surrogatepass"))
        lang, words, glosses, figures, days, focus, marks, titled = body
        return cls(
            lang, words, glosses, frozenset(figures), tuple((y, m, d) for y, m, d in days),
            {kind: frozenset(values) for kind, values in focus.items()},
            {kind: frozenset(values) for kind, values in marks.items()},
            frozenset(titled), np.frombuffer(data[4:end], "<u4"),
        )  # fmt: skip


def occurrences(code: int) -> int:
    """How often a term of a sketch occurs."""
    return code // _ONCE


def make_sketch(title: str, text: str, lang: str, mentions: Sequence[MentionRow], reading: Reading) -> Sketch:
    """The sketch of an article; `mentions` are those of its title and text."""
    lang = "zh" if lang == "zh" else "en"
    written = text if text.startswith(title.rstrip("…")) else f"{title}. \n{text}"
    written = written[: _READ[lang]]
    folded = fold(written)
    words, glosses = _words(written, folded, len(title), _LEAD[lang], reading)
    parts = (title, text[: _MARKED[lang]], text[_MARKED[lang] : _READ["en"]])
    places = [_marks(part, place) for place, part in enumerate(parts)]
    _add_entities(places, mentions, reading, _MARKED[lang])
    focus = dict(places[0])
    for kind, values in places[1].items():
        if kind not in (PLACE, YEAR):  # which a text names many of
            focus.setdefault(kind, values)
    marks: dict[str, set[str]] = {}
    for each in places:
        for kind, values in each.items():
            marks.setdefault(kind, set()).update(values)
    return Sketch(
        lang, words, glosses if lang == "zh" else {}, frozenset(_figures(folded)[:_FIGURES]), _days(folded[: _DATED[lang]]),
        {kind: frozenset(values) for kind, values in focus.items()},
        {kind: frozenset(values) for kind, values in marks.items()},
        frozenset(places[0]), shingles(fold(text), _KEPT_SHINGLES),
    )  # fmt: skip


def shingles(folded: str, one_in: int = 1) -> NDArray[np.uint32]:
    """Sorted hashes of the runs of eight letters or digits of a folded text; of all, or of `one_in`, chosen by their hash."""
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = codes[_LETTERS[np.minimum(codes, 0xFFFF)]].astype(np.uint64)
    if len(codes) < _SHINGLE:
        return np.zeros(0, np.uint32)
    hashes = np.zeros(len(codes) - _SHINGLE + 1, np.uint64)
    factor = np.uint64(0x9E3779B97F4A7C15)
    for i in range(_SHINGLE):
        hashes = hashes * factor + codes[i : len(codes) - _SHINGLE + 1 + i]
    hashes ^= hashes >> np.uint64(29)
    hashes *= factor
    hashes ^= hashes >> np.uint64(32)
    return np.unique((hashes[hashes % np.uint64(one_in) == 0] >> np.uint64(32)).astype(np.uint32))


def _words(written: str, folded: str, title: int, lead: int, reading: Reading) -> tuple[dict[str, int], dict[str, int]]:
    """Terms and English terms of a text, as `Sketch` holds them."""
    words: dict[str, int] = {}
    glosses: dict[str, int] = {}
    capitals: dict[str, bool] = {}  # by term: whether it was met capitalised where no sentence starts
    small: set[str] = set()

    def count(terms: dict[str, int], term: str, flags: int) -> None:
        terms[term] = (terms.get(term, 0) + _ONCE) | flags

    for match in _RUN.finditer(folded):
        run, start = match.group(), match.start()
        place = (IN_LEAD if start < lead else 0) | (IN_TITLE if start < title else 0)
        if "\u3400" <= run[0] <= "\ufaff":
            for word in reading.glosser.segmenter.cut(run):
                if word in STOP_WORDS:
                    continue
                english, is_name = _gloss(word, reading)
                count(words, word, place | (IN_NAME if is_name else 0))
                for term in english:
                    count(glosses, term, place | (IN_NAME if is_name else 0))
            continue
        if run in STOP_WORDS:
            continue
        term = run.replace(",", "") if run[0].isdigit() else stem(run)
        count(words, term, place)
        count(glosses, term, place)
        if written[start].isupper():
            before = written[max(0, start - 2) : start]
            capitals[term] = capitals.get(term, False) or not (start == 0 or "\n" in before or before[:1] in tuple(".!?\"'`“"))
        else:
            small.add(term)
    for term, inside in capitals.items():
        if inside and term not in small:
            words[term] |= IN_NAME
            glosses[term] |= IN_NAME
    return words, glosses


def _gloss(word: str, reading: Reading) -> tuple[tuple[str, ...], bool]:
    """The English terms of a Chinese word by its first sense, and whether it is a name."""
    english = reading.glosser.first_sense(word)
    return english_terms(english), english[:1].isupper() or (not english and len(word) > 1)


@lru_cache(maxsize=65536)
def english_terms(english: str) -> tuple[str, ...]:
    """The terms of an English sense, without stop words."""
    stems = (stem(fold(part)) for part in re.split(r"[ \-/']+", english) if part)
    return tuple(term for term in stems if term not in STOP_WORDS)


def _figures(folded: str) -> list[str]:
    """Numbers with their scale and per cent sign, in order; small counts and years say nothing."""
    found: dict[str, None] = {}
    for match in _FIGURE.finditer(folded):
        value, unit = float(match[1].replace(",", "")), match[2]
        if unit in _SCALES:
            value *= _SCALES[unit]
        elif unit is None and (value < 13 or (1900 <= value <= 2100 and "," not in match[1])):
            continue
        found[f"{value:.4g}{'%' if unit in _PERCENT else ''}"] = None
    return list(found)


def _days(folded: str) -> tuple[tuple[int, int, int], ...]:
    found = []
    for match in _DATE.finditer(folded):
        groups = match.groupdict()
        for i in "12345":
            name = groups[f"m{i}"]
            if name:
                month = _MONTHS.get(name) or int(name)
                day, year = int(groups.get(f"d{i}") or 0), int(groups.get(f"y{i}") or 0)
                if 1 <= month <= 12 and day <= 31:
                    found.append((year, month, day))
    return tuple(found[:_DAYS])


def _marks(written: str, place: int) -> dict[str, set[str]]:
    """Marks of a part of the text; `place` 0 is the title."""
    folded = fold(written)
    found: dict[str, set[str]] = {}
    for kind, step in circumstances().steps(folded):
        found.setdefault(kind, set()).add(step)
    for country in circumstances().countries(written, folded):
        found.setdefault(PLACE, set()).add(country)
    for match in _YEAR.finditer(folded):
        found.setdefault(YEAR, set()).add(match.group())
    for match in _VERSION.finditer(folded):
        if match[2] or (place < 2 and not match[1].isdigit()):
            found.setdefault(f"{VERSION}{match[1]}", set()).add(match[2] or PLAIN)
    for kind, hints, pattern in _PERIODS:
        for match in pattern.finditer(folded) if any(hint in folded for hint in hints) else ():
            value = next(group for group in match.groups() if group)
            found.setdefault(kind, set()).add(_ORDINALS.get(value, value))
    for match in _TITLE_MONTH.finditer(folded) if place == 0 else ():
        value = match[1] or match[2]
        found.setdefault("month", set()).add(str(_MONTHS.get(value) or int(value)))
    for match in _IDENTIFIER.finditer(folded):
        name = match.group()
        if 2 <= len(name) <= 12 and not name.isdigit() and not _IS_MEASURE.fullmatch(name):
            found.setdefault("product", set()).add(name)
    for name, number in _series(folded):
        found.setdefault(f"series {name}", set()).add(number)
    return found


def _series(folded: str) -> list[tuple[str, str]]:
    """Names with a number that tells one of a row from the next ("Gaudi 3", "v5e", "GPT-4"), not numbers of things."""
    found = []
    for match in _NUMBER.finditer(folded):
        before = _NAMED.search(folded[max(0, match.start() - 15) : match.start()])
        if before is None:
            continue
        (name, gap), suffix = before.groups(), match[1]
        number = match.group().removesuffix(suffix) if suffix else match.group()
        measured = re.fullmatch(_MEASURE, suffix) is not None
        if (not name and (not suffix or measured)) or name in _NO_SERIES:
            continue
        if gap == " " and name and (_COUNTED.match(folded, match.end()) or (not suffix and 1990 <= float(number) < 2100)):
            continue
        found.append((name, number + ("" if measured else suffix)))
    return found


def _add_entities(places: Sequence[dict[str, set[str]]], mentions: Sequence[MentionRow], reading: Reading, lead: int) -> None:
    for mention in mentions:
        entity = reading.catalogue.get(mention.entity_id)
        if entity is None or (mention.field == "text" and mention.start >= _READ["en"]):
            continue
        place = places[0 if mention.field == "title" else 1 if mention.start < lead else 2]
        if entity.kind in ("chip", "system"):
            place.setdefault("product", set()).add(f":{entity.id}")
        elif entity.kind == "company":
            place.setdefault("company", set()).add(entity.id)
