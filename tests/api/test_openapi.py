"""The description of the API, and that every answer is as described."""

import html
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from api.errors import PROBLEMS
from api.openapi import OPERATIONS
from index import errors
from index.knowledge_base import KnowledgeBase
from tests.api.test_app import client as client
from tests.conftest import NOW, article

Documents = dict[str, Any]


@pytest.fixture
def described(client: TestClient) -> Documents:
    document: Documents = client.get("/openapi.json").json()
    return document


def closed(node: Any) -> Any:
    """A schema under which an object may have no property that is not described."""
    if isinstance(node, dict):
        made = {key: closed(value) for key, value in node.items()}
        if "properties" in made and made.get("type") == "object":
            made.setdefault("additionalProperties", False)
        return made
    return [closed(each) for each in node] if isinstance(node, list) else node


def validator(document: Documents, schema: Documents) -> Draft202012Validator:
    return Draft202012Validator(closed({**schema, "components": {"schemas": document["components"]["schemas"]}}))


def operations(document: Documents) -> Iterator[tuple[str, str, Documents]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_operation_is_described_and_nothing_else(described: Documents) -> None:
    assert {(method, path) for method, path, _ in operations(described)} == set(OPERATIONS)
    assert described["openapi"].startswith("3.1")
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(ids) == len(set(ids))


def test_every_answer_has_an_example_that_is_of_its_shape(described: Documents) -> None:
    for method, path, operation in operations(described):
        success = next(status for status in operation["responses"] if status.startswith("2"))
        contents = operation["responses"][success].get("content", {})
        assert contents or success == "204", f"{method} {path}"
        for media, content in contents.items():
            assert "example" in content, f"{method} {path} {media}"
            wrong = [error.message for error in validator(described, content["schema"]).iter_errors(content["example"])]
            assert wrong == [], f"{method} {path} {media}"
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            wrong = [error.message for error in validator(described, content["schema"]).iter_errors(content["example"])]
            assert wrong == [], f"{method} {path} {media}"


def test_every_operation_names_its_refusals_as_problem_documents(described: Documents) -> None:
    for name, answer in described["components"]["responses"].items():
        (media,) = answer["content"]
        assert media == "application/problem+json", name
    for method, path, operation in operations(described):
        assert {"400", "401", "403", "429", "503"} <= set(operation["responses"]), f"{method} {path}"
        assert "422" not in operation["responses"] or (method, path) == ("post", "/api/v1/articles")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/search?q=microsoft+custom+chip&explain=yes&gloss=yes",
        "/api/v1/search?q=微软+自研&group=none&sort=date&gloss=1&explain=1&k=1",
        "/api/v1/search?q=nothing+at+all+here",
        "/api/v1/articles/1",
        "/api/v1/articles/2",
        "/api/v1/articles/1/similar",
        "/api/v1/similar?id=1",
        "/api/v1/entities",
        "/api/v1/entities/review",
        "/api/v1/entities/proposals",
        "/api/v1/entities/corrections",
        "/api/v1/entities/tsmc",
        "/api/v1/entities/nvidia-h100",
        "/api/v1/stories?week=2023-W46",
        "/api/v1/stories/1",
        "/api/v1/claims?entity=microsoft",
        "/api/v1/claims?entity=nvidia&k=1",
        "/api/v1/timeline?entity=microsoft",
        "/api/v1/compare?entity=microsoft-maia-100&entity=H800",
        "/api/v1/digests",
        "/api/v1/attributes",
        "/api/v1/rumours?entity=microsoft",
        "/api/v1/relations?entity=microsoft",
        "/api/v1/reliability",
        "/api/v1/digests/2023-W46",
        "/api/v1/digests/2019-W01",
        "/api/v1/sources",
        "/api/v1/status",
        "/readyz",
    ],
)
def test_every_answer_is_as_described(client: TestClient, described: Documents, path: str) -> None:
    answer = client.get(path)
    route = path.partition("?")[0]
    templates = [each for each in described["paths"] if _fits(each, route)]
    schema = described["paths"][min(templates, key=lambda each: each.count("{"))]["get"]["responses"]["200"]["content"]
    wrong = [
        f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
        for error in validator(described, schema["application/json"]["schema"]).iter_errors(answer.json())
    ]
    assert wrong == []


def test_every_refusal_is_as_described(client: TestClient, described: Documents) -> None:
    of_problems = validator(described, {"$ref": "#/components/schemas/Problem"})
    for path in ("/api/v1/search", "/api/v1/search?q=", "/api/v1/articles/9", "/api/v1/nope", "/api/v1/search?q=a&lang=xx"):
        problem = client.get(path).json()
        assert list(of_problems.iter_errors(problem)) == []
        assert problem["title"] == PROBLEMS[problem["code"]][0]
        assert problem["type"] == f"/docs#{problem['code']}"


def test_every_error_of_the_tree_has_its_title_and_hint() -> None:
    def tree(kind: type[errors.ChipwireError]) -> Iterator[type[errors.ChipwireError]]:
        yield kind
        for below in kind.__subclasses__():
            yield from tree(below)

    assert {kind.code for kind in tree(errors.ChipwireError)} <= set(PROBLEMS)


def test_answers_about_saved_searches_are_as_described(client: TestClient, described: Documents, filled: KnowledgeBase) -> None:
    made = client.post("/api/v1/searches", json={"name": "a", "query": "Maia 200", "webhook": "https://hooks.invalid/x"})
    filled.ingest([article("Microsoft unveils Maia 200", "The Maia 200 is made by TSMC, Microsoft said.")], NOW)
    filled.refresh(NOW)
    answers = {"/api/v1/searches": ("post", "201", made)}
    for path in ("/{search_id}", "/{search_id}/alerts", "/{search_id}/deliveries"):
        route = f"/api/v1/searches{path}"
        answers[route] = ("get", "200", client.get(route.replace("{search_id}", "1")))
    assert answers["/api/v1/searches/{search_id}/alerts"][2].json()["alerts"]
    for path, (method, status, answer) in answers.items():
        schema = described["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        assert [error.message for error in validator(described, schema).iter_errors(answer.json())] == [], path


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(a == b or a.startswith("{") for a, b in zip(parts, given, strict=True))


def test_the_type_of_every_problem_is_an_address_that_explains_it(client: TestClient) -> None:
    page = html.unescape(client.get("/docs").text)
    for code, (title, _) in PROBLEMS.items():
        assert f'id="{code}"' in page
        assert title in page
