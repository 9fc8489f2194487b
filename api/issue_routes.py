"""Published issues of the digest over the API: the archive. Its feed is among `api.feed_routes`."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from index.knowledge_base import KnowledgeBase
from index.text.times import iso

router = APIRouter(prefix="/api/v1", tags=["v1"])


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
