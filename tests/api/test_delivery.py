"""Deliveries to real servers on this machine: signed, retried, never a mail twice, and nothing dialled that is not public."""

import email
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest

from api.delivery import deliver, delivering
from api.webhooks import WebhookCarrier, signature
from index.alerts.delivering import WAITS, Outcome, next_try
from index.alerts.desk import Wanted
from index.alerts.periodic import last_closing
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.outbox import LEASE, Attempt, Delivery, finish, mark_sending, take
from index.store.searches import SavedSearch
from tests.api.receivers import Hook, MailBox, mail_server, web_server
from tests.conftest import DGX, MAIA, MAIA_ZH, NOW, article


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as server:
        yield server


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as server:
        yield server


def told(kb: KnowledgeBase, *, query: str = "Maia 100", bring: bool = True, **values: object) -> SavedSearch:
    """A saved search that has an alert on its way."""
    search = kb.searches.add(Wanted("mine", query, **values), NOW, lambda url: None)  # type: ignore[arg-type]
    if bring:
        kb.ingest([MAIA, MAIA_ZH], NOW)
        kb.refresh(NOW)
    return search


def by_mail(settings: Settings, box: MailBox) -> Settings:
    return replace(
        settings, smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none", smtp_from="Chips <chips@example.com>"
    )


def log(kb: KnowledgeBase, search: SavedSearch) -> list[tuple[str, list[str]]]:
    return [(d.state, [each.outcome for each in attempts]) for d, attempts in kb.searches.deliveries(search.id)]


def test_a_webhook_gets_signed_json_that_says_why(writer: KnowledgeBase, hook: Hook, clock: Clock) -> None:
    search = told(writer, webhook=hook.url)
    settings = replace(writer.settings, loopback_ports=(hook.port,))
    assert deliver(writer.store, settings, clock) == 1
    [(path, headers, body)] = hook.requests
    assert path == "/hook?of=mine"
    document = json.loads(body)
    assert document["id"] == headers["Idempotency-Key"]
    assert (document["type"], document["search"]["name"]) == ("alerts", "mine")
    assert document["alerts"][0]["title"] in (MAIA.title, MAIA_ZH.title)
    assert document["alerts"][0]["why"]["entities"]
    moment = headers["Chipwire-Timestamp"]
    assert int(moment) == int(NOW.timestamp())
    expected = hmac.new(str(search.secret).encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Chipwire-Signature"] == f"v1={expected}"
    assert log(writer, search) == [("done", ["answered 204"])]
    assert deliver(writer.store, settings, clock) == 0


def test_a_failed_webhook_is_tried_again_under_the_same_key_and_a_new_signature(
    writer: KnowledgeBase, hook: Hook, clock: Clock
) -> None:
    hook.answers = [(500, {}), (503, {"Retry-After": "120"}), (302, {"Location": "http://127.0.0.1/"}), (200, {})]
    search = told(writer, webhook=hook.url)
    settings = replace(writer.settings, loopback_ports=(hook.port,))
    for wait, tried in ((0, 1), (10, 0), (6, 1), (61, 0), (60, 1), (301, 1), (99_999, 0)):
        clock.now += timedelta(seconds=wait)
        assert deliver(writer.store, settings, clock) == tried, wait
    assert len({headers["Idempotency-Key"] for _, headers, _ in hook.requests}) == 1
    assert len({headers["Chipwire-Signature"] for _, headers, _ in hook.requests}) == 4
    assert len({body for _, _, body in hook.requests}) == 1
    assert log(writer, search) == [
        ("done", ["answered 500", "answered 503", "answered 302: redirects are not followed", "answered 200"])
    ]


def test_a_webhook_that_never_works_is_given_up_after_a_day(writer: KnowledgeBase, hook: Hook, clock: Clock) -> None:
    hook.answers = [(500, {})]
    search = told(writer, webhook=hook.url)
    settings = replace(writer.settings, loopback_ports=(hook.port,))
    for _ in range(40):
        deliver(writer.store, settings, clock)
        clock.now += timedelta(hours=1)
    assert len(hook.requests) == len(WAITS) + 1
    assert log(writer, search)[0][0] == "failed"


def test_a_receiver_that_is_gone_for_good_gets_no_more(writer: KnowledgeBase, hook: Hook, clock: Clock) -> None:
    hook.answers = [(410, {})]
    search = told(writer, webhook=hook.url)
    deliver(writer.store, replace(writer.settings, loopback_ports=(hook.port,)), clock)
    assert log(writer, search) == [("failed", ["answered 410: the receiver wants no more"])]


def test_what_else_waits_for_a_webhook_that_failed_waits_with_it(writer: KnowledgeBase, hook: Hook, clock: Clock) -> None:
    hook.answers = [(500, {})]
    search = told(writer, webhook=hook.url, query="Microsoft OR NVIDIA")
    writer.ingest([DGX], NOW)
    writer.refresh(NOW)
    waiting = len(writer.searches.deliveries(search.id))
    assert deliver(writer.store, replace(writer.settings, loopback_ports=(hook.port,)), clock) == 1
    assert (waiting, len(hook.requests)) == (2, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://0x7f000001:{port}/", "http://2130706433:{port}/",
        "http://168.63.129.16/", "http://user@hooks.example/", "ftp://hooks.example/", "http://hooks.internal/",
        "https://hooks.example:22/",
    ],
)  # fmt: skip
def test_no_address_that_is_not_public_is_dialled(writer: KnowledgeBase, hook: Hook, clock: Clock, url: str) -> None:
    search = told(writer, webhook=url.format(port=hook.port))
    deliver(writer.store, writer.settings, clock)
    [(state, [outcome])] = log(writer, search)
    assert (state, outcome[:9]) == ("failed", "refused: ")
    assert hook.requests == []


