"""Trying a saved search out: what it would tell now, sent to everywhere that its alerts go."""

import uuid
from datetime import datetime

from index.alerts.documents import alert_document, delivery_body
from index.alerts.matching import filters_of
from index.errors import UsageError
from index.knowledge_base import KnowledgeBase
from index.retrieval.search import SearchRequest
from index.store.outbox import put
from index.store.searches import SavedSearch


def put_test(kb: KnowledgeBase, search: SavedSearch, now: datetime) -> list[str]:
    """Put a test into the outbox for the webhook and each recipient, with the best answer that there is; returns their keys.

    Raises:
        UsageError: its alerts go nowhere. FilterError, IndexUnavailable: it cannot be asked.
    """
    targets = [*([("webhook", search.webhook)] if search.webhook else []), *(("mail", each) for each in search.mail)]
    if not targets:
        raise UsageError(
            f"Alerts of {search.name!r} go nowhere but into its feed.", hint="Save it with a webhook or a recipient."
        )
    found = kb.search(SearchRequest(search.query, 1, filters_of(search, kb.settings.zone, now)), now)
    alerts = [alert_document(hit, kb.source_name, kb.reading.catalogue.name_of, ()) for hit in found.hits]
    keys = []
    with kb.store.aside() as connection:
        for kind, target in targets:
            key = str(uuid.uuid4())
            put(connection.execute, search.id, kind, target, key, delivery_body(key, search, alerts, test=True), now)
            keys.append(key)
    return keys
