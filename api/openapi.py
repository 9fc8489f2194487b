"""The OpenAPI 3.1 document: what FastAPI knows of the routes, with the shapes and examples of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from api import alert_examples, alert_wire, examples, ledger_examples, ledger_wire, story_wire, wire
from api.claim_documents import MAX_ENTRIES
from api.errors import PROBLEMS
from api.feeds import MEDIA_TYPES
from api.ledger_routes import MAX_IN_CELL
from index.knowledge.claims.claim import STATUSES
from index.retrieval.search import GROUPS, MAX_K, MODES, SORTS

JSON, PROBLEM = "application/json", "application/problem+json"
VERSION = "1.0.0"
_REFUSALS = {
    "400": "The request is wrong.",
    "401": "An access key is needed, or the one that was shown is not valid.",
    "403": "The key may not do this.",
    "404": "There is no such thing.",
    "421": "The server does not answer for this host.",
    "429": "Too many requests; come again after Retry-After.",
    "500": "Something went wrong here.",
    "503": "Not now; come again after Retry-After.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation answers with.

    Args:
        shape: the type of the JSON document, one of `api.wire`; None where it is no JSON.
        example: of it.
        others: media types beside (or instead of) JSON, each with an example.
        shapes: further media types whose documents have a shape, each with it and an example.
        parameters: what a parameter's schema says beyond what FastAPI knows, by its name.
        body: the media types of what is sent, each with its shape and an example.
        refusals: statuses beyond the usual ones, with what they mean.
        statuses: other statuses with the same document.
        success: the status where all goes well; 204 has no document.
    """

    shape: Any = None
    example: Any = None
    others: Mapping[str, Any] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    body: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    success: str = "200"


_LANG = {"items": {"type": "string"}, "description": "en or zh; several, or one with commas.", "example": ["en"]}
_DAY = "A day, month, quarter, year or ISO week: 2023-11-15, 2023-11, 2023-Q4, 2023, 2023-W46; or relative: last week."
FILTER_PARAMETERS: dict[str, dict[str, Any]] = {
    "lang": _LANG,
    "entity": {"description": "Ids or names of entities; several, or one with commas.", "example": ["tsmc"]},
    "source": {"description": "Ids of sources; several, or one with commas.", "example": ["news-example"]},
    "after": {"description": f"From then on. {_DAY}", "example": "2023-W46"},
    "before": {"description": f"Before then. {_DAY}", "example": "2023-12"},
    "as_of": {"description": f"As if it were then. {_DAY}", "example": "2023-11-30"},
}
_OF_SEARCH: dict[str, dict[str, Any]] = {
    **FILTER_PARAMETERS,
    "k": {"minimum": 1, "maximum": MAX_K},
    "group": {"enum": list(GROUPS), "description": "One result a story, or one an article."},
    "sort": {"enum": list(SORTS)},
    "mode": {"enum": list(MODES)},
    "cursor": {"description": "``next_cursor`` of an earlier answer to the same search; it survives writes."},
}
_CHIP: dict[str, dict[str, Any]] = {"entity": {"example": "nvidia-h100"}}
_OF_LEDGER: dict[str, dict[str, Any]] = {
    **FILTER_PARAMETERS,
    **_CHIP,
    "attribute": {"description": "Ids or names of attributes; several, or one with commas.", "example": ["transistors"]},
    "status": {"description": f"{', '.join(STATUSES)}; several, or one with commas.", "example": ["announced"]},
    "after": {"description": f"Reported from then on. {_DAY}", "example": "2023-W46"},
    "before": {"description": f"Reported before then. {_DAY}", "example": "2023-12"},
    "k": {"minimum": 1, "maximum": MAX_ENTRIES},
}
_ID = {"minimum": 1, "maximum": 2**63 - 1, "example": 42}
_NUMBER = {"minimum": 1, "maximum": 2**63 - 1, "description": "The number of a saved search.", "example": 3}
_SHOWN = {"minimum": 1, "maximum": 1000}
_WEEK = {"description": "An ISO week.", "example": "2023-W46"}

