"""Answers that say what is wrong: problem documents for programs, pages for people."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.errors import http_status, problem, problem_of
from index.errors import ChipwireError
from web.rendering import error_page

_MACHINE_PATHS = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/mcp")
_RETRY_SECONDS = "5"


def problem_answer(document: Mapping[str, object], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem document as a response; 503 says when to come again."""
    status = int(str(document["status"]))
    usual = {"Retry-After": _RETRY_SECONDS} if status == 503 else {}
    usual["Cache-Control"] = "no-store"
    return JSONResponse(dict(document), status, {**usual, **(headers or {})}, "application/problem+json")


def add_error_answers(app: FastAPI) -> None:
    """Every error of a handler becomes one clear answer."""
    app.add_exception_handler(ChipwireError, _chipwire_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _chipwire_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ChipwireError)
    if _wants_page(request):
        return error_page(request, http_status(error), error.message, error.hint)
    return problem_answer(problem_of(error))


async def _validation_error(request: Request, error: Exception) -> Response:
    """A parameter that cannot be read. Never echoes the value: it may be what JSON cannot carry."""
    assert isinstance(error, RequestValidationError)
    parts = [f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:5]]
    title = "; ".join(parts) or "The request cannot be read."
    if _wants_page(request):
        return error_page(request, 400, title, None)
    return problem_answer(problem(400, "parameter", title))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = "There is no such page." if error.status_code == 404 else str(error.detail)
    if _wants_page(request):
        return error_page(request, error.status_code, title, None)
    return problem_answer(problem(error.status_code, "http", title), error.headers)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith("/api/") and path not in _MACHINE_PATHS
