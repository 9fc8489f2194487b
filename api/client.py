"""A client of the HTTP API, for programs: `Chipwire`, and `AsyncChipwire` for asyncio.

    from api.client import Chipwire

    with Chipwire("http://localhost:8700") as chipwire:
        for hit in chipwire.every("microsoft custom chip", lang="zh"):
            print(hit["title"], hit["url"])

Answers are the dictionaries that `api.wire` describes. What the server refuses is an `ApiError`. Requests that may be sent
again are: on 429, 502, 503 and 504 after Retry-After, else after longer and longer pauses, and where the connection fails.
"""

import asyncio
import email.utils
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar, Unpack
from urllib.parse import quote

import httpx2
from typing_extensions import TypedDict

from api import ledger_wire, story_wire, wire
from index.errors import ChipwireError

T = TypeVar("T")
ADDRESS = "http://localhost:8700"
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = 30.0
_FIRST_PAUSE = 0.5
_PAGE = 50


class ApiError(ChipwireError):
    """What the server refused: ``status`` of HTTP, ``code`` of its problem document, the id of the request in its log."""

    def __init__(self, status: int, code: str, detail: str, hint: str | None, request_id: str | None) -> None:
        super().__init__(detail, hint=hint)
        self.status = status
        self.code = code
        self.request_id = request_id


class Filters(TypedDict, total=False):
    """What narrows a search: lists may be given as one string with commas; times as of the command line."""

    lang: str | Sequence[str]
    entity: str | Sequence[str]
    source: str | Sequence[str]
    after: str
    before: str
    as_of: str
    sort: Literal["relevance", "date"]
    mode: Literal["hybrid", "lexical"]


class ClaimFilters(TypedDict, total=False):
    """What narrows claims: lists of ids; times are those of the reports."""

    attribute: str | Sequence[str]
    status: str | Sequence[str]
    lang: str | Sequence[str]
    source: str | Sequence[str]
    after: str
    before: str


class Options(Filters, total=False):
    """How a search is answered."""

    group: Literal["story", "none"]
    explain: bool
    gloss: bool


@dataclass(frozen=True, slots=True)
class _Call(Generic[T]):
    """A request whose answer is a T."""

    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        parameters = {key: value for key, value in self.parameters.items() if value is not None}
        sent: dict[str, Any] = {"params": parameters, "headers": dict(self.headers)}
        return {**sent, "json": self.body, "method": "POST"} if self.body is not None else {**sent, "method": "GET"}


def _search(query: str, k: int, cursor: str | None, options: Mapping[str, Any]) -> _Call[wire.SearchAnswer]:
    return _Call("/search", {"q": query, "k": k, "cursor": cursor, **options})


def _article(article_id: int) -> _Call[wire.ArticleDocument]:
    return _Call(f"/articles/{article_id}")


def _similar(article_id: int, k: int) -> _Call[wire.SimilarArticles]:
    return _Call(f"/articles/{article_id}/similar", {"k": k})


def _revisions(article_id: int) -> _Call[wire.Revisions]:
    return _Call(f"/articles/{article_id}/revisions")


def _entity(name: str) -> _Call[wire.EntityDocument]:
    return _Call(f"/entities/{quote(name, safe='')}")


def _digest(week: str) -> _Call[story_wire.DigestDocument]:
    return _Call(f"/digests/{quote(week, safe='')}")


def _claims(entity: str, k: int, cursor: str | None, filters: Mapping[str, Any]) -> _Call[ledger_wire.ClaimsDocument]:
    return _Call("/claims", {"entity": entity, "k": k, "cursor": cursor, **filters})


def _timeline(entity: str, k: int, filters: Mapping[str, Any]) -> _Call[ledger_wire.TimelineDocument]:
    return _Call("/timeline", {"entity": entity, "k": k, **filters})


def _compare(entities: Sequence[str], k: int, filters: Mapping[str, Any]) -> _Call[ledger_wire.CompareDocument]:
    return _Call("/compare", {"entity": list(entities), "k": k, **filters})


def _stories(week: str) -> _Call[story_wire.StoryList]:
    return _Call("/stories", {"week": week})


def _story(story_id: int) -> _Call[story_wire.StoryView]:
    return _Call(f"/stories/{story_id}")


def _add(articles: Sequence[wire.NewArticle], idempotency_key: str | None) -> _Call[wire.BatchAnswer]:
    # With a key a batch may be sent again when no answer came: it is not done twice.
    headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
    return _Call("/articles", body={"articles": list(articles)}, headers=headers)


def _job(name: str) -> _Call[wire.JobDocument]:
    return _Call(f"/jobs/{quote(name, safe='')}")


def _export(query: str, text: bool, filters: Mapping[str, Any]) -> _Call[bytes]:
    return _Call("/export", {"q": query, "text": text, **filters})


_ENTITIES: _Call[wire.EntityList] = _Call("/entities")
_DIGESTS: _Call[story_wire.WeekList] = _Call("/digests")
_SOURCES: _Call[wire.SourceList] = _Call("/sources")
_STATUS: _Call[wire.StatusDocument] = _Call("/status")


