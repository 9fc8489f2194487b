"""What an editor changes in an issue, as an overlay: bound to stories, so that it holds when the issue is composed anew.

`edited` is pure, and what it gives is an issue like any other: every format renders it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from index.digest.compose import Digest, Entry
from index.digest.extracts import Extract
from index.digest.wording import paragraphs
from index.errors import FilterError

LENGTHS = ("short", "normal", "long")
"""One sentence without figures; as composed; every sentence that adds something."""
LONGEST_TEXT = 20_000
_LONGEST_HEADLINE = 500
_MOST_ENTRIES = 2_000
_TEXTS = {"headline": _LONGEST_HEADLINE, "summary": LONGEST_TEXT, "note": LONGEST_TEXT}


@dataclass(frozen=True, slots=True)
class EntryEdit:
    """What is changed in one entry; what is None stays as composed.

    ``merged_into`` is the story whose entry takes this one's sources and sentences in; ``summary`` stands in place of the
    extracts, with empty lines between paragraphs; ``length`` is one of `LENGTHS`.
    """

    dropped: bool = False
    pinned: bool = False
    merged_into: int | None = None
    section: str | None = None
    headline: str | None = None
    summary: str | None = None
    note: str | None = None
    length: str | None = None


_UNCHANGED = EntryEdit()


@dataclass(frozen=True, slots=True)
class Edits:
    """All changes to an issue. ``order`` are ids of stories as they should follow each other, ``length`` is for all entries."""

    order: tuple[int, ...] = ()
    entries: Mapping[int, EntryEdit] = field(default_factory=dict)
    length: str = "normal"
    introduction: str | None = None

    def of(self, story_id: int) -> EntryEdit:
        return self.entries.get(story_id, _UNCHANGED)

    def with_entry(self, story_id: int, **changes: Any) -> "Edits":
        """These edits with some of an entry's changed."""
        entries = {**self.entries, story_id: replace(self.of(story_id), **changes)}
        return replace(self, entries={key: each for key, each in entries.items() if each != _UNCHANGED})

    def followed(self, current: Callable[[int], int | None]) -> "Edits":
        """The same edits by the ids under which their stories are found now. Where two stories became one, the later
        edit gives what the earlier one leaves as composed."""

        def now(story_id: int) -> int:
            return current(story_id) or story_id

        entries: dict[int, EntryEdit] = {}
        for story_id, edit in self.entries.items():
            into = None if edit.merged_into is None else now(edit.merged_into)
            moved = replace(edit, merged_into=None if into == now(story_id) else into)
            present = entries.get(now(story_id))
            entries[now(story_id)] = moved if present is None else _both(present, moved)
        return replace(self, order=tuple(dict.fromkeys(map(now, self.order))), entries=entries)


def _both(first: EntryEdit, second: EntryEdit) -> EntryEdit:
    """One edit for two entries that became one: dropped only if both were."""
    ours, theirs = asdict(first), asdict(second)
    values = {key: ours[key] if ours[key] is not None else theirs[key] for key in ours}
    values["dropped"] = first.dropped and second.dropped
    values["pinned"] = first.pinned or second.pinned
    return EntryEdit(**values)


def edited(digest: Digest, edits: Edits, longer: Mapping[int, Sequence[Extract]] | None = None) -> Digest:
    """`digest` with `edits` laid over it. Edits of stories that are not in it change nothing.

    Args:
        longer: for entries that should be long, all their sentences by story; without it they are as composed.
    """
    composed = {entry.story_id: entry for entry in digest.entries}
    targets = {story: _target(story, edits, composed) for story in composed}
    kept: list[Entry] = []
    for entry in _ordered(digest.entries, edits):
        if edits.of(entry.story_id).dropped or targets[entry.story_id] != entry.story_id:
            continue
        taken = [composed[s] for s in targets if targets[s] == entry.story_id != s and not edits.of(s).dropped]
        more = (longer or {}).get(entry.story_id)
        kept.append(_changed(_merged(entry, taken), edits, digest, more))
    kept.sort(key=lambda entry: not edits.of(entry.story_id).pinned)
    merged = {target for story, target in targets.items() if story != target}
    here = {entry.story_id: entry for entry in kept}

    def still(ids: Sequence[int]) -> tuple[int, ...]:
        one = {s for s in ids if s in here and (s not in merged or len({c.article.lang for c in here[s].coverage}) == 1)}
        return tuple(s for s in ids if s in one)

    return replace(
        digest,
        entries=tuple(kept),
        left_out=len(digest.entries) - len(kept),
        introduction=edits.introduction,
        only_zh=still(digest.only_zh),
        only_en=still(digest.only_en),
    )


def long_ones(digest: Digest, edits: Edits) -> list[Entry]:
    """The entries for which `edited` wants all sentences."""
    return [e for e in digest.entries if (edits.of(e.story_id).length or edits.length) == "long"]


def moved(digest: Digest, edits: Edits, story_id: int, places: int) -> Edits:
    """The edits with a story `places` further down its section (up where negative), as `edited` would show it."""
    shown = edited(digest, edits)
    ids = [entry.story_id for entry in shown.entries]
    section = next((inside for _, _, inside in shown.sections if any(e.story_id == story_id for e in inside)), ())
    inside = [entry.story_id for entry in section]
    if story_id not in inside:
        return edits
    here = inside.index(story_id)
    there = min(max(here + places, 0), len(inside) - 1)
    inside.insert(there, inside.pop(here))
    # Only the places of this section's stories are dealt anew; every other story stays where it is.
    places_of = iter(inside)
    among = set(inside)
    return replace(edits, order=tuple(next(places_of) if story in among else story for story in ids))


