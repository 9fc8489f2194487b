"""Issues over real SMTP: to nobody twice, going on after a crash, with what the server said on record."""

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from api.drafting import send_test
from api.issue_mail import send_issue
from api.smtp import mail_server
from index.errors import FilterError, SettingsError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.sendings import sendings
from tests.api.mail_server import OK, MailReceiver
from tests.conftest import MAIA, NOW, clean_environment
from tests.index.digest.test_desk import WEEK, write

ROOT = Path(__file__).parent.parent.parent
READERS = ["ada@one.example", "bob@two.example", "cy@three.example"]


@pytest.fixture
def kb(filled: KnowledgeBase) -> KnowledgeBase:
    filled.issues.publish(WEEK, "Ada", NOW)
    return filled


def post(kb: KnowledgeBase, receiver: MailReceiver, recipients: list[str] = READERS, **options: object) -> Counter[str]:
    settings = through(kb.settings, receiver)
    newest = kb.issues.published(WEEK)[0].number
    with mail_server(settings) as server:
        return send_issue(
            kb.store, server, kb.issues.document(WEEK, "eml"), WEEK, newest, recipients, sender=settings.smtp_from,
            unsubscribe=options.pop("unsubscribe", None), clock=lambda: NOW, **options,  # type: ignore[arg-type]
        )  # fmt: skip


def through(settings: Settings, receiver: MailReceiver) -> Settings:
    sender = "AI chips <letter@chips.example>"
    return replace(settings, smtp_host="127.0.0.1", smtp_port=receiver.port, smtp_security="none", smtp_from=sender)


def states(kb: KnowledgeBase) -> dict[str, str]:
    return {sending.recipient: sending.state for sending in sendings(kb.store, WEEK)}


