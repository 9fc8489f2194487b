"""The JSON documents, and the rows of CSV and JSON Lines, that the ledger is given out as."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from index.errors import FilterError
from index.knowledge.claims.filling import ReprocessReport
from index.knowledge.entities import Entity
from index.knowledge.ledger.compare import Row
from index.knowledge.ledger.conflicts import Conflict, ScopeDifference
from index.knowledge.ledger.entries import Entry
from index.knowledge.ledger.network import Tie
from index.knowledge.ledger.reliability import Record
from index.knowledge.ledger.roadmap import Milestone
from index.knowledge.ledger.rumours import Rumour
from index.knowledge.ledger.timeline import Moment
from index.knowledge.ledger.wording import days_words, value_words
from index.store.claims import Days, StoredClaim
from index.store.decisions import Decision
from index.text.times import iso

Document = dict[str, Any]
NameOf = Callable[[str], str]
MAX_ENTRIES = 1000
FORMATS = ("csv", "jsonl")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def claims_document(
    entity: Entity,
    found: Sequence[Entry],
    contradictions: tuple[Sequence[Conflict], Sequence[ScopeDifference]],
    name_of: NameOf,
    k: int,
    first: int = 0,
) -> Document:
    """``{entity, total, articles, origins, claims, conflicts, scope_differences}`` with `k` entries from `first` on."""
    conflicts, differences = contradictions
    claims = [claim for entry in found for claim in entry.claims]
    shown = found[first : first + k]
    return {
        "entity": {"id": entity.id, "kind": entity.kind, "name": entity.name, "zh": entity.zh},
        "total": len(found),
        "articles": len({claim.article_id for claim in claims}),
        "origins": len({origin for entry in found for origin in entry.origins}),
        "claims": [entry_document(entry, name_of) for entry in shown],
        "next_cursor": str(first + k) if first + k < len(found) else None,
        "conflicts": [
            {
                "entity": conflict.entity_id,
                "attribute": conflict.attribute,
                "changed": conflict.changed,
                "sides": [entry_document(side, name_of) for side in conflict.sides],
            }
            for conflict in conflicts
        ],
        "scope_differences": [
            {
                "entity": each.entity_id,
                "attribute": each.attribute,
                "by": each.by,
                "sides": [entry_document(side, name_of) for side in each.sides],
            }
            for each in differences
        ],
    }


def timeline_document(
    entity: Entity, moments: Sequence[Moment], roadmap: Sequence[Milestone], name_of: NameOf, k: int
) -> Document:
    """``{entity, total, timeline: […], roadmap: […]}``: the last `k` moments, oldest first, and each promised milestone."""
    return {
        "entity": {"id": entity.id, "kind": entity.kind, "name": entity.name, "zh": entity.zh},
        "total": len(moments),
        "timeline": [
            {
                "date": moment.first,
                "event": _days(moment.when),
                "reported": moment.reported.isoformat(),
                **entry_document(moment.entry, name_of),
            }
            for moment in moments[-k:]
        ],
        "roadmap": [
            {
                "entity": milestone.entity_id,
                "attribute": milestone.attribute,
                "variant": milestone.variant or None,
                "reached": milestone.reached,
                "slip_days": milestone.slip,
                "promises": [
                    {
                        "when": _days(promise.when),
                        "told": promise.told.isoformat(),
                        "expected": promise.expected,
                        "source": _source(promise.claim),
                    }
                    for promise in milestone.promises
                ],
            }
            for milestone in roadmap
        ],
    }


def compare_document(
    entities: Sequence[Entity], rows: Sequence[Row], names: Mapping[str, tuple[str, str]], name_of: NameOf, k: int
) -> Document:
    """``{entities, rows: [{attribute, name, zh, cells: […]}]}``; a cell has an entity's `k` firmest entries, and says how many
    there are and whether any contradict."""
    return {
        "entities": [{"id": each.id, "kind": each.kind, "name": each.name, "zh": each.zh} for each in entities],
        "rows": [
            {
                "attribute": row.attribute,
                "name": names.get(row.attribute, (row.attribute, ""))[0],
                "zh": names.get(row.attribute, ("", row.attribute))[1],
                "cells": [
                    {
                        "entity": cell.entity_id,
                        "total": len(cell.entries),
                        "entries": [entry_document(entry, name_of) for entry in cell.entries[:k]],
                        "contradicting": [
                            {"changed": each.changed, "claims": [side.lead.id for side in each.sides]}
                            for each in cell.conflicts
                        ],
                    }
                    for cell in row.cells
                ],
            }
            for row in rows
        ],
    }


def entry_document(entry: Entry, name_of: NameOf) -> Document:
    """One entry: the claim that stands for it, with every article that says the same under ``sources``."""
    lead = entry.lead
    return {
        **claim_document(lead, name_of),
        "articles": entry.articles,
        "origins": list(entry.origins),
        "first_reported": iso(entry.first.published or entry.first.first_seen),
        "last_reported": iso(entry.last.published or entry.last.first_seen),
        "sources": [_source(claim) for claim in entry.claims],
    }


def claim_document(claim: StoredClaim, name_of: NameOf) -> Document:
    """One claim of one article, with its sentence and where that stands."""
    return {
        "claim_id": claim.id,
        "key": claim.key,
        "entity": claim.entity_id,
        "attribute": claim.attribute,
        "value": value_words(claim, name_of),
        "written": claim.written,
        "low": claim.low,
        "high": claim.high,
        "unit": claim.unit,
        "value_entity": claim.value_entity,
        "value_text": claim.value_text,
        "when": _days(claim.when),
        "qualifier": claim.qualifier,
        "status": claim.status,
        "expected": claim.expected,
        "cited": list(claim.cited),
        "compared": claim.compared,
        "scope": dict(claim.scope),
        "event": _days(claim.event),
        "corrected": claim.decision_id,
        **_source(claim),
    }


def _source(claim: StoredClaim) -> Document:
    return {
        "quote": claim.quote,
        "article_id": claim.article_id,
        "url": claim.url,
        "title": claim.title,
        "source": claim.source,
        "lang": claim.lang,
        "published": iso(claim.published),
        "first_seen": iso(claim.first_seen),
        "field": claim.field,
        "start": claim.start,
        "end": claim.end,
        "story_id": claim.story_id,
    }


def _days(days: Days | None) -> Document | None:
    return None if days is None else {"first": days[0], "last": days[1], "grain": days[2], "text": days_words(days)}


def rumours_document(found: Sequence[Rumour], name_of: NameOf) -> Document:
    return {
        "total": len(found),
        "rumours": [
            {
                "state": rumour.state,
                "steps": [
                    {
                        "state": step.state,
                        "day": step.day.isoformat(),
                        "source": None if step.claim is None else _source(step.claim),
                    }
                    for step in rumour.steps
                ],
                **entry_document(rumour.entry, name_of),
            }
            for rumour in found
        ],
    }


def relations_document(found: Sequence[Tie], name_of: NameOf) -> Document:
    return {
        "total": len(found),
        "relations": [
            {
                "subject": tie.subject_id,
                "relation": tie.relation,
                "object": tie.object_id,
                "since": tie.since.isoformat(),
                "last": tie.last.isoformat(),
                "ended": None if tie.ended is None else tie.ended.isoformat(),
                "expected": tie.expected,
                "articles": tie.entry.articles,
                "origins": list(tie.entry.origins),
                "sources": [_source(claim) for claim in tie.entry.claims],
            }
            for tie in found
        ],
    }


def reliability_document(records: Sequence[Record]) -> Document:
    return {
        "origins": [
            {
                "origin": record.origin,
                "confirmed": record.confirmed,
                "denied": record.denied,
                "expired": record.expired,
                "open": record.open,
                "first": record.first,
                "right": record.right,
            }
            for record in records
        ]
    }


def decision_document(decision: Decision) -> Document:
    return {
        "id": decision.id,
        "kind": decision.kind,
        "subject": decision.subject,
        "detail": dict(decision.detail),
        "note": decision.note,
        "made": iso(decision.made),
        "undone": iso(decision.undone),
    }


def reprocess_document(reports: Iterable[tuple[str, ReprocessReport]]) -> Document:
    """What reading again changed, by what was read: articles, and what came and went by kind."""
    return {
        name: {
            "read": report.read,
            "changed": report.changed,
            "added": dict(sorted(report.added.items())),
            "removed": dict(sorted(report.removed.items())),
            "examples": [
                {"article_id": number, "title": title, "added": came, "removed": went}
                for number, title, came, went in report.examples
            ],
        }
        for name, report in reports
    }


# -- the ledger as a file

COLUMNS = (
    "claim_id", "entity", "attribute", "value", "written", "low", "high", "unit", "value_entity", "value_text", "when_first",
    "when_last", "qualifier", "status", "expected", "cited", "compared", "scope", "event_first", "event_last", "quote",
    "article_id", "url", "title", "source", "lang", "published", "first_seen", "story_id", "corrected",
)  # fmt: skip


def ledger_lines(claims: Iterable[StoredClaim], format_: str, name_of: NameOf) -> Iterator[str]:
    """The claims as ``csv`` (with a line of names, by RFC 4180) or ``jsonl``, line by line.

    No cell of the CSV begins as a formula would: an apostrophe goes before those that do.

    Raises:
        FilterError: another format.
    """
    if format_ not in FORMATS:
        raise FilterError(f"format is {format_[:20]!r}; it must be {' or '.join(FORMATS)}.")
    return _csv(claims, name_of) if format_ == "csv" else _jsonl(claims, name_of)


def _jsonl(claims: Iterable[StoredClaim], name_of: NameOf) -> Iterator[str]:
    for claim in claims:
        yield json.dumps(claim_document(claim, name_of), ensure_ascii=False) + "\n"


def _csv(claims: Iterable[StoredClaim], name_of: NameOf) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(cells: Sequence[object]) -> str:
        writer.writerow([_cell(each) for each in cells])
        written = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return written

    yield line(COLUMNS)
    for claim in claims:
        document = claim_document(claim, name_of)
        for name, days in (("when", claim.when), ("event", claim.event)):
            document[f"{name}_first"], document[f"{name}_last"] = (days[0], days[1]) if days else (None, None)
        document["cited"] = "; ".join(claim.cited)
        document["scope"] = "; ".join(f"{key}={value}" for key, value in sorted(claim.scope.items()))
        yield line([document[name] for name in COLUMNS])


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value