_FORM = {"form": {"enum": list(MEDIA_TYPES), "description": "The feed's format.", "example": "atom"}}


def _feed(**parameters: Mapping[str, Any]) -> Operation:
    """A feed, in each of its formats."""
    others = {MEDIA_TYPES["atom"]: examples.ATOM, MEDIA_TYPES["rss"]: examples.RSS}
    shapes = {MEDIA_TYPES["json"]: (wire.JsonFeed, examples.JSON_FEED)}
    return Operation(others=others, shapes=shapes, parameters={**_FORM, **parameters})


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("get", "/api/v1/search"): Operation(wire.SearchAnswer, examples.SEARCH, parameters=_OF_SEARCH),
    ("get", "/api/v1/articles/{article_id}"): Operation(wire.ArticleDocument, examples.ARTICLE, parameters={"article_id": _ID}),
    ("get", "/api/v1/articles/{article_id}/similar"): Operation(
        wire.SimilarArticles, examples.SIMILAR, parameters={"article_id": _ID, "k": {"minimum": 1, "maximum": 50}}
    ),
    ("get", "/api/v1/similar"): Operation(
        wire.SimilarArticles, examples.SIMILAR, parameters={"id": _ID, "k": {"minimum": 1, "maximum": 50}}
    ),
    ("post", "/api/v1/articles"): Operation(
        wire.BatchAnswer,
        examples.BATCH_ANSWER,
        body={JSON: (wire.Batch, examples.BATCH), "application/x-ndjson": (None, examples.BATCH_LINES)},
        statuses={"202": "Another process is writing; it will store the articles, which are kept safely until then."},
        refusals={
            "413": "The body is too large.",
            "415": "The body has the wrong media type.",
            "422": "The idempotency key came with another body before.",
            "507": "The disk is full.",
        },
    ),
    ("get", "/api/v1/jobs/{job}"): Operation(
        wire.JobDocument, examples.JOB, parameters={"job": {"example": examples.JOB["id"]}}
    ),
    ("get", "/api/v1/export"): Operation(
        others={"application/x-ndjson": examples.EXPORT_LINES, "text/csv": examples.EXPORT_CSV},
        parameters={
            **FILTER_PARAMETERS,
            "format": {"enum": ["jsonl", "csv"]},
            "sort": {"enum": list(SORTS)},
            "mode": {"enum": list(MODES)},
        },
    ),
    ("get", "/api/v1/articles/{article_id}/revisions"): Operation(
        wire.Revisions, examples.REVISIONS, parameters={"article_id": _ID}
    ),
    ("get", "/api/v1/entities"): Operation(wire.EntityList, examples.ENTITIES),
    ("get", "/api/v1/entities/review"): Operation(wire.ReviewList, examples.REVIEWS),
    ("get", "/api/v1/entities/proposals"): Operation(wire.ProposalList, examples.PROPOSALS),
    ("get", "/api/v1/entities/corrections"): Operation(wire.CorrectionList, examples.CORRECTIONS),
    ("get", "/api/v1/entities/{name}"): Operation(
        wire.EntityDocument, examples.ENTITY, parameters={"name": {"description": "An id or any name.", "example": "tsmc"}}
    ),
    ("get", "/api/v1/stories"): Operation(story_wire.StoryList, examples.STORIES, parameters={"week": _WEEK}),
    ("get", "/api/v1/stories/{story_id}"): Operation(
        story_wire.StoryView, examples.STORY, parameters={"story_id": {**_ID, "example": 7}}
    ),
    ("get", "/api/v1/claims"): Operation(
        ledger_wire.ClaimsDocument,
        ledger_examples.CLAIMS,
        parameters={**_OF_LEDGER, "cursor": {"description": "``next_cursor`` of the answer before."}},
    ),
    ("get", "/api/v1/claims/export"): Operation(
        others={"text/csv": ledger_examples.CLAIM_CSV, "application/x-ndjson": ledger_examples.CLAIM_LINES},
        parameters={**_OF_LEDGER, "format": {"enum": ["csv", "jsonl"]}},
    ),
    ("get", "/api/v1/timeline"): Operation(ledger_wire.TimelineDocument, ledger_examples.TIMELINE, parameters=_OF_LEDGER),
    ("get", "/api/v1/compare"): Operation(
        ledger_wire.CompareDocument,
        ledger_examples.COMPARE,
        parameters={
            **_OF_LEDGER,
            "entity": {"minItems": 1, "example": ["microsoft-maia-100", "nvidia-h100"]},
            "k": {"minimum": 1, "maximum": MAX_IN_CELL},
        },
    ),
    ("get", "/api/v1/attributes"): Operation(ledger_wire.AttributeList, ledger_examples.ATTRIBUTES),
    ("get", "/api/v1/rumours"): Operation(ledger_wire.RumourList, ledger_examples.RUMOURS, parameters=_CHIP),
    ("get", "/api/v1/relations"): Operation(ledger_wire.RelationList, ledger_examples.RELATIONS, parameters=_CHIP),
    ("get", "/api/v1/reliability"): Operation(ledger_wire.Reliability, ledger_examples.RELIABILITY),
    ("get", "/api/v1/digests"): Operation(story_wire.WeekList, examples.WEEKS),
    ("get", "/api/v1/digests/{week}"): Operation(
        story_wire.DigestDocument,
        examples.DIGEST,
        others={
            "text/markdown": examples.DIGEST_MARKDOWN,
            "text/html": examples.DIGEST_HTML,
            "message/rfc822": examples.DIGEST_MAIL,
        },
        parameters={"week": _WEEK, "format": {"enum": ["json", "md", "html", "eml"]}},
    ),
    ("get", "/api/v1/sources"): Operation(wire.SourceList, examples.SOURCES),
    ("get", "/api/v1/sources/health.atom"): Operation(others={"application/atom+xml": examples.ATOM}),
    ("get", "/api/v1/sources/{source}/left-out"): Operation(
        wire.LeftOutList,
        examples.LEFT_OUT,
        parameters={"source": {"example": "news-example"}, "k": {"minimum": 1, "maximum": 1000}},
    ),
    ("get", "/api/v1/feeds/{form}/search"): _feed(**{name: FILTER_PARAMETERS[name] for name in ("lang", "entity", "source")}),
    ("get", "/api/v1/feeds/{form}/entities/{name}"): _feed(name={"description": "An id or any name.", "example": "tsmc"}),
    ("get", "/api/v1/feeds/{form}/sources/{source}"): _feed(
        source={"description": "A source's id.", "example": "news-example"}
    ),
    ("get", "/api/v1/feeds/{form}/digests"): _feed(),
    ("get", "/api/v1/feeds/{form}/issues"): _feed(),
    ("get", "/api/v1/issues"): Operation(story_wire.IssueList, examples.ISSUES),
    ("get", "/api/v1/feeds/{form}/searches/{search_id}"): _feed(search_id=_NUMBER, k=_SHOWN),
    ("get", "/api/v1/searches"): Operation(alert_wire.SavedSearchList, alert_examples.SEARCHES),
    ("post", "/api/v1/searches"): Operation(
        alert_wire.NewSavedSearch,
        alert_examples.NEW_SEARCH,
        body={JSON: (alert_wire.SearchToSave, alert_examples.TO_SAVE)},
        success="201",
    ),
    ("get", "/api/v1/searches/{search_id}"): Operation(
        alert_wire.SavedSearchDocument, alert_examples.SEARCH, parameters={"search_id": _NUMBER}
    ),
    ("delete", "/api/v1/searches/{search_id}"): Operation(parameters={"search_id": _NUMBER}, success="204"),
    ("get", "/api/v1/searches/{search_id}/alerts"): Operation(
        alert_wire.AlertList,
        alert_examples.ALERTS,
        parameters={"search_id": _NUMBER, "k": _SHOWN, "before": {"description": "``next_before`` of the answer before."}},
    ),
    ("get", "/api/v1/searches/{search_id}/deliveries"): Operation(
        alert_wire.DeliveryList, alert_examples.DELIVERIES, parameters={"search_id": _NUMBER, "k": _SHOWN}
    ),
    ("post", "/api/v1/searches/{search_id}/test"): Operation(
        alert_wire.TestKeys, alert_examples.TEST_KEYS, parameters={"search_id": _NUMBER}, success="202"
    ),
    ("get", "/api/v1/status"): Operation(wire.StatusDocument, examples.STATUS),
    ("get", "/healthz"): Operation(others={"text/plain": "ok\n"}),
    ("get", "/readyz"): Operation(
        wire.Readiness, examples.READY, statuses={"503": "Searches cannot be answered; come again after Retry-After."}
    ),
    ("get", "/metrics"): Operation(others={"text/plain": examples.METRICS}),
}
"""Every operation of the API; a route that is missing here fails a test."""