def read(text: bytes) -> EmailMessage:
    message = email.message_from_bytes(text, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_each_reader_gets_a_mail_of_their_own_that_says_how_to_leave(kb: KnowledgeBase) -> None:
    with MailReceiver() as receiver:
        fared = post(kb, receiver, unsubscribe="https://chips.example/leave?who={recipient}")
    assert fared == {"sent": 3}
    assert receiver.connections == 1
    assert [recipient for recipient, _ in receiver.given] == READERS
    messages = [read(text) for _, text in receiver.given]
    assert [message["To"] for message in messages] == READERS
    assert len({message["Message-ID"] for message in messages}) == 3
    first = messages[0]
    assert first["From"] == "AI chips <letter@chips.example>"
    assert first["List-Unsubscribe"] == "<https://chips.example/leave?who=ada%40one.example>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stored = read(kb.issues.document(WEEK, "eml").encode())
    for kind in ("plain", "html"):
        sent, published = first.get_body((kind,)), stored.get_body((kind,))
        assert sent is not None
        assert published is not None
        assert sent.get_content().replace("\r\n", "\n") == published.get_content().replace("\r\n", "\n")
        assert MAIA.title in sent.get_content()


def test_nobody_is_sent_an_issue_twice(kb: KnowledgeBase) -> None:
    with MailReceiver() as receiver:
        post(kb, receiver, READERS[:2])
        assert post(kb, receiver, ["ADA@one.example", *READERS]) == {"skipped": 3, "sent": 1}
        assert Counter(recipient for recipient, _ in receiver.given) == dict.fromkeys(READERS, 1)


def test_two_runs_at_once_send_no_mail_twice(kb: KnowledgeBase) -> None:
    readers = [f"r{n}@one.example" for n in range(30)]
    with MailReceiver() as receiver:
        runs = [threading.Thread(target=post, args=(kb, receiver, readers)) for _ in range(3)]
        for run in runs:
            run.start()
        for run in runs:
            run.join(60)
    assert sorted(recipient for recipient, _ in receiver.given) == sorted(readers)


def test_a_correction_is_sent_only_to_those_who_want_to_hear_of_it(kb: KnowledgeBase) -> None:
    with MailReceiver() as receiver:
        post(kb, receiver, READERS[:1])
        kb.issues.publish(WEEK, "Ada", NOW, note="A wrong chip.")
        assert post(kb, receiver, READERS[:2]) == {"skipped": 1, "sent": 1}
        assert post(kb, receiver, READERS[:2], correction=True) == {"skipped": 1, "sent": 1}


def test_what_the_server_says_is_on_record_and_only_what_may_come_right_is_tried_again(kb: KnowledgeBase) -> None:
    answers = {READERS[0]: "550 5.1.1 no such\tuser", READERS[1]: "451 4.7.1 greylisted, come again"}
    with MailReceiver(to_recipient=lambda recipient: answers.get(recipient, OK)) as receiver:
        assert post(kb, receiver) == {"refused": 1, "deferred": 1, "sent": 1}
        found = {sending.recipient: sending for sending in sendings(kb.store, WEEK)}
        assert (found[READERS[0]].code, found[READERS[0]].answer) == (550, "5.1.1 no such user")
        assert (found[READERS[1]].code, found[READERS[1]].answer) == (451, "4.7.1 greylisted, come again")
        answers.clear()
        assert post(kb, receiver) == {"skipped": 2, "sent": 1}
    assert states(kb) == {READERS[0]: "refused", READERS[1]: "sent", READERS[2]: "sent"}


def test_a_text_that_is_refused_is_a_refusal(kb: KnowledgeBase) -> None:
    with MailReceiver(to_text=lambda recipient: "554 5.7.1 spam" if recipient == READERS[0] else OK) as receiver:
        assert post(kb, receiver) == {"refused": 1, "sent": 2}


def test_where_it_broke_off_while_handing_over_nobody_knows_and_nothing_is_sent_again_unasked(kb: KnowledgeBase) -> None:
    broken = {READERS[1]}
    with MailReceiver(to_text=lambda recipient: None if recipient in broken else OK) as receiver:
        assert post(kb, receiver) == {"sent": 2, "sending": 1}
        assert receiver.connections == 2, "the others are sent over a new connection"
        broken.clear()
        assert post(kb, receiver) == {"skipped": 3}
        assert post(kb, receiver, retry_unsure=True) == {"skipped": 2, "sent": 1}


def test_where_it_broke_off_before_it_is_tried_again(kb: KnowledgeBase) -> None:
    broken = {READERS[1]}
    with MailReceiver(to_recipient=lambda recipient: None if recipient in broken else OK) as receiver:
        assert post(kb, receiver) == {"sent": 2, "deferred": 1}
        broken.clear()
        assert post(kb, receiver) == {"skipped": 2, "sent": 1}


def test_a_server_that_is_gone_ends_the_run_with_what_was_sent_on_record(kb: KnowledgeBase) -> None:
    readers = [f"r{n}@one.example" for n in range(9)]
    with MailReceiver(to_recipient=lambda recipient: OK if recipient == readers[0] else None) as receiver:
        with pytest.raises(UnreachableError, match="broke off 3 times"):
            post(kb, receiver, readers)
        assert Counter(states(kb).values()) == {"sent": 1, "deferred": 3}
    with pytest.raises(UnreachableError, match="cannot be used"):
        post(kb, receiver, readers)


def test_a_wrong_address_to_leave_at_sends_nothing(kb: KnowledgeBase) -> None:
    with MailReceiver() as receiver:
        for wrong in ("javascript:alert(1)", "https://x.example/\r\nBcc: eve@example.org", "http://x.example/"):
            with pytest.raises(FilterError):
                post(kb, receiver, unsubscribe=wrong)
    assert receiver.given == []
    assert states(kb) == {}


def test_a_test_is_the_draft_and_is_off_the_record(kb: KnowledgeBase) -> None:
    story = kb.digest(WEEK).entries[0].story_id
    edits = kb.issues.edits(WEEK).with_entry(story, headline="As it would be now")
    write(kb.issues, edits)
    with MailReceiver() as receiver:
        send_test(kb, through(kb.settings, receiver), WEEK, "me@one.example", None, NOW)
    [(recipient, text)] = receiver.given
    message = read(text)
    assert recipient == "me@one.example"
    assert message["Subject"].startswith("[Test] AI chips, week 2023-W46: As it would be now")
    assert message["List-Unsubscribe"] == "<mailto:letter@chips.example?subject=unsubscribe>"
    assert states(kb) == {}


def test_without_a_server_the_settings_are_named(kb: KnowledgeBase) -> None:
    with pytest.raises(SettingsError, match="CHIPWIRE_SMTP_HOST"), mail_server(kb.settings):
        pass


def test_a_run_that_is_killed_goes_on_where_it_was(kb: KnowledgeBase, tmp_path: Path) -> None:
    """The process is killed while the server has the second reader's mail and has not answered."""
    stuck, killed = threading.Event(), threading.Event()

    def answer(recipient: str) -> str | None:
        if recipient == READERS[1] and not killed.is_set():
            stuck.set()
            killed.wait(60)
            return None
        return OK

    listed = tmp_path / "list.txt"
    listed.write_text("# readers\n" + "\n".join(READERS) + "\n", "utf-8")
    with MailReceiver(to_text=answer) as receiver:
        environment = clean_environment(
            CHIPWIRE_HOME=str(kb.settings.home), CHIPWIRE_MODEL="none", CHIPWIRE_SMTP_HOST="127.0.0.1",
            CHIPWIRE_SMTP_PORT=str(receiver.port), CHIPWIRE_SMTP_SECURITY="none", CHIPWIRE_SMTP_FROM="letter@chips.example",
        )  # fmt: skip
        command = [sys.executable, "-m", "api", "digest", "send", WEEK, "--to", str(listed), "--json"]
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert stuck.wait(90), "the second mail was never handed over"
            os.kill(running.pid, signal.SIGKILL)
        finally:
            running.kill()
            running.communicate()
            killed.set()
        assert states(kb) == {READERS[0]: "sent", READERS[1]: "sending"}
        again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert again.returncode == 0, again.stderr
        fared = json.loads(again.stdout)
        assert (fared["sent"], fared["skipped"]) == (1, 2)
        assert Counter(recipient for recipient, _ in receiver.given) == dict.fromkeys(READERS, 1)
        sent = subprocess.run(
            [*command[:4], "sent", WEEK], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert "unsure    bob@two.example" in sent.stdout
