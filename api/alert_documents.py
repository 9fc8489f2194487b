"""The JSON of saved searches, their alerts and deliveries, for the command line and the API alike."""

from collections.abc import Sequence
from typing import Any

from index.store.outbox import Attempt, Delivery
from index.store.searches import SavedSearch, StoredAlert
from index.text.times import iso

Document = dict[str, Any]


def saved_search_document(search: SavedSearch, *, secret: bool = False) -> Document:
    """A saved search; with `secret` what signs its webhook, which is told once, when it is saved."""
    document: Document = {
        "id": search.id,
        "name": search.name,
        "query": search.query,
        "filters": {key: list(values) for key, values in search.filters.items()},
        "new_claims": search.new_claims,
        "webhook": search.webhook,
        "mail": list(search.mail),
        "mail_every": search.mail_every,
        "owner": search.owner,
        "created": iso(search.created),
        "alerts": search.alerts,
        "last_alert": iso(search.last_alert),
        "trouble": search.trouble,
    }
    return {**document, "secret": search.secret} if secret else document


def saved_searches_document(searches: Sequence[SavedSearch]) -> Document:
    return {"searches": [saved_search_document(each) for each in searches]}


def alerts_document(search: SavedSearch, alerts: Sequence[StoredAlert], k: int) -> Document:
    """Alerts, newest first; ``next_before`` leads on to older ones."""
    return {
        "search": saved_search_document(search),
        "alerts": [{"id": each.id, "made": iso(each.made), **each.body} for each in alerts],
        "next_before": alerts[-1].id if len(alerts) == k else None,
    }


def deliveries_document(deliveries: Sequence[tuple[Delivery, Sequence[Attempt]]]) -> Document:
    """Where alerts went: ``key`` is what a webhook got as its idempotency key."""
    return {
        "deliveries": [
            {
                "id": delivery.id,
                "kind": delivery.kind,
                "target": delivery.target,
                "key": delivery.key,
                "state": delivery.state,
                "made": iso(delivery.made),
                "due": iso(delivery.due) if delivery.state == "waiting" else None,
                "attempts": [
                    {"moment": iso(each.moment), "success": each.success, "outcome": each.outcome} for each in attempts
                ],
            }
            for delivery, attempts in deliveries
        ]
    }
