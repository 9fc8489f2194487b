"""How the server fares: for load balancers, for Prometheus, for whoever is woken at night."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.clock import utc_now
from api.errors import problem_of
from api.metrics import Metrics
from api.wire import Degraded, Readiness
from index.errors import ChipwireError, IndexUnavailable
from index.knowledge_base import KnowledgeBase
from index.text.times import read_datetime
from index.views import Status

router = APIRouter(tags=["health"])

_KEPT_SECONDS = 10.0
_LATE = timedelta(hours=1)
_UNWELL = ("blocked", "broken", "dead")
_SOURCES_UNWELL = 0.25
_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Watch:
    """The state of a data folder, looked at every ten seconds at most: that reads the whole index."""

    def __init__(self, kb: KnowledgeBase, clock: Callable[[], float] = time.monotonic) -> None:
        self._kb = kb
        self._clock = clock
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._looked = 0.0

    def status(self) -> Status:
        with self._lock:
            if self._status is None or self._clock() - self._looked > _KEPT_SECONDS:
                self._status = self._kb.status()
                self._looked = self._clock()
            return self._status


def degraded_parts(status: Status, trouble: str | None, now: datetime) -> list[Degraded]:
    """What does not do all that it should, though searches are answered."""
    parts: list[Degraded] = []
    if trouble or status.trouble:
        parts.append({"part": "index", "why": trouble or status.trouble or ""})
    built = read_datetime(status.generation_created)
    if status.pending and built is not None and now - built > _LATE:
        parts.append({"part": "freshness", "why": f"{status.pending:,} changed articles wait for chipwire refresh."})
    health = Counter(view.record.health for view in status.sources if view.record.health and not view.disabled)
    unwell = sum(health[state] for state in _UNWELL)
    if unwell and unwell >= _SOURCES_UNWELL * health.total():
        parts.append({"part": "sources", "why": f"{unwell:,} of {health.total():,} sources are blocked, broken or dead."})
    return parts


@router.get("/healthz", summary="The process is up")
def healthz() -> PlainTextResponse:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@router.get("/readyz", summary="Searches can be answered, and what is not as it should be")
def readyz(request: Request) -> Response:
    kb: KnowledgeBase = request.state.kb
    told = request.state.identity.scope != "none"
    if not request.state.ready.is_set():
        return _answer(Readiness(status="loading", degraded=[]), 503, "2")
    try:
        kb.ready()
        status = request.state.watch.status()
    except ChipwireError as error:
        part = "index" if isinstance(error, IndexUnavailable) else "encoder" if error.code == "encoder" else "store"
        why = f"{problem_of(error)['detail']} {problem_of(error)['hint']}"
        degraded: list[Degraded] = [{"part": part, "why": why} if told else {"part": part}]
        return _answer(Readiness(status="unavailable", degraded=degraded), 503, "5")
    parts = degraded_parts(status, kb.trouble, utc_now())
    shown: list[Degraded] = parts if told else [{"part": each["part"]} for each in parts]
    return _answer(Readiness(status="degraded" if parts else "ready", degraded=shown), 200, None)


@router.get("/metrics", summary="Counters for Prometheus")
def metrics(request: Request) -> Response:
    counters: Metrics = request.state.metrics
    text = counters.text(request.state.watch.status())
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=_METRICS_TYPE)


def _answer(document: Readiness, status: int, retry: str | None) -> JSONResponse:
    headers = {"Cache-Control": "no-store", **({"Retry-After": retry} if retry else {})}
    return JSONResponse(document, status, headers)
