"""The pages. Each handler calls one method of the `KnowledgeBase` and renders one template; every state is an address."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from index.digest.render import dates, day, summary_line
from index.errors import ChipwireError, NotFound
from index.knowledge_base import ArticleView, KnowledgeBase, SourceView
from index.retrieval.filters import read_filters
from index.retrieval.search import SearchRequest, SearchResult
from index.retrieval.snippet import Snippet
from index.text.address import host_of, is_web_address
from index.text.diff import abridged
from index.text.sentences import sentences
from index.text.times import iso, span_words, week_name
from index.text.tokens import has_han

FOLDER = Path(__file__).parent
PAGE_SIZE = 10
FACETS = (("lang", "Language", 4), ("source", "Source", 10), ("entity", "Company, chip, topic", 14), ("month", "Month", 12))
LANGUAGE_NAMES = {"en": "English", "zh": "中文", "und": "Other"}
STANDINGS = ("blocked", "broken", "dead", "late", "moved", "ok", "disabled", "imported")
"""How a source stands, what needs somebody's attention first; the first six are the states of its health."""
_CONTENT_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

router = APIRouter(include_in_schema=False)


class Pages:
    """What the handlers need: the knowledge base, the clock, the templates."""

    def __init__(self, kb: KnowledgeBase, clock: Callable[[], datetime]) -> None:
        self.kb = kb
        self.clock = clock

    def render(self, name: str, **values: Any) -> HTMLResponse:
        source_name = cache(self.kb.source_name)
        entity_name = self.kb.reading.catalogue.name_of
        page = _environment().get_template(name).render(source_name=source_name, entity_name=entity_name, **values)
        return HTMLResponse(page)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One line of a facet: ``href`` adds the value to the search, or takes it out where ``chosen``."""

    label: str
    count: int | None
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    title: str
    values: tuple[FacetValue, ...]


def _pages(request: Request) -> Pages:
    pages: Pages = request.state.pages
    return pages


@router.get("/")
def today(request: Request) -> Response:
    pages = _pages(request)
    stories = pages.kb.latest_stories(24)
    weeks = pages.kb.weeks()[:16]
    return pages.render("today.html", stories=stories, weeks=weeks, query="", status=pages.kb.status())


@router.get("/search")
def search(request: Request) -> Response:
    pages = _pages(request)
    params = _params(request)
    query = " ".join(params.get("q", [""])[0].split())
    if not query:
        return today(request)
    kb = pages.kb
    result: SearchResult | None = None
    trouble: ChipwireError | None = None
    try:
        filters = read_filters(
            lang=params.get("lang", []),
            entity=[kb.resolve_entity(name) for name in params.get("entity", [])],
            source=params.get("source", []),
            after=_month_start(params) or _one(params, "after"),
            before=_month_end(params) or _one(params, "before"),
            as_of=_one(params, "as_of"),
            zone=kb.settings.zone,
            now=pages.clock(),
        )
        group, sort = _one(params, "group") or "story", _one(params, "sort") or "relevance"
        cursor = _one(params, "cursor")
        result = kb.search(SearchRequest(query, PAGE_SIZE, filters, group, sort, cursor=cursor), pages.clock())
    except ChipwireError as error:
        trouble = error
    page = pages.render(
        "search.html",
        query=query,
        params=params,
        result=result,
        trouble=trouble,
        facets=_facets(kb, params, result) if result else [],
        hidden=[(key, value) for key, values in params.items() if key not in ("q", "cursor") for value in values],
        glosses=_title_glosses(kb, result) if result else {},
    )
    if trouble is not None:
        page.status_code = 404 if isinstance(trouble, NotFound) else 400 if trouble.code in ("query", "filter") else 503
    return page


@router.get("/articles/{article_id}")
def article(request: Request, article_id: int) -> Response:
    pages = _pages(request)
    view = pages.kb.article(article_id)
    gloss = pages.kb.reading.glosser.gloss(view.article.title) if view.article.lang == "zh" else None
    return pages.render(
        "article.html",
        query="",
        view=view,
        paragraphs=linked_paragraphs(view),
        title_gloss=gloss,
        similar=pages.kb.similar(article_id, 5),
    )


@router.get("/entities")
def entities(request: Request) -> Response:
    pages = _pages(request)
    pairs = pages.kb.entities()
    kinds: dict[str, list[Any]] = {}
    for entity, count in pairs:
        kinds.setdefault(entity.kind, []).append((entity, count))
    return pages.render("entities.html", query="", kinds=kinds, total=len(pairs))


@router.get("/entities/{name}")
def entity(request: Request, name: str) -> Response:
    pages = _pages(request)
    return pages.render("entity.html", query="", view=pages.kb.entity(name, 40))


@router.get("/digests")
def digests(request: Request) -> Response:
    pages = _pages(request)
    return pages.render("digests.html", query="", weeks=pages.kb.weeks())


@router.get("/digests/{week}")
def digest(request: Request, week: str) -> Response:
    pages = _pages(request)
    issue = pages.kb.digest(week)
    weeks = [name for name, _ in pages.kb.weeks()]
    earlier = next((name for name in weeks if name < issue.week), None)
    later = next((name for name in reversed(weeks) if name > issue.week), None)
    return pages.render(
        "digest.html",
        query="",
        digest=issue,
        dates=dates(issue),
        summary=summary_line(issue),
        earlier=earlier,
        later=later,
    )


@router.get("/sources")
def sources(request: Request) -> Response:
    pages = _pages(request)
    status = pages.kb.status()
    counts = Counter(_standing(view) for view in status.sources)
    state = request.query_params.get("health", "")
    shown = [view for view in status.sources if not state or _standing(view) == state]
    shown.sort(key=lambda view: STANDINGS.index(_standing(view)))
    states = [(name, counts[name]) for name in STANDINGS if counts[name]]
    return pages.render("sources.html", query="", status=status, shown=shown, states=states, state=state, standing=_standing)


@router.get("/sources/{source:path}")
def source(request: Request, source: str) -> Response:
    pages = _pages(request)
    view = pages.kb.source(source)
    left_out = pages.kb.left_out(source, 100) if view.left_out else []
    changes = pages.kb.health_changes(20, source)
    return pages.render("source.html", query="", view=view, left_out=left_out, changes=changes, standing=_standing(view))


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
    return _pages(request).render("docs.html", query="", document=document, operations=operations, problems=problems)


@router.get("/static/{name}")
def static(name: str) -> Response:
    files = _static_files()
    if name not in files:
        raise NotFound("There is no such file.")
    body, kind = files[name]
    return Response(body, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@router.get("/favicon.ico")
def favicon() -> Response:
    return static(static_name("icon.svg"))


def error_page(request: Request, status: int, title: str, hint: str | None) -> Response:
    """A page that says what is wrong and what to do."""
    page = _environment().get_template("error.html").render(query="", status=status, title=title, hint=hint)
    return HTMLResponse(page.encode("utf-8", "replace"), status)


def linked_paragraphs(view: ArticleView) -> list[Markup]:
    """The article's text as paragraphs, mentions linked to their entities; everything else escaped."""
    text = view.article.text
    parts: list[str] = []
    position = 0
    for mention in view.mentions:
        if mention.field != "text" or mention.start < position or mention.end > len(text):
            continue
        parts.append(str(Markup.escape(text[position : mention.start])))
        parts.append(
            str(
                Markup('<a class="mention" href="/entities/{}">{}</a>').format(
                    mention.entity_id, text[mention.start : mention.end]
                )
            )
        )
        position = mention.end
    parts.append(str(Markup.escape(text[position:])))
    return [Markup(block) for block in "".join(parts).split("\n\n") if block.strip()]  # escaped above, part by part


