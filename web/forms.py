"""Forms that change something: only our own pages may send them, and what they send is bounded."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from index.errors import UsageError

MAX_BODY = 100_000
MAX_FIELDS = 200


def check_own_page(request: Request) -> None:
    """Refuse what a page of another site sends: browsers say where a request comes from, tools do not.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        own = urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    else:
        own = request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    if not own:
        raise HTTPException(403, "A page of another site may change nothing here.")


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that one of our own pages sent, without empty ones.

    Raises:
        HTTPException: as `check_own_page`. UsageError: it is no form, or too long.
    """
    check_own_page(request)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise UsageError("That is not a form.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise UsageError("The form is too long.")
    try:
        pairs = parse_qsl(body.decode("ascii"), encoding="utf-8", errors="replace", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise UsageError("The form cannot be read.") from None
    fields: dict[str, list[str]] = {}
    for key, value in pairs:
        if value.strip():
            fields.setdefault(key, []).append(value.strip())
    return fields
