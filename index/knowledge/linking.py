"""Linking an article: reading its names, applying what people decided, and keeping the result."""

from collections.abc import Collection

from index.knowledge.corrections import BY_A_PERSON, apply_rules, link_rules
from index.knowledge.linker import ACCEPTED, UNSURE_FROM, UNSURE_TO
from index.knowledge.reading import Reading
from index.knowledge.salience import saliences
from index.store.articles import MentionRow, save_mentions
from index.store.database import Store
from index.store.entities import save_doubts, save_new_names, save_saliences


def link_article(store: Store, reading: Reading, article_id: int, title: str, text: str) -> list[MentionRow]:
    """Read who and what an article names and keep it, inside the caller's transaction; returns its mentions."""
    linked = reading.read(title, text)
    rules = link_rules(store, article_id)
    rows = apply_rules(linked.weighed, rules, title, text) if rules else linked.weighed
    mentions = [row for row in rows if row.confidence >= ACCEPTED and _exists(row, reading)]
    settled = {rule.surface for rule in rules if rule.sentence is None}
    save_mentions(store, article_id, mentions)
    save_doubts(store, article_id, ((row, row.confidence >= ACCEPTED) for row in rows if _doubtful(row, settled)))
    save_saliences(
        store,
        article_id,
        ((each.entity_id, each.mentions, each.salience) for each in saliences(mentions, text, reading.catalogue)),
    )
    save_new_names(
        store, article_id, ((each.key, each.name, each.sentence, each.kind, each.maker) for each in linked.new_names)
    )
    return mentions


def _exists(row: MentionRow, reading: Reading) -> bool:
    """Whether the entity is there: a person's link may have outlived it."""
    return row.confidence < BY_A_PERSON or reading.catalogue.get(row.entity_id) is not None


def _doubtful(row: MentionRow, settled: Collection[str]) -> bool:
    return UNSURE_FROM <= row.confidence < UNSURE_TO and row.surface.lower() not in settled
