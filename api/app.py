"""The application: JSON API and web pages over one `KnowledgeBase`, opened when the server starts."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from api.access import Access
from api.adding import Adder
from api.alert_routes import feeds as alert_feeds
from api.alert_routes import router as alert_router
from api.answers import add_error_answers
from api.archive_routes import router as archive_router
from api.clock import utc_now
from api.delivery import delivering
from api.drafting import drafting
from api.encoding import Encoding
from api.feed_routes import router as feed_router
from api.guard import Guard
from api.health import Watch
from api.health import router as health_router
from api.issue_routes import router as issue_router
from api.jobs import Jobs
from api.ledger_routes import router as ledger_router
from api.limits import Limits
from api.listening import is_loopback
from api.mcp_endpoint import McpEndpoint, McpRunner, running_mcp
from api.metrics import Metrics
from api.openapi import VERSION, describe
from api.requests import Requests, log_of
from api.routes import router
from index.errors import ChipwireError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from web.ledger import router as ledger_pages
from web.pages import router as web_router
from web.rendering import Pages
from web.review_page import router as review_page
from web.saved_searches import router as saved_search_pages

logger = logging.getLogger(__name__)

_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST"],
    "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-ID"],
    "expose_headers": ["ETag", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-ID"],
}


class State(TypedDict):
    """What a request finds in ``request.state``. ``ready`` is set once searches can be answered."""

    kb: KnowledgeBase
    pages: Pages
    ready: threading.Event
    watch: Watch
    metrics: Metrics
    jobs: Jobs
    adder: Adder
    mcp: McpRunner


def create_app(settings: Settings, kb: KnowledgeBase | None = None) -> FastAPI:
    """The app over the data folder of `settings`; `kb` replaces it (it is then the caller's to close)."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        opened = kb or KnowledgeBase.open(settings)
        ready = threading.Event()
        # The model takes seconds to load; the server answers (and says it is not ready) meanwhile.
        closing = threading.Event()
        threading.Thread(target=_warm, args=(opened, ready, closing), name="warm", daemon=True).start()
        app.state.ready = ready
        jobs = Jobs(utc_now)
        try:
            async with running_mcp(opened, utc_now, VERSION) as mcp:
                with delivering(settings, utc_now), drafting(settings, utc_now):
                    adder = Adder(opened, jobs, utc_now)
                    yield State(
                        kb=opened,
                        pages=Pages(opened, utc_now, adder.decide),
                        ready=ready,
                        watch=Watch(opened),
                        metrics=metrics,
                        jobs=jobs,
                        adder=adder,
                        mcp=mcp,
                    )
        finally:
            closing.set()
            jobs.close()
            if kb is None:
                opened.close()

    app = FastAPI(
        title="Chipwire",
        version=VERSION,
        description="Search and read AI-chip news in English and Chinese.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads scripts from a third party; web.pages has our own
        redoc_url=None,
    )
    for each in (health_router, router, ledger_router, issue_router, archive_router, feed_router, alert_router, alert_feeds):
        app.include_router(each)
    for each in (ledger_pages, review_page, web_router, saved_search_pages):
        app.include_router(each)
    app.router.routes.append(Route("/mcp", McpEndpoint(), methods=["POST"]))
    describe(app)
    add_error_answers(app)
    loopback = is_loopback(settings.host)
    # The last one that is added sees a request first.
    app.add_middleware(Encoding)
    app.add_middleware(Limits, concurrency=settings.concurrency, rate=settings.rate_limit)
    app.add_middleware(Access, settings=settings, clock=utc_now, required=settings.require_keys or not loopback)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, **_CORS)
    app.add_middleware(Guard, allowed=settings.allowed_hosts, loopback=loopback)
    app.add_middleware(Requests, metrics=metrics, clock=utc_now, log=log_of(settings.access_log))
    return app


_FOLLOW_SECONDS = 0.5


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
