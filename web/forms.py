"""Forms that change something: read within bounds, and only where a page of this server sent them."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.exceptions import HTTPException

from index.errors import UsageError

MOST_BYTES = 100_000
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form as sent, in order."""

    pairs: tuple[tuple[str, str], ...]

    @property
    def last(self) -> dict[str, str]:
        """Every field with its value, empty ones too; of those of one name the last."""
        return dict(self.pairs)

    @property
    def filled(self) -> dict[str, list[str]]:
        """The values of each field, stripped, without those that nothing was typed into."""
        fields: dict[str, list[str]] = {}
        for key, value in self.pairs:
            if value.strip():
                fields.setdefault(key, []).append(value.strip())
        return fields


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


async def read_form(request: Request, *, most_bytes: int = MOST_BYTES, most_fields: int = MOST_FIELDS) -> Form:
    """The form that one of our own pages sent.

    Raises:
        HTTPException: 403, another page sent it. UsageError: it is no form, or larger than any of ours.
    """
    if not from_own_page(request):
        raise HTTPException(403, "This form was not sent by a page of this server: open the page and try again.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise UsageError("This is no form.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise UsageError(f"The form is larger than {most_bytes:,} bytes.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=most_fields, encoding="utf-8"
        )
    except ValueError:
        raise UsageError("The form cannot be read.") from None
    return Form(tuple(pairs))