def _params(request: Request) -> dict[str, list[str]]:
    known = ("q", "lang", "entity", "source", "month", "after", "before", "as_of", "group", "sort", "cursor")
    params: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        if key in known and value.strip():
            params.setdefault(key, []).append(value.strip())
    return params


def _one(params: Mapping[str, Sequence[str]], key: str) -> str | None:
    return next(iter(params.get(key, ())), None)


def _month_start(params: Mapping[str, Sequence[str]]) -> str | None:
    return _one(params, "month")


def _month_end(params: Mapping[str, Sequence[str]]) -> str | None:
    month = _one(params, "month")
    if month is None or len(month) != 7 or not (month[:4] + month[5:]).isdecimal():
        return None
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def search_href(params: Mapping[str, Sequence[str]], **changes: Sequence[str]) -> str:
    """The address of a search with some parameters replaced; the cursor never survives a change."""
    merged = {key: list(values) for key, values in params.items() if key != "cursor"}
    merged.update({key: list(values) for key, values in changes.items()})
    return "/search?" + urlencode([(key, value) for key, values in merged.items() for value in values])


def _facets(kb: KnowledgeBase, params: Mapping[str, Sequence[str]], result: SearchResult) -> list[Facet]:
    facets: list[Facet] = []
    for key, title, limit in FACETS:
        counts = result.facets.get(key, {})
        chosen = list(params.get(key, ()))
        if key == "month":
            counts = dict(sorted(counts.items(), reverse=True))
        names = [*chosen, *(value for value in counts if value not in chosen)][: max(limit, len(chosen))]
        values = []
        for name in names:
            without = [each for each in chosen if each != name]
            changed = without if name in chosen else [name] if key == "month" else [*chosen, name]
            href = search_href(params, **{key: changed})
            values.append(FacetValue(_facet_label(kb, key, name), counts.get(name), href, name in chosen))
        if len(values) > 1 or chosen:
            facets.append(Facet(title, tuple(values)))
    return facets


