"""Reading a query: what was typed becomes units, each with every way in which a passage can satisfy it."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.errors import QueryError
from index.knowledge.gloss import Word
from index.knowledge.linker import Mention
from index.knowledge.reading import Reading
from index.retrieval.lexical import MAX_UNITS, Alternative
from index.text.fold import fold
from index.text.tokens import STOP_WORDS, bigrams, has_han

MAX_LENGTH = 1000

# What one way of matching is worth beside the word itself. A gloss stands for a word in the other language, where
# several words share a sense; bigrams catch what the segmenter cut differently; an entity id is as sure as its name.
_TITLE, _WORDS, _ENTITY, _GLOSS, _BIGRAMS = 1.3, 1.0, 1.1, 0.55, 0.4


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing asked for: a word, an identifier or an entity.

    ``alternatives`` are the ways to satisfy it; ``terms`` the indexed terms that mark a match in a text (own language),
    ``glosses`` English stems that mark one in the other language.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    terms: tuple[str, ...]
    glosses: tuple[str, ...]
    entity: str | None
    identifier: bool


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as understood. ``embedded`` is what the encoder gets: Chinese glossed, names in English."""

    text: str
    units: tuple[Unit, ...]
    entities: tuple[str, ...]
    embedded: str
    lang: str


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


def parse_query(text: str, reading: Reading, *, multilingual: bool = False) -> ParsedQuery:
    """Read a query. Nothing that a person can type is an error, apart from what `check_query` refuses."""
    text = check_query(text)
    mentions = reading.linker.find(text, guess=True)
    words = reading.glosser.words(text)
    units: list[Unit] = [_entity_unit(mention, _within(words, mention), reading) for mention in mentions]
    positions: list[int] = [mention.start for mention in mentions]
    for word in words:
        token = word.token
        covered = any(m.start <= token.start < m.end for m in mentions)
        if not covered and token.text not in STOP_WORDS and (token.han or token.text.isalnum() or "." in token.text):
            units.append(_word_unit(word))
            positions.append(token.start)
    if not units:  # nothing but stop words: then they are what was asked for
        units, positions = [_word_unit(word) for word in words], [word.token.start for word in words]
    ordered = [unit for _, unit in sorted(zip(positions, units, strict=True), key=lambda pair: pair[0])]
    distinct = tuple({(unit.entity, unit.terms): unit for unit in ordered}.values())[:MAX_UNITS]
    chinese = has_han(text)
    return ParsedQuery(
        text=text,
        units=distinct,
        entities=tuple(dict.fromkeys(mention.id for mention in mentions)),
        embedded=reading.glosser.gloss(text, mentions) if chinese and not multilingual else text,
        lang="zh" if chinese else "en",
    )


def _within(words: Sequence[Word], mention: Mention) -> list[Word]:
    return [word for word in words if mention.start <= word.token.start < mention.end]


def _entity_unit(mention: Mention, words: Sequence[Word], reading: Reading) -> Unit:
    terms = tuple(word.token.term for word in words)
    alternatives = [Alternative("entity", (mention.id,), _ENTITY)]
    if terms:
        alternatives += [Alternative("title", terms, _TITLE), Alternative("words", terms, _WORDS)]
    entity = reading.catalogue.get(mention.id)
    exact = entity is not None and entity.kind in ("chip", "system") and any(c.isdigit() for c in mention.surface)
    return Unit(mention.surface, tuple(alternatives), terms, (), mention.id, exact)


def _word_unit(word: Word) -> Unit:
    token = word.token
    alternatives = [Alternative("title", (token.term,), _TITLE), Alternative("words", (token.term,), _WORDS)]
    glosses: tuple[str, ...]
    if token.han:
        glosses = tuple(gloss for gloss in word.glosses if gloss not in STOP_WORDS)
        for gloss in glosses[:6]:
            alternatives.append(Alternative("words", (gloss,), _GLOSS))
            alternatives.append(Alternative("title", (gloss,), _GLOSS * _TITLE))
        pairs = bigrams(fold(token.text))
        alternatives.extend(Alternative("bigrams", (pair,), _BIGRAMS) for pair in pairs)
    else:
        glosses = (token.term,)
    return Unit(token.text, tuple(alternatives), (token.term,), glosses, None, token.identifier)
