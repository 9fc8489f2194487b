"""Keys, proxies and this machine itself, asked as clients would."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.access import needed_scope, token_in
from api.app import create_app
from api.clock import utc_now
from index.knowledge_base import KnowledgeBase
from index.store.keys import all_keys, create_key, revoke_key

Ask = Callable[..., TestClient]


@pytest.fixture
def served(filled: KnowledgeBase) -> Iterator[Ask]:
    """Makes clients of the server with given settings; `peer` is who asks."""
    opened: list[TestClient] = []

    def serve(peer: str = "203.0.113.7", **settings: object) -> TestClient:
        app = create_app(replace(filled.settings, **settings), filled)  # type: ignore[arg-type]
        client = TestClient(app, client=(peer, 50_000), raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield serve
    for client in opened:
        client.__exit__(None, None, None)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_this_machine_needs_no_key(served: Ask) -> None:
    assert served().get("/api/v1/entities").status_code == 200


@pytest.mark.parametrize("where", [{"host": "0.0.0.0"}, {"require_keys": True}])
def test_elsewhere_every_request_needs_one(served: Ask, filled: KnowledgeBase, where: dict[str, object]) -> None:
    client = served(**where)
    for path in ("/", "/api/v1/entities", "/openapi.json", "/docs", "/nope"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "key"), path
        assert answer.headers["www-authenticate"].startswith("Bearer")
    token, _ = create_key(filled.store, "tool", "read", utc_now(), None)
    assert client.get("/api/v1/entities", headers=bearer(token)).status_code == 200
    assert client.get("/", auth=("anybody", token)).status_code == 200, "browsers can only send Basic"
    assert client.get("/healthz").status_code == 200, "whoever watches over the server needs none"


def test_a_wrong_expired_or_revoked_key_is_refused_even_here(served: Ask, filled: KnowledgeBase) -> None:
    client = served()
    expired, _ = create_key(filled.store, "old", "read", utc_now() - timedelta(days=2), utc_now() - timedelta(days=1))
    lost, key = create_key(filled.store, "lost", "read", utc_now(), None)
    assert client.get("/api/v1/entities", headers=bearer(lost)).status_code == 200
    revoke_key(filled.store, key.id, utc_now())
    for token in (expired, lost, "chipwire_wrong", "", "\u00e9"):
        assert client.get("/api/v1/entities", headers={"authorization": f"Bearer {token}".encode()}).status_code == 401


def test_a_key_that_may_read_cannot_write(served: Ask, filled: KnowledgeBase) -> None:
    client = served(require_keys=True)
    token, _ = create_key(filled.store, "tool", "read", utc_now(), None)
    answer = client.post("/api/v1/articles", headers=bearer(token), json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "scope")


def test_the_last_use_of_a_key_is_shown(served: Ask, filled: KnowledgeBase) -> None:
    token, _ = create_key(filled.store, "tool", "read", utc_now(), None)
    assert all_keys(filled.store)[0].last_used is None
    served(require_keys=True).get("/api/v1/entities", headers=bearer(token))
    used = all_keys(filled.store)[0].last_used
    assert used is not None
    assert utc_now() - used < timedelta(minutes=1)


def test_a_signed_in_user_is_believed_from_a_listed_proxy_only(served: Ask) -> None:
    proxies: dict[str, object] = {"require_keys": True, "trusted_proxies": ("10.0.0.0/8",), "user_header": "x-remote-user"}
    ada = {"x-remote-user": "ada"}
    proxied = served("10.1.2.3", **proxies)
    assert proxied.get("/api/v1/entities", headers=ada).status_code == 200
    assert proxied.get("/api/v1/entities").status_code == 401, "the proxy names nobody"
    assert proxied.post("/api/v1/articles", headers=ada, json={}).status_code == 403, "users read"
    assert served("203.0.113.7", **proxies).get("/api/v1/entities", headers=ada).status_code == 401
    forged = {**ada, "x-forwarded-for": "10.1.2.3"}
    assert served("203.0.113.7", **proxies).get("/api/v1/entities", headers=forged).status_code == 401
    twice = [("x-remote-user", "ada"), ("x-remote-user", "root")]
    assert proxied.get("/api/v1/entities", headers=twice).status_code == 401, "which of the two is it?"


def test_a_page_of_another_site_cannot_write_to_this_machine(served: Ask) -> None:
    client = served()
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post("/api/v1/articles", headers=headers, content="{}")
        assert (answer.status_code, answer.json()["code"]) == (403, "origin")


def test_what_changes_something_needs_more_than_reading() -> None:
    assert [needed_scope(*each) for each in (("GET", "/"), ("POST", "/mcp"), ("POST", "/api/v1/articles"), ("BREW", "/"))] == [
        "read", "read", "write", "write",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc", "abc"), ("Basic eDphYmM=", "abc"), ("Basic ???", ""), ("Digest x", None)],
)
def test_a_key_is_read_from_bearer_and_from_basic(header: str, token: str | None) -> None:
    assert token_in(header) == token
