"""Mails by the day or the week: what a search told since the last one, together."""

from datetime import datetime, timedelta, tzinfo

from index.alerts.documents import delivery_body
from index.alerts.matching import MOST_TOGETHER
from index.store.database import Store
from index.store.outbox import put
from index.store.searches import alerts_between, all_searches, mailed_to, set_mailed_to

HOUR = 7
"""The hour of the day (in the time zone that is set) up to which a mail looks back, and after which it is sent."""


def last_closing(every: str, now: datetime, zone: tzinfo) -> datetime:
    """The last time that the books were closed: at seven, of the day or of Monday."""
    local = now.astimezone(zone)
    closing = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if closing > local:
        closing -= timedelta(days=1)
    if every == "weekly":
        closing -= timedelta(days=closing.weekday())
    return closing


def put_periodic(store: Store, now: datetime, zone: tzinfo) -> int:
    """Put the mails that have become due into the outbox, one for each recipient; returns how many.

    A mail's key names its search, its day and its recipient, so it is put in once, whoever does so and however often.
    """
    made = 0
    for search in all_searches(store):
        if not search.mail or search.mail_every == "once":
            continue
        closing = last_closing(search.mail_every, now, zone)
        since = mailed_to(store, search.id)
        alerts = alerts_between(store, search.id, since, closing)
        if not alerts:
            continue
        with store.aside() as connection:
            if not set_mailed_to(connection, search.id, since, alerts[-1].id):
                continue  # another process was faster
            documents = [{"id": alert.id, **alert.body} for alert in alerts]
            for address in search.mail:
                for part, first in enumerate(range(0, len(documents), MOST_TOGETHER), 1):
                    key = f"{search.id}:{closing:%Y-%m-%d}:{address}:{part}"
                    body = delivery_body(key, search, documents[first : first + MOST_TOGETHER])
                    put(connection.execute, search.id, "mail", address, key, body, now)
                    made += 1
    return made
