"""The outbox, composed: carriers by the settings, one delivery after the other, or threads that go on as long as a server."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from api.alert_mail import MailCarrier
from api.webhooks import WebhookCarrier
from index.alerts.delivering import Carrier, deliver_next
from index.alerts.periodic import put_periodic
from index.errors import ChipwireError
from index.settings import Settings
from index.store.database import Store
from index.store.outbox import Delivery
from index.store.searches import search_by_id

THREADS = 4
"""Deliveries that are worked on at once: a receiver that hangs does not hold up the others."""
PAUSE = 1.0
"""Seconds between two looks at an empty outbox."""

logger = logging.getLogger(__name__)


def carriers(store: Store, settings: Settings, clock: Callable[[], datetime]) -> dict[str, Carrier]:
    """What carries each kind of delivery; without an SMTP server mails wait."""

    def secret_of(search_id: int) -> str | None:
        search = search_by_id(store, search_id)
        return search.secret if search is not None else None

    found: dict[str, Carrier] = {"webhook": WebhookCarrier(secret_of, clock, settings.loopback_ports)}
    if settings.smtp_host:
        found["mail"] = MailCarrier(settings, clock)
    return found


def deliver(
    store: Store, settings: Settings, clock: Callable[[], datetime], done: Callable[[Delivery], None] = lambda delivery: None
) -> int:
    """Deliver all that is due now; returns how many attempts that took. `done` hears of each."""
    put_periodic(store, clock(), settings.zone)
    ways = carriers(store, settings, clock)
    count = 0
    while (delivery := deliver_next(store, ways, clock)) is not None:
        done(delivery)
        count += 1
    return count


@contextmanager
def delivering(settings: Settings, clock: Callable[[], datetime]) -> Iterator[None]:
    """While the block runs, threads deliver what comes into the outbox. A delivery that is being made is finished."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_work, args=(settings, clock, stop, number == 0), name="deliveries", daemon=True)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(2 * PAUSE)


def _work(settings: Settings, clock: Callable[[], datetime], stop: threading.Event, first: bool) -> None:
    with Store.open_reader(settings.home) as store:
        ways = carriers(store, settings, clock)
        while not stop.is_set():
            try:
                if first:
                    put_periodic(store, clock(), settings.zone)
                delivery = deliver_next(store, ways, clock)
            except ChipwireError as error:
                logger.warning("Deliveries wait: %s", error)
                delivery = None
            if delivery is None:
                stop.wait(PAUSE)
