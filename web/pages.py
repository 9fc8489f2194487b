"""The pages beside the search. Each handler calls one method of the `KnowledgeBase` and renders one template."""

from collections import Counter
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from index.errors import NotFound
from index.views import SourceView
from web.addresses import api_query
from web.article_text import paragraphs
from web.charts import Column, bar_chart
from web.citation import citations
from web.compare_page import router as compare_router
from web.editing import router as editing_router
from web.issues import router as issues_router
from web.languages import COOKIE, NAMES
from web.ledger import place_of, words_of
from web.rendering import language_of, pages_of
from web.search_page import glosses, read_params, time_chart
from web.search_page import router as search_router
from web.static_files import router as static_router
from web.story_page import router as story_router

STANDINGS = ("blocked", "broken", "dead", "late", "moved", "ok", "disabled", "imported")
"""How a source stands, what needs somebody's attention first; the first six are the states of its health."""
_CLAIMS, _MOST_TIES = 12, 14

router = APIRouter(include_in_schema=False)


_JSON = {
    "/index": "/api/v1/stories",
    "/sources": "/api/v1/sources",
    "/entities": "/api/v1/entities",
    "/status": "/api/v1/status",
    "/searches": "/api/v1/searches",
    "/review": "/api/v1/entities/review",
}


@router.get("/{path:path}.json")
def as_data(request: Request, path: str) -> Response:
    """Every page has its JSON: the same address with ``.json`` leads to it."""
    page = f"/{path}"
    if page == "/search":
        query = api_query(read_params(request))
        return RedirectResponse(f"/api/v1/search?{query}", 307)
    first = page.split("/")[1]
    if page == "/index":
        weeks = pages_of(request).kb.weeks()
        return RedirectResponse(f"/api/v1/stories?week={weeks[0][0]}" if weeks else "/api/v1/status", 307)
    if page in _JSON:
        return RedirectResponse(_JSON[page], 307)
    if first == "searches" and page.count("/") == 2:
        return RedirectResponse(f"/api/v1{quote(page)}/alerts", 307)
    if first in ("articles", "entities", "digests", "stories") and page.count("/") == 2:
        return RedirectResponse(f"/api/v1{quote(page)}", 307)
    raise NotFound("There is no such page.")


@router.get("/")
def today(request: Request) -> Response:
    pages = pages_of(request)
    language = language_of(request)
    days = pages.kb.recent_days(28)
    stories = pages.kb.latest_stories(24)
    leads = [story.lead.article for story in stories]
    chart = bar_chart([Column(language.date(day), count, None, language.short_date(day)) for day, count in days], ticks=4)
    return pages.render(
        request,
        "today.html",
        stories=stories,
        glosses=glosses(pages.kb, leads) if language.code == "en" else {},
        weeks=pages.kb.weeks()[:12],
        status=pages.kb.status(),
        chart=chart if len(days) > 1 else None,
        moved=pages.kb.movers(8),
    )


@router.get("/articles/{article_id}")
def article(request: Request, article_id: int) -> Response:
    pages = pages_of(request)
    view = pages.kb.article(article_id)
    glosser = pages.kb.reading.glosser
    english = "english" in request.query_params
    said = place_of(pages.kb, article_id, request.query_params.get("said", ""))
    return pages.render(
        request,
        "article.html",
        view=view,
        paragraphs=paragraphs(view, glosser, english=english, said=said),
        title_gloss=glosser.for_reader(view.article.title) if view.article.lang == "zh" else None,
        english=english,
        similar=pages.kb.similar(article_id, 5),
        claims=pages.kb.ledger.article(article_id),
        words=words_of(request, pages.kb),
        citations=citations(view.article, pages.kb.source_name(view.article.source)),
    )


@router.get("/entities")
def entities(request: Request) -> Response:
    pages = pages_of(request)
    pairs = pages.kb.entities()
    everything = "all" in request.query_params
    kinds: dict[str, list[Any]] = {}
    for entity, count in pairs:
        if count or everything:
            kinds.setdefault(entity.kind, []).append((entity, count))
    named = sum(count > 0 for _, count in pairs)
    return pages.render(request, "entities.html", kinds=kinds, named=named, total=len(pairs), everything=everything)


@router.get("/entities/{name}")
def entity(request: Request, name: str) -> Response:
    pages = pages_of(request)
    view = pages.kb.entity(name, 40)
    id_ = view.entity.id
    claims, number = pages.kb.ledger.latest(id_, _CLAIMS)
    params = {"q": [view.entity.name], "entity": [id_], "sort": ["date"]}
    return pages.render(
        request,
        "entity.html",
        view=view,
        claims=claims,
        claimed=number,
        ties=pages.kb.ledger.relations(id_)[:_MOST_TIES],
        chart=time_chart(language_of(request), params, pages.kb.mentions_over_time(id_)),
        feed=f"/api/v1/feeds/atom/entities/{quote(id_, safe='')}",
        words=words_of(request, pages.kb),
    )


@router.get("/sources")
def sources(request: Request) -> Response:
    pages = pages_of(request)
    status = pages.kb.status()
    counts = Counter(_standing(view) for view in status.sources)
    state = request.query_params.get("health", "")
    shown = [view for view in status.sources if not state or _standing(view) == state]
    shown.sort(key=lambda view: STANDINGS.index(_standing(view)))
    states = [(name, counts[name]) for name in STANDINGS if counts[name]]
    return pages.render(request, "sources.html", status=status, shown=shown, states=states, state=state, standing=_standing)


@router.get("/sources/{source:path}")
def source(request: Request, source: str) -> Response:
    pages = pages_of(request)
    view = pages.kb.source(source)
    left_out = pages.kb.left_out(source, 100) if view.left_out else []
    changes = pages.kb.health_changes(20, source)
    feed, standing = f"/api/v1/feeds/atom/sources/{quote(source, safe='')}", _standing(view)
    return pages.render(request, "source.html", view=view, left_out=left_out, changes=changes, standing=standing, feed=feed)


def _standing(view: SourceView) -> str:
    """One of `STANDINGS`."""
    return "disabled" if view.disabled else view.record.health or "imported"


@router.get("/docs")
def docs(request: Request) -> Response:
    """The API's own description, from the OpenAPI document that the app makes of itself."""
    document = request.app.openapi()
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    problems = document.get("x-problems", {})
    return pages_of(request).render(request, "docs.html", document=document, operations=operations, problems=problems)


@router.get("/status")
def status(request: Request) -> Response:
    pages = pages_of(request)
    return pages.render(request, "status.html", status=pages.kb.status())


@router.get("/language/{code}")
def choose_language(request: Request, code: str, to: str = "/") -> Response:
    """Remember the reader's language, and go back to where they were."""
    if code not in NAMES:
        raise NotFound(f"There is no interface in {code[:20]!r}.")
    parts = urlsplit(to)
    # Only to pages of this server: //elsewhere.example and backslashes are addresses of others.
    safe = not parts.scheme and not parts.netloc and to.startswith("/") and not to.startswith("//") and "\\" not in to
    answer = RedirectResponse(to if safe and to.isprintable() else "/", 303)
    answer.set_cookie(COOKIE, code, max_age=365 * 86_400, path="/", httponly=True, samesite="lax")
    return answer


router.include_router(search_router)
router.include_router(issues_router)
router.include_router(editing_router)
router.include_router(story_router)
router.include_router(compare_router)
router.include_router(static_router)
