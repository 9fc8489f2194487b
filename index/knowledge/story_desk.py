"""What a person does with stories: looks at one, sees what each article added to it, and puts right what was told wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from index.errors import NotFound
from index.knowledge import story_decisions
from index.knowledge.stories import COPIED, Story, load_stories
from index.knowledge.story_assignment import look_again
from index.store.articles import StoredArticle, mentions_of
from index.store.database import Store
from index.store.decisions import Decision, decisions
from index.store.stories import StoryChange, current_story, story_changes
from index.text.quantities import quantities
from index.text.sentences import sentences

_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Addition:
    """A sentence (characters ``start`` to ``end`` of the article's text) that says what no earlier article of the story did.

    ``entities`` are ids that were not named before, ``figures`` quantities as written that were not given before.
    """

    start: int
    end: int
    sentence: str
    entities: tuple[str, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story with what each article added (by article id; the first one has everything new, and is left out), and its past."""

    story: Story
    additions: dict[int, tuple[Addition, ...]]
    changes: tuple[StoryChange, ...]


class StoryDesk:
    """Stories one by one, over an open store; what changes them needs a writer, and shows after the next refresh."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def story(self, story_id: int) -> StoryView:
        """A story by its id, or by one that it had before it was merged.

        Raises:
            NotFound: there is none.
        """
        current = current_story(self._store, story_id)
        found = load_stories(self._store, [current]) if current is not None else []
        if not found:
            raise NotFound(f"There is no story {story_id}.")
        [story] = found
        return StoryView(story, additions(self._store, story), tuple(story_changes(self._store, story.id)))

    def merge(self, story_ids: Sequence[int], now: datetime, note: str | None = None) -> Decision:
        """Decide that stories are one. Raises NotFound, UsageError: see `index.knowledge.story_decisions`."""
        with self._store.atomic():
            return self._decided(story_decisions.decide_merge(self._store, story_ids, now, note))

    def split(self, story_id: int, article_ids: Sequence[int], now: datetime, note: str | None = None) -> Decision:
        """Decide that articles of a story are another one. Raises NotFound, UsageError: as `merge`."""
        with self._store.atomic():
            return self._decided(story_decisions.decide_split(self._store, story_id, article_ids, now, note))

    def undo(self, decision_id: int, now: datetime) -> Decision:
        """Take a decision back: the program's own reading holds again. Raises NotFound."""
        with self._store.atomic():
            return self._decided(story_decisions.undo(self._store, decision_id, now))

    def decisions(self) -> list[Decision]:
        """The decisions on stories that hold, oldest first."""
        return decisions(self._store, story_decisions.MERGE, story_decisions.SPLIT)

    def _decided(self, decision: Decision) -> Decision:
        look_again(self._store, story_decisions.articles_of(decision))
        return decision


def additions(store: Store, story: Story) -> dict[int, tuple[Addition, ...]]:
    """What each article after the first added, in order of time; copies add only what they put in themselves."""
    named: set[str] = set()
    given: set[str] = set()
    found: dict[int, tuple[Addition, ...]] = {}
    members = sorted(story.members, key=lambda m: (m.article.time, m.role == COPIED, m.article.id))
    for number, member in enumerate(members):
        article = member.article
        new = _new_in(store, article, named, given)
        if number:
            ranked = sorted(new, key=lambda a: (-2 * len(a.entities) - len(a.figures), a.start))[:_SENTENCES]
            found[article.id] = tuple(sorted(ranked, key=lambda a: a.start))
        named |= {mention.entity_id for mention in mentions_of(store, article.id)}
        given |= {term for quantity in quantities(f"{article.title}\n{article.text}") for term in quantity.terms}
    return found


def _new_in(store: Store, article: StoredArticle, named: set[str], given: set[str]) -> list[Addition]:
    mentions = [mention for mention in mentions_of(store, article.id) if mention.field == "text"]
    new = []
    for span in sentences(article.text):
        sentence = article.text[span.start : span.end]
        entities = {m.entity_id for m in mentions if span.start <= m.start < span.end} - named
        figures = [
            sentence[quantity.start : quantity.end]
            for quantity in quantities(sentence)
            if not given.intersection(quantity.terms) and not (quantity.plain and len(quantity.terms[0]) < 3)
        ]
        if entities or figures:
            new.append(Addition(span.start, span.end, sentence, tuple(sorted(entities)), tuple(dict.fromkeys(figures))))
    return new
