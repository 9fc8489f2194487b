"""What can be followed: any search, an entity, a source, the digests; each as Atom, RSS or JSON Feed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.archive_routes import Many, filters_of
from api.clock import utc_now
from api.feeds import MEDIA_TYPES, Feed, FeedEntry, write_feed
from index.digest.render import html_page
from index.digest.wording import dates, summary_line
from index.errors import FilterError
from index.knowledge_base import KnowledgeBase
from index.retrieval.search import SearchRequest
from index.store.articles import StoredArticle
from index.text.address import is_web_address
from index.text.sentences import sentences

router = APIRouter(prefix="/api/v1/feeds", tags=["feeds"])

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SUMMARY = 400
_CACHING = "private, max-age=300"
_DIGESTS = 12
Count = Annotated[int, Query(ge=1, le=100, description="How many entries, 1 to 100.")]


@router.get("/{form}/search", summary="A search as a feed, the newest first")
def search_feed(
    request: Request,
    form: str,
    q: str = Query(description="As of search.", examples=["microsoft custom chip"]),
    lang: Many = None,
    entity: Many = None,
    source: Many = None,
    k: Count = 30,
) -> Response:
    kb = _kb(request, form)
    filters = filters_of(kb, lang, entity, source, None, None)
    found = kb.search(SearchRequest(q, k, filters, "none", "date"), utc_now())
    asked = [("q", q), *(("lang", each) for each in filters.lang), *(("entity", each) for each in filters.entity)]
    asked += [("source", each) for each in filters.source]
    articles = [hit.article for hit in found.hits]
    name = urlencode(asked)
    return _answer(request, form, f"search:{name}", f"Chipwire: {q}", f"/search?{name}", _entries(request, kb, articles))


@router.get("/{form}/entities/{name}", summary="The latest articles that mention an entity, as a feed")
def entity_feed(request: Request, form: str, name: str, k: Count = 30) -> Response:
    kb = _kb(request, form)
    view = kb.entity(name, k)
    title = " ".join(dict.fromkeys(part for part in (view.entity.name, view.entity.zh) if part))
    link = f"/entities/{quote(view.entity.id, safe='')}"
    return _answer(request, form, f"entity:{view.entity.id}", f"Chipwire: {title}", link, _entries(request, kb, view.latest))


@router.get("/{form}/sources/{source:path}", summary="The latest articles of a source, as a feed")
def source_feed(request: Request, form: str, source: str, k: Count = 30) -> Response:
    kb = _kb(request, form)
    view = kb.source(source)
    articles = kb.latest(k, source=source)
    link = f"/sources/{quote(source)}"
    return _answer(request, form, f"source:{source}", f"Chipwire: {view.record.name}", link, _entries(request, kb, articles))


@router.get("/{form}/digests", summary="The weekly digests of weeks that are over, as a feed")
def digest_feed(request: Request, form: str) -> Response:
    kb = _kb(request, form)
    entries = []
    for week, _ in kb.weeks()[: _DIGESTS + 1]:
        issue = kb.digest(week)
        if issue.until > utc_now():
            continue  # it still grows
        entries.append(
            FeedEntry(
                id=_tag(kb, f"digest:{week}"),
                title=f"AI chips, week {week}: {dates(issue)}",
                updated=issue.until,
                published=issue.until,
                link=f"{_base(request)}/digests/{week}",
                summary=" · ".join([summary_line(issue), *(entry.headline for entry in issue.entries[:5])]),
                author="Chipwire",
                html=_body(html_page(issue)),
            )
        )
    return _answer(request, form, "digests", "Chipwire: the weekly digest", "/digests", entries[:_DIGESTS])


def _kb(request: Request, form: str) -> KnowledgeBase:
    """Raises FilterError: no such form."""
    if form not in MEDIA_TYPES:
        raise FilterError(f"A feed is {', '.join(MEDIA_TYPES)}; {form[:20]!r} is none of them.")
    kb: KnowledgeBase = request.state.kb
    return kb


def _answer(request: Request, form: str, name: str, title: str, link: str, entries: Sequence[FeedEntry]) -> Response:
    base = _base(request)
    feed = Feed(
        id=_tag(request.state.kb, quote(name, safe=":")),
        title=title,
        link=base + link,
        own_link=_own_link(request, base),
        # The time of what is in it, not of the asking: an unchanged feed stays the same to the byte.
        updated=max((entry.updated for entry in entries), default=_EPOCH),
        entries=entries,
    )
    headers = {"Cache-Control": _CACHING}
    return Response(write_feed(feed, form), media_type=f"{MEDIA_TYPES[form]}; charset=utf-8", headers=headers)


def _own_link(request: Request, base: str) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return base + quote(request.url.path, safe="/:@!$&'()*+,;=~") + query


def _entries(request: Request, kb: KnowledgeBase, articles: Sequence[StoredArticle]) -> list[FeedEntry]:
    base, gloss = _base(request), kb.reading.glosser.gloss
    names: dict[str, str] = {}
    return [_entry(kb, each, base, gloss, names) for each in articles]


def _entry(
    kb: KnowledgeBase, article: StoredArticle, base: str, gloss: Callable[[str], str], names: dict[str, str]
) -> FeedEntry:
    """Ids go by the article's number in this data folder, so that a corrected headline or address is no new entry."""
    own_page = f"{base}/articles/{article.id}"
    name = names.setdefault(article.source, kb.source_name(article.source))
    opening = _opening(article.text)
    if article.lang == "zh":
        opening = f"{opening} [{gloss(article.title)}]".strip()
    modified = article.modified if article.modified and article.modified <= utc_now() + timedelta(days=1) else None
    return FeedEntry(
        id=_tag(kb, f"article:{article.id}"),
        title=article.title or own_page,
        updated=max(article.time, modified or article.time),
        published=article.time,
        link=article.url if is_web_address(article.url) else own_page,
        summary=opening,
        author=article.author or name,
        categories=(name,),
        lang={"en": "en", "zh": "zh"}.get(article.lang),
    )


def _opening(text: str) -> str:
    """The first sentences, as many as fit."""
    spans = [span for span in sentences(text[: 2 * _SUMMARY]) if span.end <= _SUMMARY]
    return (text[: spans[-1].end] if spans else text[:_SUMMARY]).replace("\n", " ")


def _body(page: str) -> str:
    """What stands in a page's main part; nothing of the text in it can look like a tag."""
    return page.partition("<main>")[2].partition("</main>")[0].strip()


def _tag(kb: KnowledgeBase, name: str) -> str:
    return f"tag:chipwire,2026:{kb.store.database_id}:{name}"


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
