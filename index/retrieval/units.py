"""Units: what a query asks for, each with every way in which a passage can satisfy it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.knowledge.gloss import Word
from index.knowledge.linker import Mention
from index.knowledge.reading import Reading
from index.retrieval.lexical import Alternative
from index.text.fold import fold
from index.text.quantities import Quantity
from index.text.tokens import STOP_WORDS, bigrams

# What one way of matching is worth beside the word itself. A gloss stands for a word in the other language, where
# several words share a sense; bigrams catch what the segmenter cut differently; an entity id is as sure as its name.
TITLE, WORDS, ENTITY, _FAMILY, _GLOSS, _PART, _BIGRAMS, PAIR = 1.3, 1.0, 1.1, 0.8, 0.85, 0.5, 0.4, 0.25
_THE_DAY, _SOME_YEAR = 2.0, 0.6  # a day, which nobody names without meaning it, and the same day of any year

_SENSES = 6
_YEAR = re.compile(r"(?:19[89]|20[0-4])\d")
_DATED = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing asked for: a word, an identifier, a quantity, a phrase or an entity; or several between ``OR``.

    ``alternatives`` are the ways to satisfy it; ``terms`` the indexed terms that mark a match in a text (own language),
    ``glosses`` English stems that mark one in the other language, ``quantities`` the terms of `index.text.quantities`,
    ``family`` the entities that belong to one of ``entities``.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    terms: tuple[str, ...] = ()
    glosses: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    identifier: bool = False

    @property
    def is_year(self) -> bool:
        return _YEAR.fullmatch(self.text) is not None

    @property
    def year(self) -> str | None:
        """The year that is asked for, alone or as that of a day or month."""
        if self.is_year:
            return self.text
        return next((term[:4] for term in self.quantities if _DATED.match(term)), None)


def entity_unit(mention: Mention, words: Sequence[Word], reading: Reading) -> Unit:
    """A named entity; `words` are those of its name. The name of a chip or system that has a digit is an identifier."""
    terms = tuple(word.token.term for word in words)
    alternatives = [Alternative("entity", (mention.id,), ENTITY)]
    if terms:
        alternatives += [Alternative("title", terms, TITLE), Alternative("words", terms, WORDS)]
    family = reading.catalogue.family_of(mention.id)
    alternatives += [Alternative("entity", (each,), _FAMILY) for each in family]
    entity = reading.catalogue.get(mention.id)
    exact = entity is not None and entity.kind in ("chip", "system") and any(c.isdigit() for c in mention.surface)
    return Unit(mention.surface, tuple(alternatives), terms, entities=(mention.id,), family=family, identifier=exact)


def quantity_unit(surface: str, quantity: Quantity) -> Unit:
    """An amount with its unit, however it is written."""
    alternatives = [Alternative("quantity", (quantity.terms[0],), TITLE)]
    alternatives += [Alternative("quantity", (term,), WORDS) for term in quantity.terms[1:]]
    bare = quantity.terms[-1]
    if bare.replace(".", "").isdigit():
        alternatives.append(Alternative("words", (bare,), WORDS))
    return Unit(surface, tuple(alternatives), terms=(bare,), quantities=quantity.terms)


def day_unit(surface: str, day: Quantity) -> Unit:
    """A day or a month of a year, however it is written (`index.text.days`)."""
    terms = day.terms[:2]  # whoever asks for a day does not ask for its month
    alternatives = [Alternative("day", (terms[0],), _THE_DAY)]
    alternatives += [Alternative("day", (term,), _SOME_YEAR) for term in terms[1:]]
    return Unit(surface, tuple(alternatives), quantities=terms)


def word_unit(word: Word, reading: Reading, *, strict: bool) -> Unit:
    """A plain word. With `strict` one that mixes letters and digits is an identifier, which an answer must have."""
    token = word.token
    alternatives = [Alternative("title", (token.term,), TITLE), Alternative("words", (token.term,), WORDS)]
    glosses: tuple[str, ...]
    if token.han:
        glosses = tuple(gloss for gloss in word.glosses if gloss not in STOP_WORDS)
        for terms, worth in _in_english(reading.glosser.senses(token.text)).items():
            alternatives.append(Alternative("words", terms, worth, latin=True))
            alternatives.append(Alternative("title", terms, worth * TITLE, latin=True))
        pairs = bigrams(fold(token.text))
        alternatives.extend(Alternative("bigrams", (pair,), _BIGRAMS) for pair in pairs)
    else:
        glosses = (token.term,)
    numbers: tuple[str, ...] = ()
    if token.term.replace(".", "").isdigit():
        numbers = (token.term,)
        alternatives.append(Alternative("quantity", numbers, WORDS))
    return replace(
        Unit(token.text, tuple(alternatives), (token.term,), glosses, quantities=numbers),
        identifier=token.identifier and strict,
    )


def _in_english(senses: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], float]:
    """Ways to say a Chinese word in English: whole senses, and for little the words that only make one together."""
    ways: dict[tuple[str, ...], float] = {}
    for sense in senses[:_SENSES]:
        ways.setdefault(sense, _GLOSS)
    for sense in senses[:_SENSES]:
        for part in sense if len(sense) > 1 else ():
            if part not in STOP_WORDS:
                ways.setdefault((part,), _PART)
    return {terms: worth for terms, worth in ways.items() if any(term not in STOP_WORDS for term in terms)}