def _facet_label(kb: KnowledgeBase, key: str, value: str) -> str:
    if key == "lang":
        return LANGUAGE_NAMES.get(value, value)
    if key == "source":
        return kb.source_name(value)
    return kb.reading.catalogue.name_of(value) if key == "entity" else value


def _title_glosses(kb: KnowledgeBase, result: SearchResult) -> dict[int, str]:
    if result.query.lang == "zh":
        return {}  # who asks in Chinese reads Chinese
    gloss = kb.reading.glosser.gloss
    return {hit.article.id: gloss(hit.article.title) for hit in result.hits if hit.article.lang == "zh"}


def static_name(name: str) -> str:
    """The name under which a static file is served: it carries a hash, so that browsers may keep it for good."""
    return _static_names()[name]


@cache
def _static_names() -> dict[str, str]:
    names = {}
    for path in sorted((FOLDER / "static").iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        names[path.name] = f"{path.stem}.{digest}{path.suffix}"
    return names


@cache
def _static_files() -> dict[str, tuple[bytes, str]]:
    return {
        served: ((FOLDER / "static" / name).read_bytes(), _CONTENT_TYPES[Path(name).suffix])
        for name, served in _static_names().items()
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        marked=_marked,
        opening=_opening,
        day=day,
        date=_date,
        minute=lambda moment: f"{moment:%Y-%m-%d %H:%M}",
        span=span_words,
        iso=iso,
        host=host_of,
        abridged=lambda pieces: abridged(list(pieces)),
        language=lambda code: LANGUAGE_NAMES.get(code, code),
    )
    environment.globals.update(static=static_name, is_web_address=is_web_address, search_href=search_href, week_of=week_name)
    return environment


def _marked(snippet: Snippet) -> Markup:
    return Markup(snippet.marked())  # Snippet escapes the text around its marks


def _opening(text: str) -> str:
    """The first sentence or two of a text, for lists."""
    room = 120 if has_han(text[:200]) else 220
    spans = sentences(text[:1000])
    end = next((span.end for span in reversed(spans[:2]) if span.end <= room), 0) or (spans[0].end if spans else 0)
    opening = text[:end].replace("\n", " ")
    return opening if len(opening) <= room * 2 else opening[: room * 2].rstrip() + "…"


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
