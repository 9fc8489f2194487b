"""What people do about entities: look at doubts, judge proposals, correct links, merge and split.

Everything they decide is recorded with its reason, applied whenever articles are read, and can be taken back.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from index.errors import FilterError, NotFound, UsageError
from index.knowledge.corrections import (
    ADD,
    MERGE,
    NO_ENTITY,
    ON_ARTICLES,
    ON_CATALOGUE,
    RIGHT_LINK,
    SPLIT,
    WRONG_LINK,
    sentence_at,
    subject_of,
)
from index.knowledge.entities import Entity, problems_of
from index.knowledge.linking import link_article
from index.knowledge.names import flattened
from index.knowledge.new_names import likeliest
from index.knowledge.reading import Reading
from index.store.articles import StoredArticle, article_by_id, articles_by_id
from index.store.changes import note_change
from index.store.database import Store
from index.store.decisions import Decision, decisions, save_decision, undo_decision
from index.store.entities import count_doubts, doubts, recurring_names
from index.text.fold import fold

ON_ENTITIES = (*ON_CATALOGUE, *ON_ARTICLES, NO_ENTITY)
MAX_NOTE = 500
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Review:
    """A name in an article that a person should look at: ``offsets`` where it stands, in a sentence of the ``field``;
    ``linked`` says whether it counts as the entity meanwhile."""

    article: StoredArticle
    surface: str
    entity: Entity | None
    entity_id: str
    confidence: float
    linked: bool
    sentence: str
    times: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A name that recurs beside known companies and that the catalogue lacks, with guesses at its kind and maker."""

    name: str
    kind: str
    maker: str | None
    articles: tuple[StoredArticle, ...]
    sentences: tuple[str, ...]


