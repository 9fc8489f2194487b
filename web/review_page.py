"""What a person may put right from a browser: doubtful names, names that the catalogue lacks, wrong claims; and undoing it."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from index.knowledge.corrections import NO_ENTITY, ON_ARTICLES
from index.knowledge.curation import described
from index.knowledge_base import KnowledgeBase
from index.store.decisions import Decision
from index.store.inbox import judgements
from web.forms import read_form
from web.rendering import pages_of

DOUBTS, PROPOSALS, DECISIONS = 25, 10, 20

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as a line: what it says, and whether it can be taken back here (those on the catalogue cannot)."""

    number: int
    made: datetime
    words: str
    claim: bool
    here: bool


@router.get("/review")
def review(request: Request) -> Response:
    pages = pages_of(request)
    kb = pages.kb
    wanted = request.query_params.get("entity", "").strip()
    entity = kb.resolve_entity(wanted) if wanted else None
    return pages.render(
        request,
        "review.html",
        entity=entity,
        waiting=kb.curation.waiting,
        doubts=kb.curation.review(DOUBTS, entity=entity),
        proposals=[] if entity else kb.curation.proposals(PROPOSALS),
        decisions=_decisions(kb),
        left=judgements(kb.store),
        done=request.query_params.get("done"),
    )


@router.post("/review")
async def decide(request: Request) -> Response:
    form = await read_form(request)
    pages = pages_of(request)
    done = await run_in_threadpool(pages.decide, {key: values[0] for key, values in form.items()})
    return RedirectResponse(f"/review?done={'yes' if done else 'later'}#decisions", 303)


def _decisions(kb: KnowledgeBase) -> list[Decided]:
    """The newest of both kinds first."""
    name_of = kb.reading.catalogue.name_of
    on_entities = [
        Decided(each.id, each.made, described(each, name_of), False, each.kind in (*ON_ARTICLES, NO_ENTITY))
        for each in kb.curation.decided()
    ]
    on_claims = [Decided(each.id, each.made, _quoted(each), True, True) for each in kb.ledger.corrections()]
    return sorted(on_entities + on_claims, key=lambda each: (each.made, each.number), reverse=True)[:DECISIONS]


def _quoted(decision: Decision) -> str:
    return str(decision.detail.get("quote") or decision.subject)
