"""The Chinese–English lexicon and what it is for: glossing Chinese word by word into English.

The gloss lets an English sentence encoder place Chinese text, lets English words match Chinese ones in the lexical
index, and shows a reader without Chinese roughly what a headline says. Entity names from the catalogue override it.
The lexicon is data, ``lexicon/*.tsv``: the Chinese word, its English senses (the field's sense first, ``; `` between
them, ``-`` for a word that adds nothing), and its kind (``field``, ``name``, ``general``, ``character``).
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path

from index.errors import CatalogueError
from index.knowledge.entities import Catalogue
from index.knowledge.linker import Linker, Mention
from index.text.fold import fold, fold_width_and_script
from index.text.tokens import ChineseSegmenter, Token, stem, tokenize_folded

FOLDER = Path(__file__).parent / "lexicon"
KINDS = ("field", "name", "general", "character")
_LONGEST = 8
_PART = re.compile(r"[^\s\-/']+")
_REMEMBERED = 2048
_POWERS = {"万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4}
_MEASURES = "(?:[颗个枚片块张座套件]|台(?!湾|积))?"
"""What Chinese puts between a number and what it counts, which English does not."""
_NUMBER = re.compile(
    rf"(?<![\d.,])(\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,15}}(?:\.\d{{1,6}})?) ?({'|'.join(_POWERS)}){_MEASURES}"
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Senses by folded Chinese word as the files list them, ``-`` for one that adds nothing. ``version`` hashes the files."""

    entries: dict[str, str]
    version: str = ""

    def __len__(self) -> int:
        return len(self.entries)

    def senses(self, word: str) -> tuple[str, ...] | None:
        """The senses of a folded word, none for one that adds nothing; None where the word is not listed."""
        listed = self.entries.get(word)
        return None if listed is None else _senses(listed)  # taken apart here: of all words, few are looked up


@cache
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """Read every ``*.tsv`` file of `folder`; a word in several files keeps the senses of the first file by name.

    Raises:
        CatalogueError: a line that has not three columns, no senses, or an unknown kind; with file and line.
    """
    entries: dict[str, str] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.tsv")):
        data = path.read_bytes()
        digest.update(data)
        text = data.decode()
        # Folded in one go, which keeps every character in its place: word by word it takes several times as long.
        lines = zip(text.split("\n"), fold(text).split("\n"), strict=True)
        for number, (line, folded) in enumerate(lines, 1):
            if not line or line[0] == "#":
                continue
            columns = line.split("\t")
            if len(columns) != 3 or columns[2] not in KINDS or not columns[0].strip() or not columns[1].strip():
                raise CatalogueError(
                    f"{path.name}, line {number}: expected word, senses and kind ({', '.join(KINDS)}) between tabs."
                )
            entries.setdefault(folded[: len(columns[0])], columns[1])
    return Lexicon(entries, digest.hexdigest()[:16])


def _senses(listed: str) -> tuple[str, ...]:
    return () if listed == "-" else tuple(filter(None, map(str.strip, listed.split(";"))))


@dataclass(frozen=True, slots=True)
class Word:
    """One token of a text with everything it can be matched by.

    ``terms`` are the indexed forms in its own language, ``glosses`` the stems of its English senses (Chinese only),
    ``english`` the first sense for display, empty where there is none.
    """

    token: Token
    glosses: tuple[str, ...]
    english: str


