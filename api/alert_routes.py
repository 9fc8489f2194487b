"""Saved searches in the JSON API: saving and removing them, their alerts as JSON and as a feed, where these went."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from api.alert_documents import alerts_document, deliveries_document, saved_search_document, saved_searches_document
from api.alerting import put_test
from api.clock import utc_now
from api.feeds import MEDIA_TYPES, Feed, FeedEntry, write_feed
from api.webhooks import refusal
from index.alerts.desk import Wanted
from index.alerts.documents import why_line
from index.errors import BodyError, FilterError
from index.knowledge_base import KnowledgeBase
from index.store.searches import SavedSearch, StoredAlert
from index.text.address import is_web_address

router = APIRouter(prefix="/api/v1/searches", tags=["saved searches"])
feeds = APIRouter(prefix="/api/v1/feeds", tags=["feeds"])

MAX_BODY = 100_000
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_TEXTS, _LISTS = ("name", "query", "webhook", "mail_every"), ("mail",)


def _kb(request: Request) -> KnowledgeBase:
    kb: KnowledgeBase = request.state.kb
    return kb


@router.get("", summary="The saved searches, by name")
def searches(request: Request) -> JSONResponse:
    return JSONResponse(saved_searches_document(_kb(request).searches.all()))


@router.post("", summary="Save a search: articles that are indexed from now on are matched with it", status_code=201)
async def save(request: Request) -> JSONResponse:
    wanted = read_wanted(await _body(request), owner_of(request))
    kb = _kb(request)
    made = await run_in_threadpool(kb.searches.add, wanted, utc_now(), lambda url: refusal(url, kb.settings.loopback_ports))
    headers = {"Location": f"/api/v1/searches/{made.id}"}
    return JSONResponse(saved_search_document(made, secret=True), 201, headers)


@router.get("/{search_id}", summary="A saved search")
def search(request: Request, search_id: int) -> JSONResponse:
    return JSONResponse(saved_search_document(_kb(request).searches.by_id(search_id)))


@router.delete("/{search_id}", summary="Remove a saved search, its alerts, and what waits to be delivered", status_code=204)
def remove(request: Request, search_id: int) -> Response:
    desk = _kb(request).searches
    desk.remove(desk.by_id(search_id).name)
    return Response(status_code=204)


@router.get("/{search_id}/alerts", summary="The alerts of a saved search, newest first, each with why it matched")
def alerts(request: Request, search_id: int, k: int = 50, before: int | None = None) -> JSONResponse:
    desk = _kb(request).searches
    found = desk.by_id(search_id)
    return JSONResponse(alerts_document(found, desk.alerts(found.id, k, before), k))


@router.get("/{search_id}/deliveries", summary="Where alerts of a saved search went, with every attempt")
def deliveries(request: Request, search_id: int, k: int = 50) -> JSONResponse:
    desk = _kb(request).searches
    return JSONResponse(deliveries_document(desk.deliveries(desk.by_id(search_id).id, k)))


@router.post("/{search_id}/test", summary="Send a test to everywhere that alerts of a saved search go", status_code=202)
def send_test(request: Request, search_id: int) -> JSONResponse:
    kb = _kb(request)
    return JSONResponse({"keys": put_test(kb, kb.searches.by_id(search_id), utc_now())}, 202)


def read_wanted(document: Any, owner: str = "") -> Wanted:
    """A search to save from the JSON that was sent.

    Raises:
        BodyError: it is not of the form.
    """
    if not isinstance(document, dict):
        raise BodyError("The body is no JSON object.", hint='Send {"name": "…", "query": "…"}.')
    known = {*_TEXTS, *_LISTS, "filters", "new_claims"}
    unknown = sorted(str(key) for key in set(document) - known)
    if unknown:
        raise BodyError(f"{unknown[0][:50]!r} is no part of a saved search.", hint=f"There are {', '.join(sorted(known))}.")
    for key in ("name", "query"):
        if not isinstance(document.get(key), str):
            raise BodyError(f"{key} is missing, or no text.")
    for key in ("webhook", "mail_every"):
        if not isinstance(document.get(key), str | None):
            raise BodyError(f"{key} is no text.")
    if not isinstance(document.get("new_claims", False), bool):
        raise BodyError("new_claims is neither true nor false.")
    filters = {} if document.get("filters") is None else document["filters"]
    if not isinstance(filters, dict):
        raise BodyError("filters is no JSON object.")
    return Wanted(
        name=_clean(document["name"]),
        query=document["query"],
        filters={_clean(str(key)): _texts("filters", value) for key, value in filters.items()},
        new_claims=document.get("new_claims", False),
        webhook=document.get("webhook"),
        mail=_texts("mail", document.get("mail") or ()),
        mail_every=_clean(document.get("mail_every") or "once"),
        owner=owner,
    )


def owner_of(request: Request) -> str:
    """Who asks, where that is known: the name of their access key or account."""
    identity = getattr(request.state, "identity", None)
    return str(getattr(identity, "name", ""))


@feeds.get("/{form}/searches/{search_id}", summary="The alerts of a saved search as a feed")
def feed(request: Request, form: str, search_id: int, k: int = 50) -> Response:
    if form not in MEDIA_TYPES:
        raise FilterError(f"A feed is {', '.join(MEDIA_TYPES)}; {form[:20]!r} is none of them.")
    kb = _kb(request)
    found = kb.searches.by_id(search_id)
    document = write_feed(alert_feed(kb, found, kb.searches.alerts(found.id, k), str(request.base_url).rstrip("/"), form), form)
    return Response(
        document, media_type=f"{MEDIA_TYPES[form]}; charset=utf-8", headers={"Cache-Control": "private, max-age=60"}
    )


def alert_feed(kb: KnowledgeBase, search: SavedSearch, alerts: list[StoredAlert], base: str, form: str) -> Feed:
    """Ids go by the alert's number in this data folder; an unchanged feed stays the same to the byte."""
    name = f"tag:chipwire,2026:{kb.store.database_id}"
    entries = [
        FeedEntry(
            id=f"{name}:alert:{alert.id}",
            title=alert.body["title"] or alert.body["url"],
            updated=alert.made,
            published=alert.made,
            link=_link(alert, base),
            summary=f"{alert.body['snippet']} [{why_line(alert.body)}]",
            author=alert.body["source_name"],
            categories=(alert.body["source_name"],),
            lang={"en": "en", "zh": "zh"}.get(alert.body["lang"]),
        )
        for alert in alerts
    ]
    return Feed(
        id=f"{name}:saved-search:{search.id}",
        title=f"Chipwire: {search.name}",
        link=f"{base}/searches/{search.id}",
        own_link=f"{base}/api/v1/feeds/{form}/searches/{search.id}",
        updated=max((alert.made for alert in alerts), default=max(search.created, _EPOCH)),
        entries=entries,
    )


def _link(alert: StoredAlert, base: str) -> str:
    url = str(alert.body["url"])
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]") if is_web_address(url) else f"{base}/articles/{alert.article_id}"


def _texts(name: str, value: object) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise BodyError(f"{name} has something that is neither a text nor a list of texts.")
    return [_clean(each) for each in values]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # JSON can carry lone surrogates, which the store cannot


async def _body(request: Request) -> Any:
    """Raises BodyError: too long, not JSON, or not said to be JSON (what another site's form cannot say)."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise BodyError("The body must be application/json.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise BodyError(f"The body is longer than {MAX_BODY:,} bytes.")
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BodyError("The body is not valid JSON in UTF-8.") from None


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
