"""Drafts on a schedule: the issue of the week that ended, as files, and by mail to whoever edits it."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from api.smtp import mail_server
from index.digest.mail import mail_text
from index.digest.recipients import made_out, read_address
from index.digest.render import FORMATS, render
from index.digest.schedule import Weekly, last_week, read_weekly
from index.errors import ChipwireError, SettingsError, StoreError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.database import Store
from index.store.issues import claim_draft

_LONGEST_NAP = 60.0
"""Seconds; a machine that was asleep, or whose clock was set, is noticed within so many."""

DRAFTS = "drafts"
"""The folder of drafts in the data folder."""

logger = logging.getLogger(__name__)


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


def draft_schedule(settings: Settings) -> tuple[Weekly, str | None] | None:
    """When drafts are made by the settings, and the address that they are sent to; None where there is no schedule.

    Raises:
        SettingsError: the settings name no time of the week, or no address.
    """
    if not settings.draft_every:
        return None
    try:
        return read_weekly(settings.draft_every), read_address(settings.draft_to) if settings.draft_to else None
    except ChipwireError as error:
        raise SettingsError(f"No drafts can be scheduled: {error.message}", hint=error.hint) from None


@contextmanager
def drafting(settings: Settings, clock: Callable[[], datetime], nap: float = _LONGEST_NAP) -> Iterator[None]:
    """While the block runs, a thread writes the drafts that `settings.draft_every` asks for; none where it asks for none.

    Of several processes over a data folder one does it; what fell due while none ran is done when the next one starts.

    Raises:
        SettingsError: as `draft_schedule`.
    """
    schedule = draft_schedule(settings)
    if schedule is None:
        yield
        return
    every, address = schedule
    stop = threading.Event()
    thread = threading.Thread(target=_draft, args=(every, address, settings, clock, stop, nap), name="drafts", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def _draft(
    every: Weekly, address: str | None, settings: Settings, clock: Callable[[], datetime], stop: threading.Event, nap: float
) -> None:
    while not stop.is_set():
        due = every.last(clock(), settings.zone)
        try:
            with Store.open_reader(settings.home) as store:
                claimed = claim_draft(store, due)
            if claimed:
                week = last_week(due, settings.zone)
                with KnowledgeBase.open(settings, lexical_only=True) as kb:
                    write_draft(kb, week, settings.home / DRAFTS)
                    if address is not None:
                        send_test(kb, settings, week, address, None, clock())
        except ChipwireError as error:
            logger.warning("The draft that was due at %s: %s", due.isoformat(timespec="minutes"), error)
        stop.wait(nap)
