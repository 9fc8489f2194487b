"""Drafts on a schedule: the issue of the week that ended, as files, and by mail to whoever edits it."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from api.smtp import mail_server
from index.digest.mail import mail_text
from index.digest.recipients import made_out
from index.digest.render import FORMATS, render
from index.digest.schedule import Weekly, last_week
from index.errors import StoreError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings

_LONGEST_NAP = 60.0
"""Seconds; a machine that was asleep, or whose clock was set, is noticed within so many."""


def write_draft(kb: KnowledgeBase, week: str, folder: Path) -> list[Path]:
    """Write the draft of a week in every format, each file whole or not at all.

    Raises:
        FilterError: no week. StoreError: the folder cannot be written.
    """
    digest = kb.issues.draft(week).digest
    written = []
    for form in FORMATS:
        path = folder / f"{digest.week}.{form}"
        aside = path.with_suffix(f".{form}.part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            aside.write_text(render(digest, form), "utf-8", newline="")
            os.replace(aside, path)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from None
        written.append(path)
    return written


def send_test(kb: KnowledgeBase, settings: Settings, week: str, address: str, unsubscribe: str | None, now: datetime) -> None:
    """Send the draft to one address; nothing is put on record.

    Raises:
        UnreachableError: the server cannot be reached or does not take it. SettingsError: there is none.
    """
    draft = kb.issues.draft(week)
    message = made_out(mail_text(draft.digest), address, settings.smtp_from, unsubscribe, now, f"test {draft.week} {now}")
    subject = str(message["Subject"])
    del message["Subject"]
    message["Subject"] = f"[Test] {subject}"
    with mail_server(settings) as server:
        answer = server.hand_over(message, address)
    if answer.state != "sent":
        raise UnreachableError(f"{address} was not sent the test: {answer.code or ''} {answer.words}.".replace(":  ", ": "))


def draft_every(
    every: Weekly,
    settings: Settings,
    work: Callable[[str], None],
    clock: Callable[[], datetime],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Call `work` with the week that ended, each time it is due, for ever."""
    while True:
        due = every.after(clock(), settings.zone)
        while (left := (due - clock()).total_seconds()) > 0:
            sleep(min(left, _LONGEST_NAP))
        work(last_week(due, settings.zone))
