"""Articles in and out: adding batches, what becomes of them, exporting any search, earlier states."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.adding import MAX_BYTES, Adder, records_of
from api.answers import problem_answer
from api.clock import utc_now
from api.documents import edit_document
from api.errors import problem
from api.exporting import FORMATS, comma_separated, json_lines
from api.jobs import Jobs
from api.wire import EditDocument, RevisionDocument, Revisions
from index.errors import BodyError, FilterError, NotFound
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import Filters, read_filters
from index.retrieval.search import SearchRequest
from index.store.revisions import revisions_of
from index.text.times import iso

router = APIRouter(prefix="/api/v1", tags=["v1"])

Many = Annotated[list[str] | None, Query(max_length=50)]
_LARGEST_ID = 2**63 - 1
_MAX_KEY = 200


@router.post("/articles", summary="Add articles, as chipwire import reads them from JSON lines")
async def add_articles(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(max_length=_MAX_KEY, description="Sent again with the same body, a batch is not done again.")
    ] = None,
) -> Response:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/x-ndjson"):
        return problem_answer(problem(415, "media-type", f"The body is of type {kind[:50]!r}."))
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BYTES:
            return problem_answer(problem(413, "body-too-large", f"A batch has {MAX_BYTES // 1_000_000} MB at most."))
    if idempotency_key is not None and not (idempotency_key.strip() and idempotency_key.isprintable()):
        raise BodyError(f"An idempotency key has 1 to {_MAX_KEY} printable characters.")
    adder: Adder = request.state.adder
    client: str = request.state.identity.name
    content = bytes(body)
    records = await run_in_threadpool(records_of, content, lines=kind == "application/x-ndjson")
    answer, again = await run_in_threadpool(adder.add, records, client, idempotency_key, content)
    status = 202 if answer["waiting"] else 200
    return JSONResponse(answer, status, headers={"Idempotency-Replayed": "true"} if again else None)


@router.get("/jobs/{job}", summary="Work that goes on behind an answer")
def job(request: Request, job: str) -> JSONResponse:
    jobs: Jobs = request.state.jobs
    return JSONResponse(jobs.job(job), headers={"Cache-Control": "no-store"})


@router.get("/export", summary="Every article that answers a search, as JSON lines or CSV")
def export(
    request: Request,
    q: str = Query(description="As of search.", examples=["microsoft custom chip"]),
    format: str = Query("jsonl", description="jsonl or csv"),
    text: bool = Query(False, description="With the articles' text."),
    lang: Many = None,
    entity: Many = None,
    source: Many = None,
    after: str | None = None,
    before: str | None = None,
    as_of: str | None = None,
    sort: str = Query("relevance", description="relevance or date"),
    mode: str = Query("hybrid", description="hybrid or lexical"),
) -> Response:
    kb: KnowledgeBase = request.state.kb
    if format not in FORMATS:
        raise FilterError(f"format is {format[:20]!r}; it must be one of {', '.join(FORMATS)}.")
    filters = filters_of(kb, lang, entity, source, after, before, as_of)
    ids = kb.matching(SearchRequest(q, filters=filters, group="none", sort=sort, mode=mode), utc_now())
    write = json_lines if format == "jsonl" else comma_separated
    headers = {"Content-Disposition": f'attachment; filename="chipwire.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(write(kb, ids, text=text), media_type=FORMATS[format], headers=headers)


@router.get("/articles/{article_id}/revisions", summary="Every state of an article that was seen, and its edits")
def revisions(request: Request, article_id: int) -> JSONResponse:
    if not 0 < article_id <= _LARGEST_ID:
        raise NotFound(f"There is no article {str(article_id)[:30]}.")
    kb: KnowledgeBase = request.state.kb
    view = kb.article(article_id)
    states = [
        RevisionDocument(title=each.title, text=each.text, until=iso(each.replaced))
        for each in revisions_of(kb.store, article_id)
    ]
    states.append(RevisionDocument(title=view.article.title, text=view.article.text, until=None))
    edits: list[EditDocument] = [edit_document(edit) for edit in view.edits]  # type: ignore[misc]  # a test holds its shape
    return JSONResponse(Revisions(article_id=article_id, revisions=states, edits=edits))


def filters_of(
    kb: KnowledgeBase,
    lang: list[str] | None,
    entity: list[str] | None,
    source: list[str] | None,
    after: str | None,
    before: str | None,
    as_of: str | None = None,
) -> Filters:
    """Filters as search reads them. Raises FilterError, NotFound."""
    return read_filters(
        lang=lang or (),
        entity=[kb.resolve_entity(name) for value in entity or () for name in value.split(",") if name.strip()],
        source=source or (),
        after=after,
        before=before,
        as_of=as_of,
        zone=kb.settings.zone,
        now=utc_now(),
    )
