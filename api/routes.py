"""The JSON API under ``/api/v1``: each route calls one method of the `KnowledgeBase`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from api.clock import utc_now
from api.documents import (
    article_document,
    entities_document,
    entity_document,
    search_document,
    similar_document,
    status_document,
    stories_document,
    story_view_document,
)
from api.entity_documents import corrections_document, proposals_document, review_document
from api.process import process_memory
from api.source_documents import health_feed, left_out_document, source_document
from index.digest.render import FORMATS, render
from index.errors import FilterError, NotFound
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import read_filters
from index.retrieval.search import SearchRequest
from index.store.inbox import judgements

router = APIRouter(prefix="/api/v1", tags=["v1"])

Many = Annotated[list[str] | None, Query(max_length=50)]
_MEDIA_TYPES = {
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "eml": "message/rfc822",
}
_MAX_ID = 2**63 - 1


def _kb(request: Request) -> KnowledgeBase:
    kb: KnowledgeBase = request.state.kb
    return kb


@router.get("/search", summary="Search the articles, in either language")
def search(
    request: Request,
    q: str = Query(
        description='Words in English or Chinese, "phrases", -word, OR, and fields: title: company: chip: entity: source: '
        "lang: after: before: date:",
        examples=["microsoft custom chip"],
    ),
    k: int = Query(10, description="How many results, 1 to 100."),
    lang: Many = None,
    entity: Many = None,
    source: Many = None,
    about: Annotated[list[str] | None, Query(max_length=50, description="Only articles that are about this entity.")] = None,
    after: str | None = Query(None, description="From this day, month or ISO week on.", examples=["2023-W46"]),
    before: str | None = Query(None, description="Before this day, month or ISO week."),
    as_of: str | None = Query(None, description="As if it were this day."),
    group: str = Query("story", description="story or none"),
    sort: str = Query("relevance", description="relevance or date"),
    mode: str = Query("hybrid", description="hybrid or lexical"),
    cursor: str | None = Query(None, max_length=200),
    explain: bool = Query(False, description="Say why each result is there."),
    gloss: bool = Query(False, description="Add a rough English title to Chinese results."),
) -> JSONResponse:
    kb = _kb(request)
    entities = [kb.resolve_entity(name) for value in entity or () for name in value.split(",") if name.strip()]
    subjects = [kb.resolve_entity(name) for value in about or () for name in value.split(",") if name.strip()]
    filters = read_filters(
        lang=lang or (),
        entity=entities,
        about=subjects,
        source=source or (),
        after=after,
        before=before,
        as_of=as_of,
        zone=kb.settings.zone,
        now=utc_now(),
    )
    result = kb.search(SearchRequest(q, k, filters, group, sort, mode, cursor), utc_now())
    return JSONResponse(search_document(result, explain=explain, gloss=kb.reading.glosser.for_reader if gloss else None))


@router.get("/articles/{article_id}", summary="One article with its mentions, story and revisions")
def article(request: Request, article_id: int) -> JSONResponse:
    return JSONResponse(article_document(_kb(request).article(_id(article_id))))


@router.get("/articles/{article_id}/similar", summary="Articles like one")
@router.get("/similar/{article_id}", include_in_schema=False)
def similar(request: Request, article_id: int, k: int = 6) -> JSONResponse:
    if not 1 <= k <= 50:
        raise FilterError(f"k is {k}; it must be from 1 to 50.")
    return JSONResponse(similar_document(article_id, _kb(request).similar(_id(article_id), k)))


@router.get("/similar", summary="Articles like one, by id")
def similar_by_id(request: Request, id: int = Query(description="The article's id."), k: int = 6) -> JSONResponse:
    return similar(request, id, k)


@router.get("/entities", summary="The catalogue, most mentioned first")
def entities(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="Only those with a name that contains this.")] = "",
    kind: Annotated[str | None, Query(max_length=20, description="company, organisation, chip, system, …")] = None,
) -> JSONResponse:
    return JSONResponse(entities_document(_kb(request).entities(q, kind=kind)))


@router.get("/entities/review", summary="Ambiguous names that a person should look at")
def review(request: Request, k: int = 20, entity: str | None = None) -> JSONResponse:
    kb = _kb(request)
    found = kb.curation.review(k, entity=kb.resolve_entity(entity) if entity else None)
    return JSONResponse(review_document(found, kb.curation.waiting))


@router.get("/entities/proposals", summary="Names that recur beside known companies and that the catalogue lacks")
def proposals(request: Request, k: int = 20, least: int = 2) -> JSONResponse:
    return JSONResponse(proposals_document(_kb(request).curation.proposals(k, least=least)))


@router.get("/entities/corrections", summary="What people decided about entities")
def corrections(request: Request, undone: bool = False) -> JSONResponse:
    kb = _kb(request)
    made, left = kb.curation.decided(undone=undone), judgements(kb.store)
    return JSONResponse(corrections_document(made, kb.reading.catalogue.name_of, left))


@router.get("/entities/{name}", summary="One entity, by id or any of its names")
def entity(request: Request, name: str) -> JSONResponse:
    return JSONResponse(entity_document(_kb(request).entity(name)))


@router.get("/stories", summary="The stories of an ISO week")
def stories(request: Request, week: str) -> JSONResponse:
    return JSONResponse(stories_document(_kb(request).stories(week)))


@router.get("/stories/{story_id}", summary="One story, with what each article added to it")
def story(request: Request, story_id: int) -> JSONResponse:
    return JSONResponse(story_view_document(_kb(request).story_desk.story(_id(story_id))))


@router.get("/digests", summary="The weeks that have a digest, the latest first")
def digests(request: Request) -> JSONResponse:
    return JSONResponse({"weeks": [{"week": week, "articles": count} for week, count in _kb(request).weeks()]})


@router.get("/digests/{week}", summary="The digest of an ISO week")
def digest(request: Request, week: str, format: str = "json", version: int | None = None, draft: bool = False) -> Response:
    """As it was published, in its newest version or another; as it would be now where it was not, or with ``draft``."""
    desk = _kb(request).issues
    if format not in FORMATS:
        raise FilterError(f"format is {format[:20]!r}; it must be json, md, html or eml.")
    if version is not None or (not draft and desk.published(week)):
        text = desk.document(week, format, version)
    else:
        text = render(desk.draft(week).digest, format)
    # A page carries its own style, for pasting into a mail; nothing else may load or run.
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"} if format == "html" else {}
    if format == "eml":
        headers["Content-Disposition"] = f'attachment; filename="chipwire-{desk.week(week)}.eml"'
    return Response(text, media_type=_MEDIA_TYPES[format], headers=headers)


@router.get("/sources", summary="The sources that were crawled: health, last crawl, what they brought")
def sources(request: Request) -> JSONResponse:
    return JSONResponse({"sources": [source_document(view) for view in _kb(request).sources()]})


@router.get("/sources/health.atom", summary="Changes of the sources' health, as an Atom feed")
def source_health(request: Request) -> Response:
    kb = _kb(request)
    names = {view.record.id: view.record.name for view in kb.sources()}
    address = str(request.base_url).rstrip("/")
    feed = health_feed(kb.health_changes(), names, address, kb.store.database_id, utc_now())
    return Response(feed, media_type="application/atom+xml; charset=utf-8")


@router.get("/sources/{source}/left-out", summary="What the on-topic gate left out of a source, and why")
def source_left_out(request: Request, source: str, k: int = 50) -> JSONResponse:
    return JSONResponse({"left_out": left_out_document(_kb(request).left_out(source[:100], k))})


@router.get("/status", summary="The state of the data folder")
def status(request: Request) -> JSONResponse:
    document: dict[str, Any] = dict(status_document(_kb(request).status()))
    document["memory"] = {**document["memory"], "process": process_memory()}
    document.pop("home")  # a path of the server's is nobody's business
    return JSONResponse(document)


def _id(value: int) -> int:
    if not 0 < value <= _MAX_ID:
        raise NotFound(f"There is no article {str(value)[:30]}.")
    return value