def describe(app: FastAPI) -> None:
    """Make ``app.openapi`` give the whole document."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None or "x-problems" not in app.openapi_schema:
            app.openapi_schema = _described(plain())
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # FastAPI's own way of extending the document


def _described(document: dict[str, Any]) -> dict[str, Any]:
    document = {**document, "x-problems": {code: list(told) for code, told in PROBLEMS.items()}}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):  # our own refusals are problem documents
        schemas.pop(unused, None)
    shapes = [wire.Problem, *_shapes()]
    keys, definitions = TypeAdapter.json_schemas(
        [(index, "serialization", TypeAdapter(shape)) for index, shape in enumerate(shapes)],
        ref_template="#/components/schemas/{model}",
    )
    schemas.update(definitions.get("$defs", {}))
    references = {id(shape): keys[index, "serialization"] for index, shape in enumerate(shapes)}
    schemas["Problem"]["properties"]["code"]["enum"] = sorted(PROBLEMS)
    document["components"]["responses"] = {
        f"Refusal{status}": {
            "description": words,
            "content": {PROBLEM: {"schema": references[id(wire.Problem)], "example": examples.PROBLEM}},
        }
        for status, words in _REFUSALS.items()
    }
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of chipwire keys create. Not needed on loopback."}
    }
    document["security"] = [{}, {"key": []}]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            described = OPERATIONS.get((method, path))
            if described is not None:
                _complete(operation, described, references)
    return document


def _shapes() -> list[Any]:
    found: dict[int, Any] = {}
    for operation in OPERATIONS.values():
        for shape in (operation.shape, *(shape for shape, _ in (*operation.body.values(), *operation.shapes.values()))):
            if shape is not None:
                found[id(shape)] = shape
    return list(found.values())


def _complete(operation: dict[str, Any], described: Operation, references: Mapping[int, Any]) -> None:
    content: dict[str, Any] = {}
    if described.shape is not None:
        content[JSON] = {"schema": references[id(described.shape)], "example": described.example}
    for media, (shape, example) in described.shapes.items():
        content[media] = {"schema": references[id(shape)], "example": example}
    for media, example in described.others.items():
        content[media] = {"schema": {"type": "string"}, "example": example}
    answer = {"description": operation.get("summary", "The answer.")}
    responses: dict[str, Any] = {described.success: {**answer, **({"content": content} if content else {})}}
    for status, words in described.statuses.items():
        responses[status] = {"description": words, "content": content}
    for status in _REFUSALS:
        responses.setdefault(status, {"$ref": f"#/components/responses/Refusal{status}"})
    for status, words in described.refusals.items():
        content_of_refusal = {PROBLEM: {"schema": references[id(wire.Problem)], "example": examples.PROBLEM}}
        responses[status] = {"description": words, "content": content_of_refusal}
    operation["responses"] = responses
    if described.body:
        operation["requestBody"] = {
            "required": True,
            "content": {
                media: {"schema": references[id(shape)] if shape is not None else {"type": "string"}, "example": example}
                for media, (shape, example) in described.body.items()
            },
        }
    for parameter in operation.get("parameters", []):
        more = dict(described.parameters.get(parameter["name"], {}))
        for name in ("description", "example"):
            if name in more:
                parameter[name] = more.pop(name)
        parameter["schema"].update(more)
