"""Sending an issue over SMTP: a record before each mail and after it, so that a run may be cut off at any moment."""

import smtplib
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr

from index.digest.recipients import made_out
from index.errors import SettingsError, UnreachableError
from index.retrieval.refresh import Progress, silent
from index.settings import Settings
from index.store.database import Store
from index.store.sendings import DEFERRED, REFUSED, SENT, UNSURE, begin_sending, end_sending

TIMEOUT = 30.0
"""Seconds that a step of the dialogue may take."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SKIPPED = "skipped"
_MOST_BROKEN = 3
"""Dialogues that break off one after another before the run ends: the server is gone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one mail fared: a state of `index.store.sendings`, with the server's code and words."""

    state: str
    code: int | None
    words: str


class MailServer:
    """The server of the settings: one connection for many mails, made anew where it broke off."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None) -> None:
        """Raises SettingsError: there is no server, or no address to send from."""
        if not settings.smtp_host:
            raise SettingsError("There is no mail server.", hint="Set CHIPWIRE_SMTP_HOST, and CHIPWIRE_SMTP_FROM.")
        self._settings = settings
        self._sender = parseaddr(settings.smtp_from)[1]
        if "@" not in self._sender:
            raise SettingsError(f"CHIPWIRE_SMTP_FROM={settings.smtp_from!r} has no address to send from.")
        self._tls = tls
        self._connection: smtplib.SMTP | None = None

    def connect(self) -> None:
        """Raises UnreachableError: the server cannot be reached, or refuses the connection or the login."""
        settings = self._settings
        port = settings.smtp_port or _PORTS[settings.smtp_security]
        try:
            tls = self._tls or ssl.create_default_context()
            if settings.smtp_security == "tls":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(settings.smtp_host, port, timeout=TIMEOUT, context=tls)
            else:
                connection = smtplib.SMTP(settings.smtp_host, port, timeout=TIMEOUT)
            self._connection = connection
            if settings.smtp_security == "starttls":
                connection.starttls(context=tls)
            connection.ehlo_or_helo_if_needed()
            if settings.smtp_user:
                connection.login(settings.smtp_user, settings.smtp_password)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise UnreachableError(f"The mail server {settings.smtp_host}:{port} cannot be used: {_one_line(error)}.") from None

    def hand_over(self, message: EmailMessage, recipient: str) -> Answer:
        """Hand one mail over. Raises UnreachableError: as `connect`, where it has to connect."""
        if self._connection is None:
            self.connect()
        connection = self._connection
        assert connection is not None
        handing_over = False
        try:
            code, said = connection.mail(self._sender)
            if code == 250:
                code, said = connection.rcpt(recipient)
            if code not in (250, 251):
                connection.rset()
                return _refusal(code, said)
            handing_over = True
            code, said = connection.data(message.as_bytes())
            handing_over = False
            return Answer(SENT, code, _words(said)) if code == 250 else _refusal(code, said)
        except smtplib.SMTPDataError as error:
            return _refusal(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            if handing_over:
                return Answer(UNSURE, None, f"broken off while it was handed over: {_one_line(error)}")
            return Answer(DEFERRED, None, f"broken off before it was handed over: {_one_line(error)}")

    def close(self) -> None:
        """Say good-bye, where there is still somebody to say it to."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()


@contextmanager
def mail_server(settings: Settings, tls: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    server = MailServer(settings, tls)
    try:
        yield server
    finally:
        server.close()


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


def _refusal(code: int, said: bytes | str) -> Answer:
    return Answer(REFUSED if 500 <= code < 600 else DEFERRED, code, _words(said))


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def _one_line(error: Exception) -> str:
    words = _words(str(error)) or type(error).__name__
    return words.rstrip(".")
