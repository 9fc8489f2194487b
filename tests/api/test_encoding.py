"""Validators and compression, as a client sees them."""

import gzip
import json

import brotli
import pytest
from fastapi.testclient import TestClient

from api.encoding import encoding_for, entity_tag, is_known
from index.knowledge_base import KnowledgeBase
from tests.api.test_app import client as client
from tests.conftest import HBM, NOW, article


def raw(client: TestClient, path: str, accepted: str) -> tuple[dict[str, str], bytes]:
    with client.stream("GET", path, headers={"accept-encoding": accepted}) as answer:
        return dict(answer.headers), b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    "path",
    ["/api/v1/search?q=maia", "/api/v1/articles/1", "/api/v1/articles/1/similar", "/api/v1/entities", "/api/v1/entities/tsmc",
     "/api/v1/digests/2023-W46", "/api/v1/digests/2023-W46?format=md", "/api/v1/stories?week=2023-W46", "/api/v1/sources"],
)  # fmt: skip
def test_what_a_client_has_already_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_a_changed_article_has_another_validator(client: TestClient, filled: KnowledgeBase) -> None:
    tag = client.get("/api/v1/articles/5").headers["etag"]
    filled.ingest([article(HBM.title, HBM.text + " It was corrected.", url=HBM.url)], NOW)
    answer = client.get("/api/v1/articles/5", headers={"if-none-match": tag})
    assert (answer.status_code, answer.headers["etag"] != tag) == (200, True)


def test_errors_are_not_kept(client: TestClient) -> None:
    answer = client.get("/api/v1/articles/999")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_large_answers_are_compressed_as_the_client_can_read_them(client: TestClient) -> None:
    _, plain = raw(client, "/api/v1/entities", "identity")
    for accepted, encoding, unpack in (("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)):
        headers, body = raw(client, "/api/v1/entities", accepted)
        assert headers["content-encoding"] == encoding
        assert "accept-encoding" in headers["vary"].lower()
        assert int(headers["content-length"]) == len(body) < len(plain) / 3
        assert json.loads(unpack(body)) == json.loads(plain)


def test_an_answer_of_one_packet_is_left_alone(client: TestClient) -> None:
    headers, _ = raw(client, "/api/v1/stories?week=2019-W01", "br, gzip")
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br;q=1.0, gzip;q=0.8", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("*", "br"), ("br;q=0,*;q=0", None),
        ("identity", None), ("", None), ("gzip;q=nonsense", None), ("deflate", None),
    ],
)  # fmt: skip
def test_the_encoding_is_one_that_the_client_takes(accepted: str, encoding: str | None) -> None:
    assert encoding_for(accepted) == encoding


def test_a_validator_does_not_depend_on_how_long_an_answer_took() -> None:
    assert entity_tag(b'{"took_ms":1.5,"total":3}') == entity_tag(b'{"took_ms":20.25,"total":3}')
    assert entity_tag(b'{"took_ms":1.5,"total":3}') != entity_tag(b'{"took_ms":1.5,"total":4}')
    assert is_known('W/"a"', '"b", "a"')
    assert is_known('W/"a"', "*")
    assert not is_known('W/"a"', '"b"')


@pytest.mark.parametrize("path", ["/api/v1/entities/tsmc", "/", "/api/v1/articles/999", "/api/v1/export?q=maia"])
def test_head_is_the_head_of_what_get_answers(client: TestClient, path: str) -> None:
    asked, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (asked.status_code, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == asked.headers.get(name), name
