"""The pages of saved searches: all of them, one with its alerts and deliveries, saving and removing."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from index.alerts.desk import Wanted
from index.store.searches import FILTERS, SavedSearch
from web.addresses import month_end, search_href
from web.forms import read_form
from web.rendering import language_of, pages_of

SHOWN = 50
STATES = ("waiting", "taken", "sending", "done", "failed", "doubtful")

router = APIRouter(include_in_schema=False)


@router.get("/searches")
def saved_searches(request: Request) -> Response:
    pages = pages_of(request)
    return pages.render(request, "searches.html", searches=pages.kb.searches.all(), href=_href)


@router.post("/searches")
async def save(request: Request) -> Response:
    form = (await read_form(request)).filled
    pages = pages_of(request)

    def add() -> SavedSearch:
        kb = pages.kb
        filters = {key: form[key] for key in FILTERS if key in form}
        month = next(iter(form.get("month", ())), None)
        end = month_end(month) if month else None
        if month and end:
            filters |= {"after": [month], "before": [end]}
        for key in ("entity", "about"):
            if key in filters:
                filters[key] = [kb.resolve_entity(name) for name in filters[key]]
        query = form.get("q", [""])[0]
        wanted = Wanted(
            name=form.get("name", [query])[0],
            query=query,
            filters=filters,
            new_claims="new_claims" in form,
            mail=form.get("mail", [""])[0].replace(",", " ").split(),
            mail_every=form.get("mail_every", ["once"])[0],
            owner=str(getattr(getattr(request.state, "identity", None), "name", "")),
        )
        return kb.searches.add(wanted, pages.clock(), lambda url: "no webhooks here")

    made = await run_in_threadpool(add)
    return RedirectResponse(f"/searches/{made.id}", 303)


@router.get("/searches/{search_id}")
def saved_search(request: Request, search_id: int, before: int | None = None) -> Response:
    pages = pages_of(request)
    desk = pages.kb.searches
    found = desk.by_id(search_id)
    alerts = desk.alerts(found.id, SHOWN, before)
    names, chinese = pages.kb.ledger.attributes(), language_of(request).code == "zh"

    def attribute(key: str) -> str:
        name, zh = names.get(key, (key, key))
        return zh if chinese else name

    return pages.render(
        request,
        "saved_search.html",
        search=found,
        alerts=alerts,
        older=alerts[-1].id if len(alerts) == SHOWN else None,
        deliveries=desk.deliveries(found.id, 20),
        href=_href,
        attribute=attribute,
    )


@router.post("/searches/{search_id}/remove")
async def remove(request: Request, search_id: int) -> Response:
    await read_form(request)
    desk = pages_of(request).kb.searches
    await run_in_threadpool(lambda: desk.remove(desk.by_id(search_id).name))
    return RedirectResponse("/searches", 303)


def _href(search: SavedSearch) -> str:
    """The address of the search itself."""
    return search_href({"q": [search.query], **{key: list(values) for key, values in search.filters.items()}})
