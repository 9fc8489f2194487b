"""Pages of the ledger: what is claimed of an entity, what contradicts, what was promised, what happened when."""

from collections import Counter
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from index.errors import FilterError
from index.knowledge.claims.claim import STATUSES
from index.knowledge.ledger.asking import read_claim_filter
from index.knowledge.ledger.wording import condition_words, days_words, origin_words, status_words, value_words
from index.knowledge_base import KnowledgeBase
from index.store.claims import ClaimFilter
from web.rendering import language_of, pages_of

router = APIRouter(include_in_schema=False)

PAGE = 100


@router.get("/entities/{name}/claims")
def claims(request: Request, name: str) -> Response:
    pages = pages_of(request)
    kb = pages.kb
    entity = kb.reading.catalogue.by_id[kb.resolve_entity(name)]
    attribute, status = _chosen(request, "attribute"), _chosen(request, "status")
    every = kb.ledger.claims(entity.id)
    wanted = _filter(kb, attribute, status)
    found = kb.ledger.claims(entity.id, wanted) if attribute or status else every
    first = _first(request)
    conflicts, _ = kb.ledger.conflicts(entity.id, wanted)
    return pages.render(
        request,
        "claims.html",
        data=f"/api/v1/claims?entity={entity.id}",
        table=f"/api/v1/claims/export?entity={entity.id}",
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
        words=words_of(request, kb),
    )


@router.get("/entities/{name}/timeline")
def timeline(request: Request, name: str) -> Response:
    pages = pages_of(request)
    kb = pages.kb
    entity = kb.reading.catalogue.by_id[kb.resolve_entity(name)]
    moments = kb.ledger.timeline(entity.id)
    first = _first(request)
    latest = list(reversed(moments))
    return pages.render(
        request,
        "timeline.html",
        data=f"/api/v1/timeline?entity={entity.id}",
        entity=entity,
        total=len(moments),
        moments=latest[first : first + PAGE],
        following=first + PAGE if first + PAGE < len(moments) else None,
        roadmap=kb.ledger.roadmap(entity.id) if not first else [],
        words=words_of(request, kb),
    )


def words_of(request: Request, kb: KnowledgeBase) -> dict[str, Any]:
    """What templates need to say claims in words; names of attributes are in the reader's language."""
    name_of = kb.reading.catalogue.name_of
    names = kb.ledger.attributes()
    place = 1 if language_of(request).code == "zh" else 0
    return {
        "attribute_name": lambda key: names[key][place] if key in names else key,
        "value_words": lambda claim: value_words(claim, name_of),
        "condition_words": lambda claim: condition_words(claim, name_of),
        "status_words": lambda claim: status_words(claim, name_of),
        "origin_words": lambda origin: origin_words(origin, name_of),
        "days_words": days_words,
        "entity_name": name_of,
        "source_name": cache(kb.source_name),
    }


def place_of(kb: KnowledgeBase, article_id: int, claim: str) -> tuple[int, int] | None:
    """Where the sentence of the claim with that number stands in the article's text; None where it has no such claim."""
    if not (claim.isascii() and claim.isdigit() and len(claim) < 18):
        return None
    found = next((each for each in kb.ledger.article(article_id) if each.id == int(claim)), None)
    return (found.start, found.end) if found is not None and found.field == "text" else None


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
