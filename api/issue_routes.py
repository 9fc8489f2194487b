"""Published issues of the digest over the API: the archive and its feed."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.atom import AtomEntry, atom_feed
from index.knowledge_base import KnowledgeBase
from index.text.times import iso

router = APIRouter(prefix="/api/v1", tags=["v1"])

_NOTHING_YET = datetime(2020, 1, 1, tzinfo=UTC)
_LATEST = 50


@router.get("/issues", summary="The issues that were published, the latest week first")
def archive(request: Request) -> JSONResponse:
    kb: KnowledgeBase = request.state.kb
    found = [
        {
            "week": each.week,
            "version": each.number,
            "published": iso(each.made),
            "title": each.title,
            "summary": each.summary,
            "correction": each.note or None,
            "url": f"/digests/{each.week}",
        }
        for each in kb.issues.archive()
    ]
    return JSONResponse({"issues": found})


@router.get("/issues.atom", summary="The issues that were published, as an Atom feed")
def feed(request: Request) -> Response:
    """An entry is a week; a correction updates it."""
    kb: KnowledgeBase = request.state.kb
    base = str(request.base_url).rstrip("/")
    tag = f"tag:chipwire,2026:{kb.store.database_id}"
    latest = sorted(kb.issues.archive(), key=lambda each: each.made, reverse=True)[:_LATEST]
    entries = [
        AtomEntry(
            id=f"{tag}:issue:{each.week}",
            title=each.title,
            updated=each.made,
            link=f"{base}/digests/{each.week}",
            summary=f"{each.note} {each.summary}".strip(),
        )
        for each in latest
    ]
    document = atom_feed(
        id=f"{tag}:issues",
        title="Chipwire: published issues",
        link=f"{base}/digests",
        own_link=f"{base}/api/v1/issues.atom",
        updated=max((each.made for each in latest), default=_NOTHING_YET),
        entries=entries,
    )
    return Response(document, media_type="application/atom+xml; charset=utf-8")
