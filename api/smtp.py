"""The mail server of the settings, spoken to over SMTP: the one place that opens a dialogue, for issues and alerts alike."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

from api.console import printable
from index.errors import SettingsError, UnreachableError
from index.settings import Settings
from index.store.sendings import DEFERRED, REFUSED, SENT, UNSURE

TIMEOUT = 30.0
"""Seconds that a step of the dialogue may take, where nobody says otherwise."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Answer:
    """How one mail fared: a state of `index.store.sendings`, with the server's code and words."""

    state: str
    code: int | None
    words: str


class MailServer:
    """The server of the settings: one connection for many mails, made anew where it broke off."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None, *, timeout: float = TIMEOUT) -> None:
        """Raises SettingsError: there is no server, or no address to send from."""
        if not settings.smtp_host:
            raise SettingsError("There is no mail server.", hint="Set CHIPWIRE_SMTP_HOST, and CHIPWIRE_SMTP_FROM.")
        self._settings = settings
        self._sender = parseaddr(settings.smtp_from)[1]
        if "@" not in self._sender:
            raise SettingsError(f"CHIPWIRE_SMTP_FROM={settings.smtp_from!r} has no address to send from.")
        self._tls = tls
        self._timeout = timeout
        self._connection: smtplib.SMTP | None = None

    def connect(self) -> None:
        """Raises UnreachableError: the server cannot be reached, or refuses the connection or the login."""
        settings = self._settings
        port = settings.smtp_port or _PORTS[settings.smtp_security]
        try:
            tls = self._tls or ssl.create_default_context()
            if settings.smtp_security == "tls":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(settings.smtp_host, port, timeout=self._timeout, context=tls)
            else:
                connection = smtplib.SMTP(settings.smtp_host, port, timeout=self._timeout)
            self._connection = connection
            if settings.smtp_security == "starttls":
                connection.starttls(context=tls)
            connection.ehlo_or_helo_if_needed()
            if settings.smtp_user:
                connection.login(settings.smtp_user, settings.smtp_password)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise UnreachableError(f"The mail server {settings.smtp_host}:{port} cannot be used: {_one_line(error)}.") from None

    def hand_over(self, message: EmailMessage, recipient: str, sending: Callable[[], None] = _nothing) -> Answer:
        """Hand one mail over; `sending` is called once the recipient is accepted, right before the text is handed over.

        Raises:
            UnreachableError: as `connect`, where it has to connect.
        """
        text = message.as_bytes()
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
                self._forget_mail()
                return _refusal(code, said)
            sending()
            handing_over = True
            code, said = connection.data(text)
            handing_over = False
            return Answer(SENT, code, _words(said)) if code == 250 else _refusal(code, said)
        except smtplib.SMTPDataError as error:
            return _refusal(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            if handing_over:
                return Answer(UNSURE, None, f"broken off while it was handed over: {_one_line(error)}")
            return Answer(DEFERRED, None, f"broken off before it was handed over: {_one_line(error)}")

    def _forget_mail(self) -> None:
        """Make ready for another mail; what was said of this one stands, whatever comes of that."""
        assert self._connection is not None
        try:
            self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

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
def mail_server(settings: Settings, tls: ssl.SSLContext | None = None, *, timeout: float = TIMEOUT) -> Iterator[MailServer]:
    """A `MailServer`, closed after the block. Raises SettingsError as it does."""
    server = MailServer(settings, tls, timeout=timeout)
    try:
        yield server
    finally:
        server.close()


def _refusal(code: int, said: bytes | str) -> Answer:
    return Answer(REFUSED if 500 <= code < 600 else DEFERRED, code, _words(said))


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(printable(text).split())[:300]


def _one_line(error: Exception) -> str:
    words = _words(str(error)) or type(error).__name__
    return words.rstrip(".")
