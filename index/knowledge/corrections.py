"""What people decided about entities, applied on top of the catalogue and of every linking.

Decisions on the catalogue: two entities are one (``merge-entities``), some names are another entity's (``split-entity``), an
entity is missing (``add-entity``). Decisions on an article: a name does not mean that there (``wrong-link``), or means this
(``right-link``). All are applied in the order in which they were made, each time anew, so taking one back brings back what was
there without it. One that no longer fits, because the catalogue moved on, changes nothing.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from index.knowledge.entities import Catalogue, Entity, entity_of, problems_of
from index.store.articles import MentionRow
from index.store.database import Store
from index.store.decisions import Decision, decisions
from index.text.fold import fold
from index.text.sentences import sentences

MERGE, SPLIT, ADD = "merge-entities", "split-entity", "add-entity"
WRONG_LINK, RIGHT_LINK = "wrong-link", "right-link"
NO_ENTITY = "no-entity"
ON_CATALOGUE, ON_ARTICLES = (MERGE, SPLIT, ADD), (WRONG_LINK, RIGHT_LINK)

BY_A_PERSON = 1.0
"""The confidence of a link that a person made."""

_REFERENCES = ("maker", "parent", "successor", "codename_of")
_NAME_LISTS = ("aliases", "short", "codenames", "cased", "ambiguous", "usual", "context", "against", "hidden_by", "misprints")


@dataclass(frozen=True, slots=True)
class LinkRule:
    """One decision on an article. ``surface`` is folded; ``entity`` None means any; ``sentence`` limits it to a sentence."""

    surface: str
    entity: str | None
    right: bool
    sentence: str | None = None


def catalogue_decisions(store: Store) -> list[Decision]:
    """The decisions that change the catalogue, oldest first."""
    return decisions(store, *ON_CATALOGUE)


def corrected(catalogue: Catalogue, made: Sequence[Decision]) -> Catalogue:
    """`catalogue` with `made` applied; the same object where there are none."""
    if not made:
        return catalogue
    entities, redirects = dict(catalogue.by_id), dict(catalogue.redirects)
    for decision in made:
        _APPLY[decision.kind](entities, redirects, decision)
    told = ";".join(f"{each.id}:{each.kind}:{each.subject}:{sorted(each.detail.items())}" for each in made)
    version = f"{catalogue.version}+{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    return Catalogue(entities.values(), version, redirects)


def _merge(entities: dict[str, Entity], redirects: dict[str, str], decision: Decision) -> None:
    gone, into = entities.get(decision.subject), entities.get(str(decision.detail["into"]))
    if gone is None or into is None or gone is into:
        return
    del entities[gone.id]
    entities[into.id] = replace(
        _with(into, {key: (*getattr(into, key), *getattr(gone, key)) for key in _NAME_LISTS}),
        aliases=tuple(dict.fromkeys((*into.aliases, *gone.surfaces))),
    )
    for old, new in [*redirects.items(), (gone.id, into.id)]:
        redirects[old] = into.id if new == gone.id else new
    for entity in list(entities.values()):
        moved = {key: None if entity.id == into.id else into.id for key in _REFERENCES if getattr(entity, key) == gone.id}
        if moved:
            entities[entity.id] = replace(entity, **moved)  # type: ignore[arg-type]  # references are texts or None


def _split(entities: dict[str, Entity], _: dict[str, str], decision: Decision) -> None:
    whole, into = entities.get(decision.subject), str(decision.detail["into"])
    folded = {fold(name) for name in decision.detail["names"]}
    names = {name for name in whole.surfaces if fold(name) in folded} if whole is not None else set()
    kept = [name for name in whole.surfaces if name not in names] if whole is not None else []
    if whole is None or not kept or not names & set(whole.surfaces):
        return
    moved = [name for name in whole.surfaces if name in names]
    doubtful = tuple(name for name in moved if name in whole.doubtful)
    if into in entities:
        other = entities[into]
        entities[into] = _with(
            other,
            {
                "aliases": (*other.aliases, *moved),
                "ambiguous": (*other.ambiguous, *doubtful),
                "context": other.context or whole.context,
            },
        )
    else:
        entities[into] = Entity(
            into,
            whole.kind,
            str(decision.detail.get("name") or moved[0]),
            aliases=tuple(moved),
            ambiguous=doubtful,
            context=whole.context,
            maker=whole.maker,
            note=f"Parted from {whole.name} by a person.",
            source="A decision",
        )
    entities[whole.id] = _with(
        replace(
            whole,
            name=whole.name if whole.name in kept else kept[0],
            zh=whole.zh if whole.zh in kept else None,
            zh_hant=whole.zh_hant if whole.zh_hant in kept else None,
        ),
        {
            key: tuple(name for name in getattr(whole, key) if name not in names)
            for key in ("aliases", "short", "codenames", "cased", "ambiguous", "usual")
        },
    )


def _add(entities: dict[str, Entity], _: dict[str, str], decision: Decision) -> None:
    entry = dict(decision.detail["entry"])
    if entry.get("id") not in entities and not list(problems_of(entry)):
        entities[str(entry["id"])] = entity_of(entry)


_APPLY = {MERGE: _merge, SPLIT: _split, ADD: _add}


def _with(entity: Entity, values: dict[str, tuple[str, ...]]) -> Entity:
    known = {each.name for each in fields(Entity)}
    return replace(entity, **{key: tuple(dict.fromkeys(value)) for key, value in values.items() if key in known})  # type: ignore[arg-type]


# -- articles


def subject_of(article_id: int) -> str:
    """What a decision on an article calls it."""
    return f"article:{article_id}"


def link_rules(store: Store, article_id: int) -> list[LinkRule]:
    """The decisions on the links of an article, oldest first."""
    return [rule_of(decision) for decision in decisions(store, *ON_ARTICLES, subject=subject_of(article_id))]


def rule_of(decision: Decision) -> LinkRule:
    detail = decision.detail
    return LinkRule(str(detail["surface"]), detail.get("entity"), decision.kind == RIGHT_LINK, detail.get("sentence"))


def apply_rules(rows: Iterable[MentionRow], rules: Sequence[LinkRule], title: str, text: str) -> list[MentionRow]:
    """`rows` with what people decided about them; the last decision on a name stands.

    A name that was never linked is found where it stands as a whole word.
    """
    if not rules:
        return list(rows)
    found = list(rows)
    for rule in rules:
        if rule.right:
            found += _unseen(rule, found, title, text)
    decided: list[MentionRow] = []
    for row in found:
        last = next((rule for rule in reversed(rules) if _about(rule, row, title, text)), None)
        if last is None:
            decided.append(row)
        elif last.right and last.entity is not None:
            decided.append(replace(row, entity_id=last.entity, confidence=BY_A_PERSON))
    return sorted(decided, key=lambda row: (row.field != "title", row.start))


def _about(rule: LinkRule, row: MentionRow, title: str, text: str) -> bool:
    if rule.surface != fold(row.surface) or not (rule.right or rule.entity in (None, row.entity_id)):
        return False
    return rule.sentence is None or rule.sentence == sentence_at(title if row.field == "title" else text, row.start)


def _unseen(rule: LinkRule, rows: Sequence[MentionRow], title: str, text: str) -> list[MentionRow]:
    """Mentions of the rule's name that nothing linked: none where a linked name overlaps."""
    new: list[MentionRow] = []
    latin = rule.surface[:1].isascii() and rule.surface[:1].isalnum()
    pattern = rf"(?<![a-z0-9]){re.escape(rule.surface)}(?![a-z0-9])" if latin else re.escape(rule.surface)
    for name, body in (("title", title), ("text", text)):
        for match in re.finditer(pattern, fold(body)):
            start, end = match.span()
            if not any(row.field == name and row.start < end and start < row.end for row in rows):
                new.append(MentionRow(name, start, end, rule.entity or "", body[start:end], 0.0))
    return [row for row in new if _about(rule, row, title, text)]


def sentence_at(text: str, at: int) -> str:
    """The sentence of `text` around character `at`."""
    return next((text[span.start : span.end] for span in sentences(text) if span.start <= at < span.end), "")