def test_the_address_that_is_checked_is_the_address_that_is_dialled(
    writer: KnowledgeBase, hook: Hook, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is asked for first and this machine's the next time (DNS rebinding)."""
    asked: list[str] = []

    def resolve(host: str, *args: object, **named: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    dialled: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *args: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    monkeypatch.setattr("socket.create_connection", connect)
    search = told(writer, webhook="http://rebinding.example/hook")
    deliver(writer.store, writer.settings, clock)
    assert (asked, dialled) == (["rebinding.example"], [("93.184.215.14", 80)])
    assert log(writer, search)[0][1] == ["not reached: nobody there"]


def test_a_name_that_leads_to_a_private_address_is_refused(
    writer: KnowledgeBase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("93.184.215.14", "192.168.0.9")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **named: found)
    search = told(writer, webhook="https://mixed.example/hook")
    deliver(writer.store, writer.settings, clock)
    [(state, [outcome])] = log(writer, search)
    assert state == "failed"
    assert "192.168.0.9, which is not public" in outcome


def test_a_server_that_never_answers_is_left_after_a_while(
    writer: KnowledgeBase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.webhooks.TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        search = told(writer, webhook=f"http://127.0.0.1:{port}/")
        deliver(writer.store, replace(writer.settings, loopback_ports=(port,)), clock)
    [(state, [outcome])] = log(writer, search)
    assert (state, outcome[:9]) == ("waiting", "no answer")


def test_a_mail_says_what_and_why_in_both_of_its_parts(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    search = told(writer, mail=["ada@example.com"])
    assert deliver(writer.store, by_mail(writer.settings, box), clock) == 1
    [(recipient, data)] = box.mails
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert (recipient, message["To"], message["From"]) == ("ada@example.com", "ada@example.com", "Chips <chips@example.com>")
    assert message["Subject"].startswith("[mine] ")
    assert message["Auto-Submitted"] == "auto-generated"
    plain, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    title = writer.searches.alerts(search.id)[0].body["title"]
    for part in (plain, page):
        assert title in part
        assert "Why: names Microsoft" in part
    assert log(writer, search) == [("done", ["accepted: 250 OK"])]


def test_each_recipient_has_a_record_and_no_mail_is_sent_twice(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    box.refuse = lambda step: {"RCPT bad@example.com": "550 no such user", "RCPT later@example.com": "451 come again"}.get(step)
    search = told(writer, mail=["ada@example.com", "bad@example.com", "later@example.com"])
    settings = by_mail(writer.settings, box)
    deliver(writer.store, settings, clock)
    box.refuse = lambda step: None
    clock.now += timedelta(hours=1)
    deliver(writer.store, settings, clock)
    clock.now += timedelta(days=2)
    assert deliver(writer.store, settings, clock) == 0
    assert sorted(recipient for recipient, _ in box.mails) == ["ada@example.com", "later@example.com"]
    assert sorted(log(writer, search)) == [
        ("done", ["accepted: 250 OK"]),
        ("done", ["refused: 451 come again", "accepted: 250 OK"]),
        ("failed", ["refused: 550 no such user"]),
    ]


@pytest.mark.parametrize(("step", "state"), [("MAIL", "waiting"), ("RCPT ada@example.com", "waiting"), (".", "failed")])
def test_a_dialogue_that_breaks_off_is_repeated_only_if_no_text_was_handed_over(
    writer: KnowledgeBase, box: MailBox, clock: Clock, step: str, state: str
) -> None:
    box.refuse = lambda now: "" if now == step else None
    search = told(writer, mail=["ada@example.com"])
    deliver(writer.store, by_mail(writer.settings, box), clock)
    assert log(writer, search)[0][0] == state


def test_after_a_crash_what_was_not_handed_over_is_sent_and_what_may_have_been_is_not(
    writer: KnowledgeBase, box: MailBox, clock: Clock
) -> None:
    search = told(writer, mail=["ada@example.com", "bob@example.com"])
    before, during = take(writer.store, NOW, ["mail"]), take(writer.store, NOW, ["mail"])
    assert before is not None and during is not None
    mark_sending(writer.store, during.id)  # and here both processes are killed
    settings = by_mail(writer.settings, box)
    assert deliver(writer.store, settings, clock) == 0, "somebody may still be working on them"
    clock.now += LEASE
    deliver(writer.store, settings, clock)
    assert [recipient for recipient, _ in box.mails] == [before.target]
    assert {state for state, _ in log(writer, search)} == {"done", "doubtful"}


def test_a_refusal_stands_though_the_server_hangs_up_after_it(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    box.refuse = lambda step: {"RCPT ada@example.com": "550 no such user", "RSET": ""}.get(step)
    search = told(writer, mail=["ada@example.com"])
    deliver(writer.store, by_mail(writer.settings, box), clock)
    assert log(writer, search) == [("failed", ["refused: 550 no such user"])]


def test_a_server_that_cannot_be_used_is_tried_again(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    search = told(writer, mail=["ada@example.com"])
    deliver(writer.store, replace(by_mail(writer.settings, box), smtp_from="nobody"), clock)
    [(state, [words])] = log(writer, search)
    assert state == "waiting"
    assert "has no address to send from" in words


def test_mails_wait_until_there_is_a_server_to_take_them(writer: KnowledgeBase, clock: Clock) -> None:
    search = told(writer, mail=["ada@example.com"])
    assert deliver(writer.store, writer.settings, clock) == 0
    assert log(writer, search) == [("waiting", [])]


def test_a_daily_mail_has_the_alerts_of_the_day_and_comes_once(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    search = told(writer, mail=["ada@example.com", "bob@example.com"], mail_every="daily", query="Microsoft OR NVIDIA")
    writer.ingest([DGX], NOW)
    writer.refresh(NOW)
    settings = by_mail(writer.settings, box)
    assert deliver(writer.store, settings, clock) == 0
    clock.now = datetime(2024, 6, 2, 6, 59, tzinfo=UTC)
    assert deliver(writer.store, settings, clock) == 0
    clock.now = datetime(2024, 6, 2, 7, 0, tzinfo=UTC)
    assert deliver(writer.store, settings, clock) == 2
    assert deliver(writer.store, settings, clock) == 0
    body = json.loads(writer.searches.deliveries(search.id)[0][0].body)
    assert len(body["alerts"]) == 2
    clock.now += timedelta(days=3)
    assert deliver(writer.store, settings, clock) == 0, "nothing new, no mail"


def test_a_weekly_mail_closes_on_monday_at_seven() -> None:
    saturday = datetime(2024, 6, 1, 12, tzinfo=UTC)
    assert last_closing("weekly", saturday, UTC) == datetime(2024, 5, 27, 7, tzinfo=UTC)
    assert last_closing("weekly", datetime(2024, 6, 3, 6, 59, tzinfo=UTC), UTC) == datetime(2024, 5, 27, 7, tzinfo=UTC)
    assert last_closing("weekly", datetime(2024, 6, 3, 7, tzinfo=UTC), UTC) == datetime(2024, 6, 3, 7, tzinfo=UTC)
    assert last_closing("daily", saturday, UTC) == datetime(2024, 6, 1, 7, tzinfo=UTC)


def test_what_was_crawled_is_no_header_and_no_markup(writer: KnowledgeBase, box: MailBox, clock: Clock) -> None:
    title = "Maia 100\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>\u2028X\u202e"
    writer.searches.add(Wanted("mine", "Maia 100", mail=["ada@example.com"]), NOW, lambda url: None)
    writer.ingest([article(title, "Maia 100 <img src=x onerror=alert(1)>", url="javascript:alert(1)")], NOW)
    writer.ingest([replace(MAIA, title=title)], NOW)
    writer.refresh(NOW)
    deliver(writer.store, by_mail(writer.settings, box), clock)
    [(recipient, data)] = box.mails
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert (recipient, message["Bcc"]) == ("ada@example.com", None)
    page = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script" not in page and "<img" not in page and "javascript:" not in page


def test_threads_deliver_what_comes_while_they_run(writer: KnowledgeBase, hook: Hook) -> None:
    settings = replace(writer.settings, loopback_ports=(hook.port,))
    with delivering(settings, lambda: datetime.now(UTC)):
        told(writer, webhook=hook.url)
        began = time.monotonic()
        while not hook.requests and time.monotonic() - began < 10:
            time.sleep(0.02)
    assert len(hook.requests) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "deliveries"]


def test_two_who_take_from_the_outbox_never_take_the_same(writer: KnowledgeBase) -> None:
    told(writer, mail=[f"reader{n}@example.com" for n in range(20)])
    taken: list[int] = []

    def work() -> None:
        while (delivery := take(writer.store, NOW, ["mail"])) is not None:
            taken.append(delivery.id)
            finish(writer.store, delivery, Attempt(NOW, True, "ok"), None)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 20


def test_a_delivery_of_a_search_that_was_removed_is_not_made(writer: KnowledgeBase, hook: Hook, clock: Clock) -> None:
    told(writer, webhook=hook.url)
    delivery = take(writer.store, NOW, ["webhook"])
    assert isinstance(delivery, Delivery)
    writer.searches.remove("mine")
    outcome = WebhookCarrier(lambda search: None, clock, (hook.port,))(delivery, lambda: None)
    finish(writer.store, delivery, Attempt(NOW, outcome.success, outcome.words), None)
    assert (outcome.final, hook.requests) == (True, [])


def test_waits_grow_and_heed_what_a_receiver_asks_for() -> None:
    waits = [next_try(n, Outcome(False, ""), NOW) for n in range(1, len(WAITS) + 2)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1], key=lambda each: each or NOW)
    assert next_try(1, Outcome(False, "", wait=timedelta(minutes=30)), NOW) == NOW + timedelta(minutes=30)
    assert next_try(1, Outcome(False, "", wait=timedelta(days=900)), NOW) == NOW + timedelta(hours=12)


def test_a_signature_is_of_its_time_and_its_body() -> None:
    made = signature("secret", 1_700_000_000, b"{}")
    assert made == "v1=" + hmac.new(b"secret", b"1700000000.{}", hashlib.sha256).hexdigest()
    assert len({made, signature("secret", 1_700_000_001, b"{}"), signature("other", 1_700_000_000, b"{}")}) == 3
