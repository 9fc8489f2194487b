"""Pages of the ledger: what is claimed of an entity, what contradicts, what was promised, what happened when."""

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from index.errors import FilterError
from index.knowledge.claims.claim import STATUSES
from index.knowledge.ledger.asking import read_claim_filter
from index.knowledge_base import KnowledgeBase
from index.store.claims import ClaimFilter
from web.pages import Pages, ledger_words

router = APIRouter(include_in_schema=False)

PAGE = 100


@router.get("/entities/{name}/claims")
def claims(request: Request, name: str) -> Response:
    pages: Pages = request.state.pages
    kb = pages.kb
    entity = kb.reading.catalogue.by_id[kb.resolve_entity(name)]
    attribute, status = _chosen(request, "attribute"), _chosen(request, "status")
    every = kb.ledger.claims(entity.id)
    wanted = _filter(kb, attribute, status)
    found = kb.ledger.claims(entity.id, wanted) if attribute or status else every
    first = _first(request)
    conflicts, _ = kb.ledger.conflicts(entity.id, wanted)
    return pages.render(
        "claims.html",
        query="",
        entity=entity,
        found=found,
        shown=found[first : first + PAGE],
        first=first,
        following=first + PAGE if first + PAGE < len(found) else None,
        articles=len({claim.article_id for entry in found for claim in entry.claims}),
        origins=len({origin for entry in found for origin in entry.origins}),
        conflicts=conflicts if not first else [],
        attributes=Counter(entry.attribute for entry in every).most_common(),
        statuses=[each for each in STATUSES if any(claim.status == each for entry in every for claim in entry.claims)],
        attribute=attribute,
        status=status,
        **ledger_words(kb),
    )


@router.get("/entities/{name}/timeline")
def timeline(request: Request, name: str) -> Response:
    pages: Pages = request.state.pages
    kb = pages.kb
    entity = kb.reading.catalogue.by_id[kb.resolve_entity(name)]
    moments = kb.ledger.timeline(entity.id)
    first = _first(request)
    latest = list(reversed(moments))
    return pages.render(
        "timeline.html",
        query="",
        entity=entity,
        total=len(moments),
        moments=latest[first : first + PAGE],
        following=first + PAGE if first + PAGE < len(moments) else None,
        roadmap=kb.ledger.roadmap(entity.id) if not first else [],
        **ledger_words(kb),
    )


def _chosen(request: Request, name: str) -> str:
    return request.query_params.get(name, "").strip()[:60]


def _filter(kb: KnowledgeBase, attribute: str, status: str) -> ClaimFilter:
    given: dict[str, Any] = {"attribute": [attribute] if attribute else (), "status": [status] if status else ()}
    return read_claim_filter(kb.ledger.attributes(), **given)


def _first(request: Request) -> int:
    given = request.query_params.get("from", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 8):
        raise FilterError(f"from is {given[:20]!r}; it must be a number.")
    return int(given)
