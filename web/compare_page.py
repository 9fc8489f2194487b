"""Two to four entities side by side, from the ledger: each cell with its value, who says so, and the sentence."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from index.knowledge.ledger.compare import FEWEST, MOST
from web.ledger import words_of
from web.rendering import pages_of

router = APIRouter(include_in_schema=False)
_IN_CELL = 3


@router.get("/compare")
def compare(request: Request) -> Response:
    """What is compared stands in the address: ``entity``, each an id or a name; without any, the form alone."""
    pages = pages_of(request)
    kb = pages.kb
    names = [name.strip() for value in request.query_params.getlist("entity") for name in value.split(",") if name.strip()]
    keys = list(dict.fromkeys(kb.resolve_entity(name[:200]) for name in names[: MOST + 1]))
    enough = len(keys) >= FEWEST
    return pages.render(
        request,
        "compare.html",
        data=f"/api/v1/compare?{urlencode([('entity', key) for key in keys])}" if enough else None,
        entities=[kb.reading.catalogue.by_id[key] for key in keys],
        rows=kb.ledger.compare(keys) if enough else [],
        enough=enough,
        fields=[keys[n] if n < len(keys) else "" for n in range(MOST)],
        without={key: "/compare?" + urlencode([("entity", other) for other in keys if other != key]) for key in keys},
        in_cell=_IN_CELL,
        words=words_of(request, kb),
    )