class Curation:
    """The judgements of people on the entities of one store. Writing needs a store open for writing."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    # -- reading

    def review(self, limit: int = 20, *, entity: str | None = None) -> list[Review]:
        """Doubtful names, those of the newest articles first; the same name in one article once.

        Raises:
            FilterError: `limit` is not in 1..1000.
        """
        if not 1 <= limit <= 1000:
            raise FilterError(f"k is {limit}; it must be from 1 to 1000.")
        found = doubts(self._store, limit * 5, entity=entity)
        articles = articles_by_id(self._store, list({each.article_id for each in found}))
        reviews: list[Review] = []
        by_name: dict[tuple[int, str], list[Any]] = {}
        for doubt in found:
            by_name.setdefault((doubt.article_id, fold(doubt.surface)), []).append(doubt)
        for (article_id, _), each in by_name.items():
            first, article = each[0], articles[article_id]
            body = article.title if first.field == "title" else article.text
            reviews.append(
                Review(
                    article,
                    first.surface,
                    self._reading.catalogue.get(first.entity_id),
                    first.entity_id,
                    first.confidence,
                    bool(first.linked),
                    sentence_at(body, first.start),
                    len(each),
                )
            )
        return reviews[:limit]

    @property
    def waiting(self) -> int:
        """How many doubtful mentions wait for a person."""
        return count_doubts(self._store)

    def proposals(self, limit: int = 20, *, least: int = 2) -> list[Proposal]:
        """Names that at least `least` articles introduce, the most frequent first, without those that a person turned down.

        Raises:
            FilterError: `limit` is not in 1..1000, or `least` below 1.
        """
        if not 1 <= limit <= 1000 or least < 1:
            raise FilterError("k must be from 1 to 1000, and the least number of articles at least 1.")
        refused = {decision.subject for decision in decisions(self._store, NO_ENTITY)}
        proposals: list[Proposal] = []
        for key, group in groupby(recurring_names(self._store, least), key=lambda each: each.key):
            found = list(group)
            if key in refused or key in self._reading.linker.spellings:
                continue
            articles = articles_by_id(self._store, [each.article_id for each in found])
            proposals.append(
                Proposal(
                    likeliest([each.name for each in found]) or key,
                    likeliest([each.kind for each in found]) or "chip",
                    likeliest([each.maker for each in found]),
                    tuple(articles.values()),
                    tuple(dict.fromkeys(each.sentence for each in found))[:_EXAMPLES],
                )
            )
            if len(proposals) == limit:
                break
        return proposals

    def decided(self, *, undone: bool = False) -> list[Decision]:
        """What people decided about entities, oldest first; with `undone` also what was taken back."""
        return decisions(self._store, *ON_ENTITIES, undone=undone)

    # -- deciding about articles

    def link(
        self, article_id: int, name: str, entity: str, now: datetime, note: str | None = None, *, at: int | None = None
    ) -> Decision:
        """In an article `name` means `entity` (an id or an unambiguous name), whatever the program thinks; with `at`, a place
        in the text, only in the sentence there.

        Raises:
            NotFound: no such article or entity, or the article does not have the name. UsageError: a note that is too long.
        """
        return self._on_article(RIGHT_LINK, article_id, name, self.entity(entity).id, now, note, at)

    def unlink(
        self, article_id: int, name: str, entity: str | None, now: datetime, note: str | None = None, *, at: int | None = None
    ) -> Decision:
        """In an article `name` does not mean `entity`; with None, it means nothing of the catalogue. Raises as `link`."""
        return self._on_article(WRONG_LINK, article_id, name, self.entity(entity).id if entity else None, now, note, at)

    def _on_article(
        self, kind: str, article_id: int, name: str, entity: str | None, now: datetime, note: str | None, at: int | None
    ) -> Decision:
        article, sentence = self.place(article_id, name, at)
        detail: dict[str, Any] = {"surface": fold(name.strip()), "entity": entity}
        if sentence is not None:
            detail["sentence"] = sentence
        with self._store.atomic():
            decision = save_decision(self._store, kind, subject_of(article_id), detail, now, _note(note))
            self._relink(article)
        return decision

    def place(self, article_id: int, name: str, at: int | None = None) -> tuple[StoredArticle, str | None]:
        """The article that has `name`, and its sentence at the place `at` of the text, where one is given.

        Raises:
            NotFound: no such article, or the name does not stand there.
        """
        article = article_by_id(self._store, article_id)
        if article is None:
            raise NotFound(f"There is no article {article_id}.")
        name = name.strip()
        if not name or fold(name) not in fold(f"{article.title}\n{article.text}"):
            raise NotFound(f"Article {article_id} does not have {name!r}.")
        if at is None:
            return article, None
        sentence = sentence_at(article.text, at)
        if fold(name) not in fold(sentence):
            raise NotFound(f"The sentence at {at} of article {article_id} does not have {name!r}.")
        return article, sentence

    def _relink(self, article: StoredArticle) -> None:
        link_article(self._store, self._reading, article.id, article.title, article.text)
        note_change(self._store, article.id)

    # -- deciding about the catalogue

    def merge(self, gone: str, into: str, now: datetime, note: str | None = None) -> Decision:
        """Two entities are one: all names of `gone` become names of `into`.

        Raises:
            NotFound: one of them is no entity. UsageError: they are the same.
        """
        old, new = self.entity(gone), self.entity(into)
        if old.id == new.id:
            raise UsageError(f"{gone} and {into} are one entity already.")
        return self._on_catalogue(MERGE, old.id, {"into": new.id}, now, note)

    def split(
        self, entity: str, names: Sequence[str], into: str, now: datetime, note: str | None = None, *, name: str | None = None
    ) -> Decision:
        """Some `names` of `entity`, in any capitals, are another one's: of `into`, which is made (called `name`) where there is
        none of this id.

        Raises:
            NotFound: no such entity. UsageError: a name that it does not have, no name left, or an id that cannot be one.
        """
        whole = self.entity(entity)
        wanted = {fold(each): each for each in names}
        moved = [surface for surface in whole.surfaces if fold(surface) in wanted]
        if strange := [each for folded, each in wanted.items() if folded not in map(fold, moved)]:
            raise UsageError(f"{whole.id} has no name {strange[0]!r}.", hint=f"It has: {', '.join(whole.surfaces)}.")
        if not moved or len(moved) == len(whole.surfaces):
            raise UsageError(f"{whole.id} must keep a name, and give one away.", hint="To move all of them, merge.")
        if into == whole.id:
            raise UsageError(f"{into} cannot be split into itself.")
        if into not in self._reading.catalogue.by_id and (
            wrong := next(_wrong({"id": into, "kind": whole.kind, "name": moved[0]}), None)
        ):
            raise UsageError(wrong)
        detail: dict[str, Any] = {"names": moved, "into": into}
        return self._on_catalogue(SPLIT, whole.id, {**detail, **({"name": name} if name else {})}, now, note)

    def add(self, entry: Mapping[str, Any], now: datetime, note: str | None = None) -> Decision:
        """Add an entity, given like an entry of the catalogue's files.

        Raises:
            UsageError: the entry breaks the schema, or its id or a sure name of it is taken.
        """
        if wrong := next(_wrong(entry), None):
            raise UsageError(wrong)
        entry_id = str(entry["id"])
        if self._reading.catalogue.get(entry_id) is not None:
            raise UsageError(f"There is an entity {entry_id} already.", hint="Use another id, or chipwire correct merge.")
        for key in ("maker", "parent"):
            if entry.get(key) and self._reading.catalogue.get(str(entry[key])) is None:
                raise UsageError(f"{key} {entry[key]!r} is no entity.")
        if flattened(fold(str(entry["name"]))) in self._reading.linker.spellings:
            raise UsageError(f"The catalogue has the name {entry['name']!r} already.")
        return self._on_catalogue(ADD, entry_id, {"entry": dict(entry)}, now, note)

    def refuse(self, name: str, now: datetime, note: str | None = None) -> Decision:
        """A proposed name is no entity: it is not proposed again."""
        key = flattened(fold(name.strip()))
        if not key:
            raise UsageError("No name is given.")
        with self._store.atomic():
            return save_decision(self._store, NO_ENTITY, key, {"name": name.strip()}, now, _note(note))

    def undo(self, decision_id: int, now: datetime) -> Decision:
        """Take a decision on entities back.

        Raises:
            NotFound: there is no such decision that holds.
        """
        if decision_id not in {decision.id for decision in self.decided()}:
            raise NotFound(f"There is no decision {decision_id} on entities that holds.", hint="See chipwire correct list.")
        with self._store.atomic():
            decision = undo_decision(self._store, decision_id, now)
            if decision.kind in ON_ARTICLES:
                article = article_by_id(self._store, int(decision.subject.removeprefix("article:")))
                if article is not None:
                    self._relink(article)
        return decision

    def _on_catalogue(self, kind: str, subject: str, detail: Mapping[str, Any], now: datetime, note: str | None) -> Decision:
        with self._store.atomic():
            return save_decision(self._store, kind, subject, detail, now, _note(note))

    def entity(self, name: str) -> Entity:
        """The entity with an id, or with a name that means nothing else. Raises NotFound."""
        found = self._reading.catalogue.get(name)
        if found is None:
            mentions = self._reading.linker.find(name, guess=True)
            whole = len(mentions) == 1 and mentions[0].surface.strip() == name.strip()
            found = self._reading.catalogue.get(mentions[0].id) if whole else None
        if found is None:
            raise NotFound(f"There is no entity {name!r}.", hint="See chipwire entities --list for all of them.")
        return found


def slug(name: str) -> str:
    """An id made of a name; empty where it has no Latin letters or digits."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")