def _target(story_id: int, edits: Edits, composed: Mapping[int, Entry]) -> int:
    """The story whose entry tells this one: itself where it is merged with none that is told, or in a circle."""
    seen = [story_id]
    while (into := edits.of(seen[-1]).merged_into) is not None:
        if into in seen or into not in composed:
            return story_id
        seen.append(into)
    return story_id if edits.of(seen[-1]).dropped and not edits.of(story_id).dropped else seen[-1]


def _ordered(entries: Sequence[Entry], edits: Edits) -> list[Entry]:
    """In the editor's order. A story that came in since stands behind the one it would follow by importance."""
    by_id = {entry.story_id: entry for entry in entries}
    placed = [story for story in edits.order if story in by_id]
    if not placed:
        return list(entries)
    before: int | None = None
    for entry in entries:
        if entry.story_id not in placed:
            placed.insert(0 if before is None else placed.index(before) + 1, entry.story_id)
        before = entry.story_id
    return [by_id[story] for story in placed]


def _merged(entry: Entry, others: Sequence[Entry]) -> Entry:
    if not others:
        return entry
    everything = [entry, *others]
    coverage = {c.article.id: c for each in everything for c in each.coverage}
    extract = {(x.article.id, x.start): x for each in everything for x in each.extract[: 2 if each is not entry else None]}
    figures = {(f.entity, f.attribute, f.value): f for each in everything for f in each.figures}
    return replace(
        entry,
        lead_id=entry.lead.id,
        coverage=tuple(coverage.values()),
        extract=tuple(extract.values()),
        figures=tuple(figures.values()),
        copies=sum(each.copies for each in everything),
        entities=tuple(dict.fromkeys(e for each in everything for e in each.entities)),
    )


def _changed(entry: Entry, edits: Edits, digest: Digest, longer: Sequence[Extract] | None) -> Entry:
    edit = edits.of(entry.story_id)
    length = edit.length or edits.length
    changes: dict[str, Any] = {"lead_id": entry.lead.id, "note": edit.note}
    if length == "short":
        changes |= {"extract": entry.extract[:1], "figures": ()}
    elif length == "long" and longer:
        # What is new since comes first where a story was told before.
        changes["extract"] = tuple({(x.article.id, x.start): x for x in (*entry.extract, *longer)}.values())
    if edit.section in digest.titles:
        changes["section"] = edit.section
    if edit.headline:
        changes |= {"headline": edit.headline, "headline_gloss": None}
    if edit.summary:
        changes["summary"] = tuple(paragraphs(edit.summary))
    return replace(entry, **changes)


def edits_document(edits: Edits) -> dict[str, Any]:
    """The edits as JSON carries them."""
    entries = {
        str(story): {k: v for k, v in asdict(edit).items() if v not in (None, False)} for story, edit in edits.entries.items()
    }
    return {"order": list(edits.order), "entries": entries, "length": edits.length, "introduction": edits.introduction}


def read_edits(document: Any) -> Edits:
    """Edits from JSON, whoever wrote it.

    Raises:
        FilterError: not of the form of `edits_document`, or longer than anybody writes.
    """
    if not isinstance(document, dict) or set(document) - {"order", "entries", "length", "introduction"}:
        raise FilterError("Edits are an object with order, entries, length and introduction.")
    order, entries = document.get("order", []), document.get("entries", {})
    if not isinstance(order, list) or not isinstance(entries, dict) or max(len(order), len(entries)) > _MOST_ENTRIES:
        raise FilterError(f"order is a list and entries an object, of at most {_MOST_ENTRIES:,} stories.")
    length = document.get("length", "normal")
    if length not in LENGTHS:
        raise FilterError(f"length must be one of {', '.join(LENGTHS)}.")
    read = {_story(story): _entry_edit(values) for story, values in entries.items()}
    return Edits(
        tuple(dict.fromkeys(_story(story) for story in order)),
        {story: edit for story, edit in read.items() if edit != _UNCHANGED},
        length,
        _text("introduction", document.get("introduction"), LONGEST_TEXT),
    )


def _entry_edit(values: Any) -> EntryEdit:
    if not isinstance(values, dict) or set(values) - set(EntryEdit.__dataclass_fields__):
        raise FilterError(f"An entry's edits are {', '.join(EntryEdit.__dataclass_fields__)}.")
    length, section, into = values.get("length"), values.get("section"), values.get("merged_into")
    if length is not None and length not in LENGTHS:
        raise FilterError(f"length must be one of {', '.join(LENGTHS)}.")
    if section is not None and (not isinstance(section, str) or len(section) > 100):
        raise FilterError("section must be a section's id.")
    texts = {name: _text(name, values.get(name), most) for name, most in _TEXTS.items()}
    return EntryEdit(
        dropped=values.get("dropped") is True,
        pinned=values.get("pinned") is True,
        merged_into=None if into is None else _story(into),
        section=section,
        length=length,
        **texts,
    )


def _text(name: str, value: Any, most: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise FilterError(f"{name} must be a text of at most {most:,} characters.")
    clean = "".join(c for c in value.replace("\r\n", "\n") if c == "\n" or (c.isprintable() and not "\ud800" <= c <= "\udfff"))
    if name == "headline":
        clean = " ".join(clean.split())
    return clean.strip() or None


def _story(value: Any) -> int:
    """Raises FilterError: no id of a story."""
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) < 1:
        raise FilterError(f"{text[:30]!r} is no story.")
    return int(text)
