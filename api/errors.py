"""One table from errors to HTTP status and to exit code, and one of problem documents (RFC 9457)."""

from index.errors import (
    ChipwireError,
    EncoderError,
    ExtractionError,
    IndexUnavailable,
    KeyUsed,
    NotFound,
    SchemaTooNew,
    StoreError,
    StoreFull,
    UnreachableError,
    UsageError,
    WriterBusy,
)

FAILED, WRONG_USAGE = 1, 2

_TABLE: tuple[tuple[type[ChipwireError], int, int], ...] = (
    # error, HTTP status, exit code; the first match counts
    (KeyUsed, 422, WRONG_USAGE),
    (UsageError, 400, WRONG_USAGE),
    (NotFound, 404, FAILED),
    (ExtractionError, 422, FAILED),
    (WriterBusy, 503, FAILED),
    (StoreFull, 507, FAILED),
    (SchemaTooNew, 500, FAILED),
    (StoreError, 500, FAILED),
    (IndexUnavailable, 503, FAILED),
    (EncoderError, 503, FAILED),
    (UnreachableError, 502, FAILED),
    (ChipwireError, 500, FAILED),
)


def http_status(error: ChipwireError) -> int:
    """The status that an error answers with."""
    return next(status for kind, status, _ in _TABLE if isinstance(error, kind))


def exit_code(error: ChipwireError) -> int:
    """The code that a command ends with."""
    return next(code for kind, _, code in _TABLE if isinstance(error, kind))


PROBLEMS: dict[str, tuple[str, str]] = {
    # code: title, and what to do where the case itself says nothing better. The codes are stable.
    "parameter": ("A parameter cannot be read", "Compare the request with the description of the operation."),
    "usage": ("The request is wrong", "Compare the request with the description of the operation."),
    "query": ("The query cannot be searched", "Write a few words in English or Chinese."),
    "filter": ("A parameter has a value that is not known", "Use one of the values that the detail names."),
    "settings": ("A setting cannot be used", "Correct the setting and start again."),
    "body": ("The body cannot be read", "Send what the description of the operation shows."),
    "body-too-large": ("The body is too large", "Send it in smaller parts."),
    "media-type": ("The body has the wrong media type", "Send application/json or application/x-ndjson."),
    "idempotency": ("The idempotency key was used for another body", "Use a new key for each batch."),
    "not-found": ("There is no such thing", "Look for it with a search."),
    "http": ("There is no such page or method", "The operations are listed under /docs."),
    "host": ("The server does not answer for this host", "Use its own name; CHIPWIRE_ALLOWED_HOSTS adds names."),
    "origin": ("Another site's page may not do this", "Send the request from a program, or from the server's own pages."),
    "key": ("An access key is needed", "Send Authorization: Bearer with a key of chipwire keys create."),
    "scope": ("The key may not do this", "Use a key with a wider scope."),
    "rate": ("Too many requests", "Wait for as long as Retry-After says."),
    "busy": ("The server is busy", "Come again after as long as Retry-After says."),
    "loading": ("The server is starting", "Come again after as long as Retry-After says."),
    "store": ("The store refused", "See the server's log, and chipwire status."),
    "writer-busy": ("Another process is writing", "Come again after as long as Retry-After says."),
    "schema-too-new": ("The data folder was written by a newer Chipwire", "Upgrade Chipwire."),
    "disk-full": ("The disk is full", "Free some space."),
    "store-corrupt": ("The store is damaged", "Restore it from a backup."),
    "index-unavailable": ("There is no index to search", "Run chipwire refresh."),
    "encoder": ("The embedding model cannot be used", "Search with mode=lexical, or see chipwire status."),
    "extraction": ("No article could be read", "Send text, or the page's HTML."),
    "catalogue": ("A catalogue breaks its schema", "Correct the file that the detail names."),
    "unreachable": ("An address cannot be reached", "Try again later."),
    "listen": ("The server cannot listen there", "Choose another port."),
    "internal": ("Something went wrong here", "Try again; the server's log has more under the request's id."),
    "error": ("The request failed", "See the detail."),
}
"""What each code of a problem document means."""


def problem(status: int, code: str, detail: str, hint: str | None = None) -> dict[str, object]:
    """A problem document (RFC 9457): ``code`` and ``title`` are stable, ``detail`` tells this case, ``hint`` what to do.

    Text that JSON in UTF-8 cannot carry (lone surrogates of a request) is replaced.
    """
    title, usual_hint = PROBLEMS[code]
    document: dict[str, object] = {"type": f"/docs#{code}", "title": title, "status": status, "code": code}
    document.update(detail=_sound(detail), hint=_sound(hint or usual_hint))
    return document


def problem_of(error: ChipwireError) -> dict[str, object]:
    return problem(http_status(error), error.code, error.message, error.hint)


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
