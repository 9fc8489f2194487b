"""Drafts pushed to servers on this machine that answer as listmonk and Ghost do."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.pushing import ghost_token, push
from index.digest.mail import MOST_HTML
from index.errors import SettingsError, UnreachableError, UsageError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from tests.conftest import MAIA, NOW, article

WEEK = "2023-W46"
KEY = "6489a1b2c3:" + "0f" * 32


@dataclass
class Newsletter:
    """A server that keeps what is posted to it and gives one answer."""

    port: int = 0
    status: int = 200
    answer: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running() -> Iterator[Newsletter]:
    there = Newsletter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            there.asked.append((self.path, dict(self.headers), body))
            self.send_response(there.status)
            for name, value in {"Content-Length": str(len(there.answer)), **there.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(there.answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield there
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def there() -> Iterator[Newsletter]:
    with running() as server:
        yield server


def settings_for(kb: KnowledgeBase, there: Newsletter, **values: object) -> Settings:
    given: dict[str, object] = {
        "listmonk_url": there.url, "listmonk_user": "chips", "listmonk_token": "t0ken", "listmonk_lists": (3, 4),
        "ghost_url": there.url, "ghost_key": KEY, "push_private": True,
    }  # fmt: skip
    return replace(kb.settings, **{**given, **values})  # type: ignore[arg-type]


def test_listmonk_gets_a_campaign_that_is_not_sent(filled: KnowledgeBase, there: Newsletter) -> None:
    there.answer = b'{"data": {"id": 17, "status": "draft"}}'
    pushed = push(filled, settings_for(filled, there, listmonk_template=2), WEEK, "listmonk", NOW)
    assert (pushed.week, pushed.target, pushed.id) == (WEEK, "listmonk", "17")
    [(path, headers, campaign)] = there.asked
    assert path == "/api/campaigns"
    assert headers["Authorization"] == "token chips:t0ken"
    assert (campaign["lists"], campaign["type"], campaign["content_type"], campaign["template_id"]) == (
        [3, 4],
        "regular",
        "html",
        2,
    )
    assert "send_at" not in campaign
    assert MAIA.title in campaign["subject"]
    assert MAIA.title in campaign["altbody"]
    assert campaign["body"].lstrip().startswith("<table")
    assert "<html" not in campaign["body"]
    assert len(campaign["body"]) < MOST_HTML


def test_what_was_crawled_is_no_template_to_listmonk(writer: KnowledgeBase, there: Newsletter) -> None:
    there.answer = b'{"data": {"id": 1}}'
    writer.ingest(
        [article("TSMC {{ .Subscriber.Email }} opens a fab", "TSMC opened {{ UnsubscribeURL }} a fab for wafers in Dresden.")],
        NOW,
    )
    writer.refresh(NOW)
    push(writer, settings_for(writer, there), WEEK, "listmonk", NOW)
    [(_, _, campaign)] = there.asked
    for text in (campaign["subject"], campaign["body"], campaign["altbody"]):
        assert '{{ "{{" }} .Subscriber.Email' in text
        assert "{{" not in text.replace('{{ "{{" }}', "")


def test_ghost_gets_a_post_that_is_a_draft_under_a_token_of_five_minutes(filled: KnowledgeBase, there: Newsletter) -> None:
    there.status, there.answer = 201, b'{"posts": [{"id": "65f0", "status": "draft"}]}'
    assert push(filled, settings_for(filled, there), WEEK, "ghost", NOW).id == "65f0"
    [(path, headers, document)] = there.asked
    assert path == "/ghost/api/admin/posts/?source=html"
    [post] = document["posts"]
    assert post["status"] == "draft"
    assert MAIA.title in post["html"]
    assert "<h1>" not in post["html"]
    kind, token = headers["Authorization"].split()
    assert kind == "Ghost"
    head, claims, signature = token.split(".")
    assert decoded(head) == {"alg": "HS256", "typ": "JWT", "kid": "6489a1b2c3"}
    assert decoded(claims) == {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 300, "aud": "/admin/"}
    right = hmac.new(b"\x0f" * 32, f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == right


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("key", ["", "no colon", "id:", ":0f0f", "id:not hex"])
def test_what_is_no_admin_key_is_said_so(key: str) -> None:
    with pytest.raises(SettingsError, match="no Admin API key"):
        ghost_token(key, NOW)


def test_an_issue_is_pushed_once_unless_asked_for_again(filled: KnowledgeBase, there: Newsletter) -> None:
    there.answer = b'{"data": {"id": 17}}'
    settings = settings_for(filled, there)
    composed = filled.digest(WEEK)
    push(filled, settings, WEEK, "listmonk", NOW)
    with pytest.raises(UsageError, match="already, as 17"):
        push(filled, settings, WEEK, "listmonk", NOW)
    push(filled, settings, WEEK, "listmonk", NOW, again=True)
    assert len(there.asked) == 2
    assert filled.digest(WEEK) is composed


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (403, b'{"message": "invalid session"}', "refused the issue: 403 invalid session"),
        (401, b'{"errors": [{"message": "Unknown Admin API Key"}]}', "refused the issue: 401 Unknown Admin API Key"),
        (500, b"<html>oops", "refused the issue: 500"),
        (302, b"", "refused the issue: 302"),
        (200, b"<html>a login page", "no JSON"),
        (200, b'{"data": true}', "did not say what it made"),
    ],
)
def test_what_goes_wrong_is_one_line_and_nothing_is_remembered(
    filled: KnowledgeBase, there: Newsletter, status: int, answer: bytes, said: str
) -> None:
    there.status, there.answer, there.headers = status, answer, {"Location": "/elsewhere"}
    with pytest.raises(UnreachableError, match=said):
        push(filled, settings_for(filled, there), WEEK, "listmonk", NOW)
    assert len(there.asked) == 1
    there.status, there.answer = 200, b'{"data": {"id": 1}}'
    push(filled, settings_for(filled, there), WEEK, "listmonk", NOW)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:8443", "https://10.0.0.5", "https://localhost", "https://[::1]", "http://news.example"]
)
def test_an_address_that_is_not_public_is_dialled_only_where_the_settings_say_so(
    filled: KnowledgeBase, there: Newsletter, url: str
) -> None:
    with pytest.raises(SettingsError, match="CHIPWIRE_PUSH_PRIVATE"):
        push(filled, settings_for(filled, there, ghost_url=url, push_private=False), WEEK, "ghost", NOW)
    assert there.asked == []


def test_without_settings_nothing_is_pushed(filled: KnowledgeBase) -> None:
    for target, name in (("listmonk", "LISTMONK"), ("ghost", "GHOST")):
        with pytest.raises(SettingsError, match=f"CHIPWIRE_{name}_URL"):
            push(filled, filled.settings, WEEK, target, NOW)
    with pytest.raises(UsageError, match="no target"):
        push(filled, filled.settings, WEEK, "substack", NOW)
    with pytest.raises(UsageError, match="no stories"):
        push(filled, filled.settings, "2020-W10", "ghost", NOW)


def test_the_command_says_what_it_made(filled: KnowledgeBase, there: Newsletter, monkeypatch: pytest.MonkeyPatch) -> None:
    there.answer = b'{"data": {"id": 17}}'
    for name, value in (("URL", there.url), ("USER", "chips"), ("TOKEN", "t"), ("LISTS", "3, 4")):
        monkeypatch.setenv(f"CHIPWIRE_LISTMONK_{name}", value)
    monkeypatch.setenv("CHIPWIRE_PUSH_PRIVATE", "yes")
    result = CliRunner().invoke(app, ["digest", "push", WEEK, "--to", "listmonk", "--home", str(filled.settings.home)])
    assert result.exit_code == 0, result.output
    assert f"listmonk has the issue of {WEEK} as a draft: 17" in result.output
    assert there.asked[0][2]["lists"] == [3, 4]
