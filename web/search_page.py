"""The page of a search: results with their stories, facets with counts, a histogram that narrows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from index.errors import ChipwireError, NotFound
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import read_filters
from index.retrieval.histogram import Histogram
from index.retrieval.search import SearchRequest, SearchResult
from index.store.articles import StoredArticle
from web.addresses import SEARCH_PARAMETERS, api_query, month_end, search_feed, search_href, search_table
from web.charts import BarChart, Column, bar_chart
from web.languages import Language
from web.rendering import language_of, pages_of

PAGE_SIZE = 10
FACETS = (
    ("lang", "Language", 4),
    ("source", "Source", 10),
    ("company", "Company", 10),
    ("chip", "Chip", 10),
    ("month", "Month", 12),
)
SAVED = ("lang", "entity", "source", "month", "after", "before")
"""The parameters that stay with a search when it is saved."""
_FIELD = {"company": "entity", "chip": "entity"}
"""The parameter that a facet sets, where it is not of the facet's name."""

router = APIRouter(include_in_schema=False)


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


@router.get("/search")
def search(request: Request) -> Response:
    pages = pages_of(request)
    params = read_params(request)
    query = " ".join(params.get("q", [""])[0].split())
    if not query:
        return RedirectResponse("/", 303)
    kb = pages.kb
    language = language_of(request)
    result: SearchResult | None = None
    trouble: ChipwireError | None = None
    try:
        month = _one(params, "month")
        filters = read_filters(
            lang=params.get("lang", []),
            entity=[kb.resolve_entity(name) for name in params.get("entity", [])],
            source=params.get("source", []),
            after=month or _one(params, "after"),
            before=(month_end(month) if month else None) or _one(params, "before"),
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
        request,
        "search.html",
        query=query,
        params=params,
        result=result,
        trouble=trouble,
        facets=_facets(kb, language, params, result) if result else [],
        chart=time_chart(language, params, result.histogram) if result else None,
        chosen=_chosen(kb, language, params),
        hidden=[(key, value) for key, values in params.items() if key not in ("q", "cursor") for value in values],
        # Who asks in Chinese, or reads Chinese here, needs no English.
        glosses={}
        if result is None or result.query.lang == "zh" or language.code == "zh"
        else glosses(kb, [hit.article for hit in result.hits]),
        api=api_query(params),
        feed=search_feed(params) if trouble is None else None,
        table=search_table(params) if trouble is None else None,
        mails=bool(kb.settings.smtp_host),
        saved=[(key, value) for key, values in params.items() if key in SAVED for value in values],
    )
    if trouble is not None:
        page.status_code = 404 if isinstance(trouble, NotFound) else 400 if trouble.code in ("query", "filter") else 503
    return page


def read_params(request: Request) -> dict[str, list[str]]:
    """What a search's address says, of the parameters that there are."""
    params: dict[str, list[str]] = {}
    for key, value in request.query_params.multi_items():
        if key in SEARCH_PARAMETERS and value.strip():
            params.setdefault(key, []).append(value.strip())
    return params


def _one(params: Mapping[str, Sequence[str]], key: str) -> str | None:
    return next(iter(params.get(key, ())), None)


def _facets(kb: KnowledgeBase, language: Language, params: Mapping[str, Sequence[str]], result: SearchResult) -> list[Facet]:
    facets: list[Facet] = []
    for key, title, limit in FACETS:
        field = _FIELD.get(key, key)
        counts = result.facets.get(key, {})
        chosen = [value for value in params.get(field, ()) if field == key or _is_of(kb, value, key)]
        if key == "month":
            counts = dict(sorted(counts.items(), reverse=True))
        names = [*chosen, *(value for value in counts if value not in chosen)][: max(limit, len(chosen))]
        values = []
        for name in names:
            others = list(params.get(field, ()))
            changed = (
                [each for each in others if each != name] if name in chosen else [name] if key == "month" else [*others, name]
            )
            href = search_href(params, **{field: changed})
            values.append(FacetValue(_label(kb, language, field, name), counts.get(name), href, name in chosen))
        if len(values) > 1 or chosen:
            facets.append(Facet(title, tuple(values)))
    return facets


def _is_of(kb: KnowledgeBase, entity: str, facet: str) -> bool:
    """Whether a chosen entity is shown under ``company``: organisations are; everything else is under ``chip``."""
    found = kb.reading.catalogue.by_id.get(entity)
    organisation = found is not None and found.kind in ("company", "organisation")
    return organisation == (facet == "company")


def _chosen(kb: KnowledgeBase, language: Language, params: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """What narrows the search, as words, each with the address without it."""
    found = []
    for key in ("lang", "source", "entity", "month", "after", "before", "as_of"):
        for value in params.get(key, ()):
            rest = [each for each in params[key] if each != value]
            label = _label(kb, language, key, value)
            if key in ("after", "before", "as_of"):
                label = language.say({"after": "from {day}", "before": "before {day}", "as_of": "as of {day}"}[key], day=label)
            found.append((label, search_href(params, **{key: rest})))
    return found


def _label(kb: KnowledgeBase, language: Language, key: str, value: str) -> str:
    if key == "lang":
        return language.article_language(value)
    if key == "source":
        return kb.source_name(value)
    if key == "month" and month_end(value):
        try:
            return language.month(datetime(int(value[:4]), int(value[5:]), 1, tzinfo=UTC))
        except ValueError:
            return value
    return kb.reading.catalogue.name_of(value) if key == "entity" and value in kb.reading.catalogue.by_id else value


def time_chart(language: Language, params: Mapping[str, Sequence[str]], counted: Histogram) -> BarChart | None:
    """`counted` as bars that lead to the search of `params` in their time; None where there is only one interval."""
    if len(counted.starts) < 2:
        return None
    starts = [date.fromisoformat(start) for start in counted.starts]
    columns = []
    for number, (start, count) in enumerate(zip(starts, counted.counts, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else _next(start, counted.interval)
        moment = datetime(start.year, start.month, start.day, tzinfo=UTC)
        label = language.month(moment) if counted.interval == "month" else language.date(moment)
        if counted.interval == "week":
            label = language.say("week of {day}", day=label)
        href = search_href(params, month=[], after=[start.isoformat()], before=[end.isoformat()]) if count else None
        tick = language.short_date(moment) if (starts[-1] - starts[0]).days < 180 else language.month(moment)
        columns.append(Column(label, count, href, tick))
    return bar_chart(columns)


def _next(start: date, interval: str) -> date:
    if interval == "month":
        return date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return start + timedelta(days=7 if interval == "week" else 1)


def glosses(kb: KnowledgeBase, articles: Sequence[StoredArticle]) -> dict[int, str]:
    """Rough English for the Chinese headlines among `articles`, by id."""
    gloss = kb.reading.glosser.for_reader
    return {article.id: gloss(article.title) for article in articles if article.lang == "zh"}
