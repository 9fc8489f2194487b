"""Forms that change something: read within bounds, and only where a page of this server sent them."""

from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from index.errors import FilterError

MOST_BYTES = 8_000_000
_MOST_FIELDS = 40_000


def from_own_page(request: Request) -> bool:
    """Whether the request was sent by a page of this server, by what browsers say of it and pages cannot forge.

    ``Sec-Fetch-Site`` where the browser sends it, else ``Origin``, which must be this host. A request that says neither is
    refused: every browser sends one of them with a form.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() != ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of those of one name the last.

    Raises:
        FilterError: no form, or larger than any of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise FilterError("This is no form.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise FilterError(f"The form is larger than {MOST_BYTES:,} bytes.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS, encoding="utf-8"
        )
    except ValueError:
        raise FilterError("The form cannot be read.") from None
    return dict(pairs)
