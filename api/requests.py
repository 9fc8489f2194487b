"""Every request: its id, one line of log, its place in the metrics, and an answer whatever happens."""

import json
import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import problem_answer
from api.errors import problem, problem_of
from api.metrics import Metrics
from index.errors import ChipwireError
from index.text.times import iso

logger = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_MAX_QUERY = 500


class Requests:
    """ASGI middleware, the outermost. A request id that a client sends is kept where it is fit to be logged.

    Args:
        log: where one JSON object a line goes for each request; None for nowhere.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Callable[[], datetime], log: TextIO | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        scope["state"]["request_id"] = request_id
        status, size = 0, 0

        async def observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault("X-Request-ID", request_id)
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        with self._metrics.in_flight.track_inprogress():
            try:
                await self._app(scope, receive, observed)
            except ChipwireError as error:  # from the layers around the handlers, which answer for their own
                logger.warning("Request %s: %s", request_id, error)
                if status == 0:
                    await problem_answer(problem_of(error))(scope, receive, observed)
            except Exception:
                logger.exception("Request %s failed.", request_id)
                if status == 0:
                    told = problem(500, "internal", f"Something went wrong here; in the log it is {request_id}.")
                    await problem_answer(told)(scope, receive, observed)
            finally:
                seconds = time.perf_counter() - began
                route = getattr(scope.get("route"), "path", "other")
                self._metrics.observe(scope["method"], route, status, seconds)
                if self._log is not None:
                    self._write(scope, status, size, seconds, request_id)

    def _write(self, scope: Scope, status: int, size: int, seconds: float, request_id: str) -> None:
        identity = scope["state"].get("identity")
        line = {
            "time": iso(self._clock()),
            "request": request_id,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"][:_MAX_QUERY].decode("latin-1"),
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 2),
            "client": scope["client"][0] if scope.get("client") else None,
            "who": identity.name if identity else None,
        }
        assert self._log is not None
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


def log_of(wanted: bool) -> TextIO | None:
    """Where the lines go: stderr, or nowhere."""
    return sys.stderr if wanted else None