class Glosser:
    """Reads Chinese with the lexicon, the catalogue's names and one segmenter."""

    def __init__(self, lexicon: Lexicon, catalogue: Catalogue, linker: Linker) -> None:
        self._lexicon = lexicon
        self.entries = len(lexicon)
        self._catalogue = catalogue
        self._linker = linker
        self.segmenter = ChineseSegmenter([*(word for word in lexicon.entries if 1 < len(word) <= _LONGEST), *linker.han_names])
        self.version = f"{lexicon.version}.{linker.version}"
        self._readings: OrderedDict[str, list[Word]] = OrderedDict()
        self._cache: dict[str, tuple[tuple[str, ...], str]] = {}

    def words(self, text: str) -> list[Word]:
        """Tokens of `text` in order, Chinese ones with their glosses. The last texts read are remembered: hits recur."""
        known = self._readings.get(text)
        if known is not None:
            return known
        result: list[Word] = []
        for token in tokenize_folded(fold(text), self.segmenter):
            if token.han:
                glosses, english = self._look_up(token.text)
                result.append(Word(token, glosses, english))
            else:
                result.append(Word(token, (), token.text))
        self._readings[text] = result
        if len(self._readings) > _REMEMBERED:
            self._readings.popitem(last=False)
        return result

    def chinese_for(self, english: str) -> Sequence[tuple[str, str]]:
        """The Chinese words of two characters or more that have a sense with the stem `english`, each with that sense."""
        return self._by_stem.get(english, ())

    def senses(self, word: str) -> list[tuple[str, ...]]:
        """The stems of each English sense of a folded Chinese word, in their order there."""
        stems = [tuple(stem(fold(part)) for part in _split(sense)) for sense in self._senses_of(word)]
        return [each for each in stems if each]

    def first_sense(self, word: str) -> str:
        """The first English sense of a folded Chinese word, empty where there is none."""
        return self._look_up(word)[1]

    def is_english(self, word: str) -> bool:
        """True when the stem `word` is in any sense: then it is no misspelt name."""
        return word in self._by_stem

    @cached_property
    def _by_stem(self) -> dict[str, list[tuple[str, str]]]:
        words: dict[str, list[tuple[str, str]]] = {}
        by_part: dict[str, list[tuple[str, str]]] = {}
        for word, listed in self._lexicon.entries.items():
            for sense in listed.split(";"):
                for part in _PART.findall(sense.lower()):
                    found = by_part.get(part)
                    if found is None:
                        found = by_part[part] = words.setdefault(stem(part), [])
                    if len(word) > 1 and (not found or found[-1][0] != word):
                        found.append((word, sense.strip()))
        return words

    def names_in(self, text: str) -> Sequence[Mention]:
        """The entities that a text names, in order; it is not kept in mind."""
        return self._linker.find(text, remember=False)

    def gloss(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """`text` in rough English: entity names by the catalogue, words by their first sense, the rest as written.

        English passes through unchanged, word for word; punctuation ends are kept as sentence ends.
        """
        if mentions is None:
            mentions = self._linker.find(text)
        parts: list[str] = []
        position = 0
        for mention in mentions:
            parts.append(self._gloss_plain(text[position : mention.start]))
            parts.append(self._catalogue.name_of(mention.id))
            position = mention.end
        parts.append(self._gloss_plain(text[position:]))
        return " ".join(part for part in parts if part).replace(" .", ".").replace(" ,", ",")

    def for_reader(self, text: str) -> str:
        """`gloss` for a person: with numbers as English counts them (2080亿 is 208 billion).

        What is embedded and matched stays `gloss`: there a number is met by its terms.
        """
        return self.gloss(_NUMBER.sub(_english_number, fold_width_and_script(text)))

    def _gloss_plain(self, text: str) -> str:
        folded = fold(text)
        parts: list[str] = []
        position = 0
        for token in tokenize_folded(folded, self.segmenter):
            parts.append(_punctuation(folded[position : token.start]))
            parts.append(self._look_up(token.text)[1] if token.han else text[token.start : token.end])
            position = token.end
        parts.append(_punctuation(folded[position:]))
        return " ".join(part for part in parts if part)

    def _look_up(self, word: str) -> tuple[tuple[str, ...], str]:
        known = self._cache.get(word)
        if known is None:
            senses = self._senses_of(word)
            stems = tuple(dict.fromkeys(stem(fold(part)) for sense in senses for part in _split(sense)))
            first = next(iter(senses), "")
            known = stems, first
            if len(self._cache) < 200_000:
                self._cache[word] = known
        return known

    def _senses_of(self, word: str) -> tuple[str, ...]:
        direct = self._lexicon.senses(word)
        if direct is not None:
            return direct
        # Unlisted compounds are read as the longest listed words inside them; single characters come last.
        parts: list[str] = []
        position = 0
        while position < len(word):
            for size in range(min(_LONGEST, len(word) - position), 0, -1):
                senses = self._lexicon.senses(word[position : position + size])
                if senses is not None:
                    parts.extend(senses[:1])
                    position += size
                    break
            else:
                position += 1
        return (" ".join(parts),) if parts else ()


def _english_number(match: re.Match[str]) -> str:
    """A number with a Chinese power of ten as English counts it: 2080亿 is 208 billion, 3.5万 is 35000."""
    number = Decimal(match[1].replace(",", "")) * _POWERS[match[2]]
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f" {_plain(number / size)} {name} "
    return f" {_plain(number)} "


def _plain(number: Decimal) -> str:
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _split(sense: str) -> Iterable[str]:
    return (part for part in sense.replace("-", " ").replace("/", " ").replace("'", " ").split() if part)


def _punctuation(between: str) -> str:
    """What of the text between two tokens an encoder should see: sentence ends and commas, nothing else."""
    for mark in between:
        if mark in "。.!?！？;；\n":
            return "."
        if mark in ",，、:：":
            return ","
    return ""