def pause_before_next(attempt: int, retry_after: str | None, now: float) -> float:
    """Seconds to wait after attempt number `attempt` (from 0): what Retry-After says (seconds or a date), else twice as long
    each time, with some chance in it, so that clients that failed together do not come back together."""
    if retry_after is not None:
        try:
            asked = float(retry_after)
        except ValueError:
            try:
                asked = email.utils.parsedate_to_datetime(retry_after).timestamp() - now
            except ValueError:
                asked = _FIRST_PAUSE
        return min(max(asked, 0.0), _LONGEST_PAUSE)
    return float(min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE) * (0.5 + random.random() / 2))


def _error(response: httpx2.Response) -> ApiError:
    request_id = response.headers.get("x-request-id")
    try:
        problem = json.loads(response.content)
        return ApiError(response.status_code, str(problem["code"]), str(problem["detail"]), problem.get("hint"), request_id)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(response.status_code, "http", f"The server answered {response.status_code}.", None, request_id)


def _settings(address: str, key: str | None, timeout: float) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return {"base_url": f"{address.rstrip('/')}/api/v1", "headers": headers, "timeout": timeout}


class Chipwire:
    """The API of one server. Use it as a context manager, or `close` it.

    Args:
        address: the server's.
        key: an access key, where the server asks for one.
        retries: how often a request is sent again.
        transport: how requests are sent; for tests.
    """

    def __init__(
        self,
        address: str = ADDRESS,
        key: str | None = None,
        *,
        timeout: float = 30,
        retries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(**_settings(address, key, timeout), transport=transport)
        self._retries = retries
        self._sleep = sleep

    def search(self, query: str, k: int = 10, *, cursor: str | None = None, **options: Unpack[Options]) -> wire.SearchAnswer:
        """One page of an answer. Every method raises ApiError."""
        return self._do(_search(query, k, cursor, options))

    def every(self, query: str, **options: Unpack[Options]) -> Iterator[wire.SearchHit]:
        """All hits, page after page; nothing comes twice, even where articles are added meanwhile."""
        cursor = None
        while True:
            page = self._do(_search(query, _PAGE, cursor, options))
            yield from page["hits"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def article(self, article_id: int) -> wire.ArticleDocument:
        return self._do(_article(article_id))

    def similar(self, article_id: int, k: int = 6) -> wire.SimilarArticles:
        return self._do(_similar(article_id, k))

    def revisions(self, article_id: int) -> wire.Revisions:
        return self._do(_revisions(article_id))

    def entities(self) -> wire.EntityList:
        return self._do(_ENTITIES)

    def entity(self, name: str) -> wire.EntityDocument:
        return self._do(_entity(name))

    def claims(
        self, entity: str, k: int = 100, *, cursor: str | None = None, **filters: Unpack[ClaimFilters]
    ) -> ledger_wire.ClaimsDocument:
        """What is claimed of an entity, by id or any name, with sentences, sources and contradictions."""
        return self._do(_claims(entity, k, cursor, filters))

    def timeline(self, entity: str, k: int = 200, **filters: Unpack[ClaimFilters]) -> ledger_wire.TimelineDocument:
        """What happened to an entity by the day of the event, and its roadmap."""
        return self._do(_timeline(entity, k, filters))

    def compare(self, *entities: str, k: int = 5, **filters: Unpack[ClaimFilters]) -> ledger_wire.CompareDocument:
        """Two to four entities side by side, at most `k` entries a cell."""
        return self._do(_compare(entities, k, filters))

    def stories(self, week: str) -> story_wire.StoryList:
        """The stories of an ISO week."""
        return self._do(_stories(week))

    def story(self, story_id: int) -> story_wire.StoryView:
        """One story, with what each article added to it."""
        return self._do(_story(story_id))

    def digests(self) -> story_wire.WeekList:
        """The weeks that have a digest, the latest first."""
        return self._do(_DIGESTS)

    def digest(self, week: str) -> story_wire.DigestDocument:
        return self._do(_digest(week))

    def sources(self) -> wire.SourceList:
        return self._do(_SOURCES)

    def status(self) -> wire.StatusDocument:
        return self._do(_STATUS)

    def add(self, articles: Sequence[wire.NewArticle], *, idempotency_key: str | None = None) -> wire.BatchAnswer:
        """Store articles; they can be searched when the answer's job is done (`wait`)."""
        return self._do(_add(articles, idempotency_key))

    def job(self, name: str) -> wire.JobDocument:
        return self._do(_job(name))

    def wait(self, name: str, every: float = 0.5) -> wire.JobDocument:
        """The job once it has ended, looked at so many seconds apart."""
        while (job := self.job(name))["state"] in ("waiting", "running"):
            self._sleep(every)
        return job

    def export(self, query: str, *, text: bool = False, **filters: Unpack[Filters]) -> Iterator[wire.ExportedArticle]:
        """Every article that answers a search, as they come."""
        response = self._sent(_export(query, text, filters), stream=True)
        try:
            for line in response.iter_lines():
                if line:
                    yield json.loads(line)
        finally:
            response.close()

    def _do(self, call: _Call[T]) -> T:
        answer: T = self._sent(call).json()
        return answer

    def _sent(self, call: _Call[Any], *, stream: bool = False) -> httpx2.Response:
        attempt = 0
        while True:
            try:
                response = self._http.send(self._http.build_request(url=call.path, **call.request()), stream=stream)
            except httpx2.TransportError:
                if attempt >= self._retries:
                    raise
                retry_after = None
            else:
                if response.is_success:
                    return response
                response.read()
                if response.status_code not in _AGAIN or attempt >= self._retries:
                    raise _error(response)
                retry_after = response.headers.get("retry-after")
            self._sleep(pause_before_next(attempt, retry_after, time.time()))
            attempt += 1

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncChipwire:
    """The same as `Chipwire`, for asyncio."""

    def __init__(
        self,
        address: str = ADDRESS,
        key: str | None = None,
        *,
        timeout: float = 30,
        retries: int = 4,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(**_settings(address, key, timeout), transport=transport)
        self._retries = retries
        self._sleep = sleep

    async def search(
        self, query: str, k: int = 10, *, cursor: str | None = None, **options: Unpack[Options]
    ) -> wire.SearchAnswer:
        return await self._do(_search(query, k, cursor, options))

    async def every(self, query: str, **options: Unpack[Options]) -> AsyncIterator[wire.SearchHit]:
        cursor = None
        while True:
            page = await self._do(_search(query, _PAGE, cursor, options))
            for hit in page["hits"]:
                yield hit
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def article(self, article_id: int) -> wire.ArticleDocument:
        return await self._do(_article(article_id))

    async def similar(self, article_id: int, k: int = 6) -> wire.SimilarArticles:
        return await self._do(_similar(article_id, k))

    async def revisions(self, article_id: int) -> wire.Revisions:
        return await self._do(_revisions(article_id))

    async def entities(self) -> wire.EntityList:
        return await self._do(_ENTITIES)

    async def entity(self, name: str) -> wire.EntityDocument:
        return await self._do(_entity(name))

    async def claims(
        self, entity: str, k: int = 100, *, cursor: str | None = None, **filters: Unpack[ClaimFilters]
    ) -> ledger_wire.ClaimsDocument:
        return await self._do(_claims(entity, k, cursor, filters))

    async def timeline(self, entity: str, k: int = 200, **filters: Unpack[ClaimFilters]) -> ledger_wire.TimelineDocument:
        return await self._do(_timeline(entity, k, filters))

    async def compare(self, *entities: str, k: int = 5, **filters: Unpack[ClaimFilters]) -> ledger_wire.CompareDocument:
        return await self._do(_compare(entities, k, filters))

    async def stories(self, week: str) -> story_wire.StoryList:
        return await self._do(_stories(week))

    async def story(self, story_id: int) -> story_wire.StoryView:
        return await self._do(_story(story_id))

    async def digests(self) -> story_wire.WeekList:
        return await self._do(_DIGESTS)

    async def digest(self, week: str) -> story_wire.DigestDocument:
        return await self._do(_digest(week))

    async def sources(self) -> wire.SourceList:
        return await self._do(_SOURCES)

    async def status(self) -> wire.StatusDocument:
        return await self._do(_STATUS)

    async def add(self, articles: Sequence[wire.NewArticle], *, idempotency_key: str | None = None) -> wire.BatchAnswer:
        return await self._do(_add(articles, idempotency_key))

    async def job(self, name: str) -> wire.JobDocument:
        return await self._do(_job(name))

    async def wait(self, name: str, every: float = 0.5) -> wire.JobDocument:
        while (job := await self.job(name))["state"] in ("waiting", "running"):
            await self._sleep(every)
        return job

    async def export(
        self, query: str, *, text: bool = False, **filters: Unpack[Filters]
    ) -> AsyncIterator[wire.ExportedArticle]:
        response = await self._sent(_export(query, text, filters), stream=True)
        try:
            async for line in response.aiter_lines():
                if line:
                    yield json.loads(line)
        finally:
            await response.aclose()

    async def _do(self, call: _Call[T]) -> T:
        answer: T = (await self._sent(call)).json()
        return answer

    async def _sent(self, call: _Call[Any], *, stream: bool = False) -> httpx2.Response:
        attempt = 0
        while True:
            try:
                response = await self._http.send(self._http.build_request(url=call.path, **call.request()), stream=stream)
            except httpx2.TransportError:
                if attempt >= self._retries:
                    raise
                retry_after = None
            else:
                if response.is_success:
                    return response
                await response.aread()
                if response.status_code not in _AGAIN or attempt >= self._retries:
                    raise _error(response)
                retry_after = response.headers.get("retry-after")
            await self._sleep(pause_before_next(attempt, retry_after, time.time()))
            attempt += 1

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
