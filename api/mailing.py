"""Mails of alerts over SMTP, one dialogue for each recipient."""

import json
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr

from index.alerts.delivering import Outcome
from index.alerts.mail import alert_mail
from index.settings import Settings
from index.store.outbox import Delivery

TIMEOUT = 20.0
"""Seconds that a step of the dialogue may take."""
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class MailCarrier:
    """An `index.alerts.delivering.Carrier` by the ``smtp_`` settings."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._tls = tls

    def __call__(self, delivery: Delivery, sending: Callable[[], None]) -> Outcome:
        """What the server said to the recipient is in the outcome; what it refuses for good (5xx) is not tried again."""
        settings = self._settings
        message = alert_mail(json.loads(delivery.body), delivery.key, settings.smtp_from, delivery.target, self._clock())
        data = message.as_bytes()
        handing_over = False
        try:
            with self._connected() as server:
                for code, said in (
                    server.mail(parseaddr(settings.smtp_from)[1]),
                    server.rcpt(delivery.target),
                ):
                    if code not in (250, 251):
                        return _refused(code, said)
                sending()
                handing_over = True
                code, said = server.data(data)
                handing_over = False
                return Outcome(True, f"accepted: {_words(code, said)}") if code == 250 else _refused(code, said)
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            words = f"{type(error).__name__}: {str(error)[:200]}"
            if handing_over:
                return Outcome(False, f"broken off while the text was handed over, so it may have arrived: {words}", final=True)
            return Outcome(False, f"not reached: {words}")

    def _connected(self) -> smtplib.SMTP:
        """Raises SMTPException, OSError."""
        settings = self._settings
        port = settings.smtp_port or _PORTS[settings.smtp_security]
        tls = self._tls or ssl.create_default_context()
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.smtp_host, port, timeout=TIMEOUT, context=tls)
        else:
            server = smtplib.SMTP(settings.smtp_host, port, timeout=TIMEOUT)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=tls)
            server.ehlo_or_helo_if_needed()
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except BaseException:
            server.close()
            raise
        return server


def _refused(code: int, said: bytes | str) -> Outcome:
    return Outcome(False, f"refused: {_words(code, said)}", final=500 <= code < 600)


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())[:200]}"