def _wrong(entry: Mapping[str, Any]) -> Iterator[str]:
    return (message for _, message in problems_of(entry))


def _note(note: str | None) -> str | None:
    if note is not None and len(note) > MAX_NOTE:
        raise UsageError(f"The reason has {len(note):,} characters; at most {MAX_NOTE} are kept.")
    return note.strip() or None if note is not None else None


def described(decision: Decision, name_of: Callable[[str], str]) -> str:
    """A decision in a line, for a list: on entities, or on a claim."""
    detail = decision.detail
    if decision.kind not in ON_ENTITIES:
        return f"{name_of(str(detail['entity']))} {detail['attribute']} {detail['written']} in {decision.subject}"
    if decision.kind == MERGE:
        return f"{decision.subject} is {name_of(detail['into'])}"
    if decision.kind == SPLIT:
        return f"{', '.join(detail['names'])} of {decision.subject} mean {detail['into']}"
    if decision.kind == ADD:
        return f"{detail['entry']['name']} is the {detail['entry']['kind']} {decision.subject}"
    if decision.kind == NO_ENTITY:
        return f"{detail['name']} is no entity"
    where = f" in “{detail['sentence'][:60]}”" if detail.get("sentence") else ""
    article = decision.subject.removeprefix("article:")
    if decision.kind == RIGHT_LINK:
        return f"{detail['surface']} in article {article}{where} means {name_of(detail['entity'])}"
    wrong = name_of(detail["entity"]) if detail["entity"] else "any entity"
    return f"{detail['surface']} in article {article}{where} does not mean {wrong}"
