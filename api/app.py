"""The application: JSON API and web pages over one `KnowledgeBase`, opened when the server starts."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.alert_routes import router as alert_router
from api.clock import utc_now
from api.delivery import delivering
from api.errors import http_status, problem, problem_of
from api.ledger_routes import router as ledger_router
from api.routes import health, router
from index.errors import ChipwireError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from web.ledger import router as ledger_pages
from web.pages import router as web_router
from web.rendering import Pages, error_page
from web.saved_searches import router as saved_search_pages

logger = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")


class State(TypedDict):
    """What a request finds in ``request.state``. ``ready`` is set once searches can be answered."""

    kb: KnowledgeBase
    pages: Pages
    ready: threading.Event


def create_app(settings: Settings, kb: KnowledgeBase | None = None) -> FastAPI:
    """The app over the data folder of `settings`; `kb` replaces it (it is then the caller's to close)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        opened = kb or KnowledgeBase.open(settings)
        ready = threading.Event()
        # The model takes seconds to load; the server answers (and says it is not ready) meanwhile.
        closing = threading.Event()
        threading.Thread(target=_warm, args=(opened, ready, closing), name="warm", daemon=True).start()
        app.state.ready = ready
        try:
            with delivering(settings, utc_now):
                yield State(kb=opened, pages=Pages(opened, utc_now), ready=ready)
        finally:
            closing.set()
            if kb is None:
                opened.close()

    app = FastAPI(
        title="Chipwire",
        version="0.1.0",
        description="Search and read AI-chip news in English and Chinese.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads scripts from a third party; web.pages has our own
        redoc_url=None,
    )
    app.include_router(health)
    app.include_router(router)
    app.include_router(ledger_router)
    app.include_router(alert_router)
    app.include_router(ledger_pages)
    app.include_router(web_router)
    app.include_router(saved_search_pages)
    app.add_exception_handler(ChipwireError, _chipwire_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)

    app.add_middleware(Guard)
    return app


_FOLLOW_SECONDS = 0.5


class Guard:
    """ASGI middleware: answers for this machine's own names only, and puts the security headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "")
        name = (host if host.endswith("]") else host.rsplit(":", 1)[0]).lower()
        if name not in _LOOPBACK_HOSTS and not name.endswith(".localhost"):
            # A page elsewhere could otherwise read this server by pointing its own name at 127.0.0.1 (DNS rebinding).
            refusal = _answer(_clean(problem(421, "host", f"This server does not answer for the host {name[:100]!r}.")))
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def _warm(kb: KnowledgeBase, ready: threading.Event, closing: threading.Event) -> None:
    """Load the model and the index, then follow the index: a search should find a new one loaded already."""
    try:
        kb.ready()
    except ChipwireError as error:
        logger.warning("%s", error)
    ready.set()
    while not closing.wait(_FOLLOW_SECONDS):
        try:
            kb.follow()
        except ChipwireError:
            pass  # the next search says what is wrong, to whom it concerns


def _answer(document: dict[str, object]) -> JSONResponse:
    status = int(str(document["status"]))
    headers = {"Retry-After": "5"} if status == 503 else None
    return JSONResponse(document, status, headers, "application/problem+json")


async def _chipwire_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ChipwireError)
    if _wants_page(request):
        return error_page(request, http_status(error), error.message, error.hint)
    return _answer(_clean(problem_of(error)))


async def _validation_error(request: Request, error: Exception) -> Response:
    """A parameter that cannot be read. Never echoes the value: it may be what JSON cannot carry."""
    assert isinstance(error, RequestValidationError)
    parts = [f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:5]]
    title = "; ".join(parts) or "The request cannot be read."
    if _wants_page(request):
        return error_page(request, 400, title, None)
    return _answer(_clean(problem(400, "parameter", title)))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title = "There is no such page." if error.status_code == 404 else str(error.detail)
    if _wants_page(request):
        return error_page(request, error.status_code, title, None)
    return _answer(problem(error.status_code, "http", title))


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith("/api/") and path not in ("/healthz", "/readyz", "/openapi.json")


def _clean(document: dict[str, object]) -> dict[str, object]:
    def clean(value: Any) -> Any:
        return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value

    return {key: clean(value) for key, value in document.items()}
