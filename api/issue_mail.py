"""Sending an issue over SMTP: a record before each mail and after it, so that a run may be cut off at any moment."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from api.smtp import MailServer
from index.digest.recipients import made_out
from index.errors import UnreachableError
from index.retrieval.refresh import Progress, silent
from index.store.database import Store
from index.store.sendings import DEFERRED, UNSURE, begin_sending, end_sending

_SKIPPED = "skipped"
_MOST_BROKEN = 3
"""Dialogues that break off one after another before the run ends: the server is gone."""


def send_issue(
    store: Store,
    server: MailServer,
    mail: str,
    week: str,
    number: int,
    recipients: Sequence[str],
    *,
    sender: str,
    unsubscribe: str | None,
    clock: Callable[[], datetime],
    correction: bool = False,
    retry_unsure: bool = False,
    progress: Progress = silent,
) -> Counter[str]:
    """Send a published issue to all who were not sent it; run again, it goes on where it was cut off.

    Returns:
        How many fared how: the states of `index.store.sendings`, and ``skipped``.

    Raises:
        UnreachableError: the server cannot be reached, or broke off several times. What was sent is on record.
    """
    fared: Counter[str] = Counter()
    again = (DEFERRED, UNSURE) if retry_unsure else (DEFERRED,)
    broken = 0
    server.connect()
    for done, recipient in enumerate(recipients):
        progress("sending", done, len(recipients))
        # Whatever is wrong with the mail is found before the record says that it is on its way.
        message = made_out(mail, recipient, sender, unsubscribe, clock(), f"{week} {number}")
        # Addresses that differ in capitals are one reader.
        key = recipient.lower()
        if not begin_sending(store, week, number, key, clock(), correction=correction, again=again):
            fared[_SKIPPED] += 1
            continue
        try:
            answer = server.hand_over(message, recipient)
        except UnreachableError as error:
            end_sending(store, week, number, key, DEFERRED, None, error.message, clock())
            raise
        end_sending(store, week, number, key, answer.state, answer.code, answer.words, clock())
        fared[answer.state] += 1
        broken = broken + 1 if answer.code is None else 0
        if broken == _MOST_BROKEN:
            raise UnreachableError(
                f"The mail server broke off {broken} times: {answer.words}.",
                hint="What was sent is on record; run it again later.",
            )
    progress("sending", len(recipients), len(recipients))
    return fared
