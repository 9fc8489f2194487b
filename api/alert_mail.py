"""Mails of alerts over SMTP, one dialogue for each recipient."""

import json
import ssl
from collections.abc import Callable
from datetime import datetime

from api.smtp import Answer, mail_server
from index.alerts.delivering import Outcome
from index.alerts.mail import alert_mail
from index.errors import ChipwireError
from index.settings import Settings
from index.store.outbox import Delivery
from index.store.sendings import REFUSED, SENT, UNSURE

TIMEOUT = 20.0
"""Seconds that a step of the dialogue may take: a delivery is leased for two minutes."""


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
        try:
            with mail_server(settings, self._tls, timeout=TIMEOUT) as server:
                return _outcome(server.hand_over(message, delivery.target, sending))
        except ChipwireError as error:
            return Outcome(False, f"not reached: {error.message}")


def _outcome(answer: Answer) -> Outcome:
    if answer.state == SENT:
        return Outcome(True, f"accepted: {answer.code} {answer.words}")
    if answer.state == UNSURE:
        return Outcome(False, f"{answer.words}, so it may have arrived", final=True)
    if answer.code is None:
        return Outcome(False, answer.words)
    return Outcome(False, f"refused: {answer.code} {answer.words}", final=answer.state == REFUSED)
