"""One table from errors to HTTP status and to exit code, and problem documents (RFC 9457)."""

from index.errors import (
    ChipwireError,
    EncoderError,
    ExtractionError,
    IndexUnavailable,
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


def problem(status: int, code: str, title: str, hint: str | None = None) -> dict[str, object]:
    """A problem document: ``type`` is relative to the API, ``code`` is stable, ``detail`` says what to do."""
    document: dict[str, object] = {"type": f"/docs#{code}", "title": title, "status": status, "code": code}
    if hint:
        document["detail"] = hint
    return document


def problem_of(error: ChipwireError) -> dict[str, object]:
    return problem(http_status(error), error.code, error.message, error.hint)
