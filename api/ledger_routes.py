"""The ledger in the JSON API: claims, timelines, what follows from them, and the ledger as a file."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from api.claim_documents import (
    MAX_ENTRIES,
    claims_document,
    compare_document,
    ledger_lines,
    relations_document,
    reliability_document,
    rumours_document,
    timeline_document,
)
from api.clock import utc_now
from index.errors import FilterError
from index.knowledge.ledger.asking import read_claim_filter
from index.knowledge_base import KnowledgeBase
from index.store.claims import ClaimFilter

router = APIRouter(prefix="/api/v1", tags=["ledger"])

Many = Annotated[list[str] | None, Query(max_length=50)]
EntityName = Annotated[str, Query(description="An entity's id, or any of its names in either language.", max_length=200)]
Day = Annotated[str | None, Query(description="A day, month or ISO week of the report.", max_length=40)]
Alone = Annotated[bool, Query(description="Of a company only its own claims, not those of its products.")]
MAX_IN_CELL = 50
_MAX_CURSOR = 10_000_000


def _kb(request: Request) -> KnowledgeBase:
    kb: KnowledgeBase = request.state.kb
    return kb


def _wanted(
    kb: KnowledgeBase, attribute: Many, status: Many, lang: Many, source: Many, after: str | None, before: str | None
) -> ClaimFilter:
    return read_claim_filter(
        kb.ledger.attributes(),
        attribute=attribute or (),
        status=status or (),
        lang=lang or (),
        source=source or (),
        after=after,
        before=before,
        zone=kb.settings.zone,
        now=utc_now(),
    )


@router.get("/claims", summary="What is claimed of an entity, with sentences and sources; contradictions side by side")
def claims(
    request: Request,
    entity: EntityName,
    attribute: Many = None,
    status: Many = None,
    lang: Many = None,
    source: Many = None,
    after: Day = None,
    before: Day = None,
    alone: Alone = False,
    k: int = Query(100, description="How many entries, 1 to 1000."),
    cursor: str | None = Query(None, max_length=20),
) -> JSONResponse:
    kb = _kb(request)
    _check(k)
    first = _cursor(cursor)
    wanted = _wanted(kb, attribute, status, lang, source, after, before)
    key = kb.resolve_entity(entity)
    found = kb.ledger.claims(key, wanted, alone=alone)
    contradictions = kb.ledger.conflicts(key, wanted, alone=alone)
    catalogue = kb.reading.catalogue
    return JSONResponse(claims_document(catalogue.by_id[key], found, contradictions, catalogue.name_of, k, first))


@router.get("/timeline", summary="What happened to an entity by the day of the event, and its roadmap")
def timeline(
    request: Request,
    entity: EntityName,
    attribute: Many = None,
    status: Many = None,
    lang: Many = None,
    source: Many = None,
    after: Day = None,
    before: Day = None,
    alone: Alone = False,
    k: int = Query(200, description="How many of the last moments, 1 to 1000."),
) -> JSONResponse:
    kb = _kb(request)
    _check(k)
    wanted = _wanted(kb, attribute, status, lang, source, after, before)
    key = kb.resolve_entity(entity)
    moments = kb.ledger.timeline(key, wanted, alone=alone)
    promised = kb.ledger.roadmap(key, wanted, alone=alone)
    catalogue = kb.reading.catalogue
    return JSONResponse(timeline_document(catalogue.by_id[key], moments, promised, catalogue.name_of, k))


@router.get("/claims/export", summary="Single claims as CSV or JSON Lines, of one entity or of all")
def export(
    request: Request,
    entity: str | None = Query(None, max_length=200),
    attribute: Many = None,
    status: Many = None,
    lang: Many = None,
    source: Many = None,
    after: Day = None,
    before: Day = None,
    format: str = Query("csv", description="csv or jsonl"),
) -> StreamingResponse:
    kb = _kb(request)
    wanted = _wanted(kb, attribute, status, lang, source, after, before)
    found = kb.ledger.written(kb.resolve_entity(entity) if entity else None, wanted)
    lines = ledger_lines(found, format, kb.reading.catalogue.name_of)
    kind = "text/csv; charset=utf-8; header=present" if format == "csv" else "application/x-ndjson; charset=utf-8"
    return StreamingResponse(lines, media_type=kind, headers={"Content-Disposition": f'attachment; filename="claims.{format}"'})


@router.get("/compare", summary="Two to four entities side by side, every cell with its sentences and sources")
def compare(
    request: Request,
    entity: Annotated[list[str], Query(max_length=50, description="Ids or names; several, or one with commas.")],
    attribute: Many = None,
    status: Many = None,
    lang: Many = None,
    source: Many = None,
    after: Day = None,
    before: Day = None,
    k: int = Query(5, description="How many entries a cell shows, 1 to 50."),
) -> JSONResponse:
    kb = _kb(request)
    _check(k, MAX_IN_CELL)
    wanted = _wanted(kb, attribute, status, lang, source, after, before)
    catalogue = kb.reading.catalogue
    names = [name for value in entity for name in value.split(",") if name.strip()]
    keys = list(dict.fromkeys(kb.resolve_entity(name.strip()) for name in names))
    rows = kb.ledger.compare(keys, wanted)
    entities = [catalogue.by_id[key] for key in keys]
    return JSONResponse(compare_document(entities, rows, kb.ledger.attributes(), catalogue.name_of, k))


@router.get("/attributes", summary="What can be claimed: ids with their names in both languages")
def attributes(request: Request) -> JSONResponse:
    names = _kb(request).ledger.attributes()
    return JSONResponse({"attributes": [{"id": key, "name": name, "zh": zh} for key, (name, zh) in names.items()]})


@router.get("/rumours", summary="What was reported before the company said anything, and what became of it")
def rumours(request: Request, entity: EntityName) -> JSONResponse:
    kb = _kb(request)
    found = kb.ledger.rumours(kb.resolve_entity(entity), utc_now().date())
    return JSONResponse(rumours_document(found, kb.reading.catalogue.name_of))


@router.get("/relations", summary="How an entity stands to others: who makes, packages, buys, rents out, invests, competes")
def relations(request: Request, entity: EntityName) -> JSONResponse:
    kb = _kb(request)
    return JSONResponse(relations_document(kb.ledger.relations(kb.resolve_entity(entity)), kb.reading.catalogue.name_of))


@router.get("/reliability", summary="What became of the rumours of each origin")
def reliability(request: Request) -> JSONResponse:
    return JSONResponse(reliability_document(_kb(request).ledger.reliability(utc_now().date())))


def _check(k: int, most: int = MAX_ENTRIES) -> None:
    if not 1 <= k <= most:
        raise FilterError(f"k is {str(k)[:30]}; it must be from 1 to {most}.")


def _cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) > _MAX_CURSOR:
        raise FilterError(f"cursor is {cursor!r}; give one that an answer gave.")
    return int(cursor)
