"""Saved searches as people work with them: saving, listing, removing, what they told and where it went."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import urlsplit

from index.alerts.matching import filters_of
from index.errors import FilterError, NotFound, UsageError
from index.knowledge.reading import Reading
from index.retrieval.filters import MAX_VALUES, check_filters
from index.retrieval.query import check_query
from index.store.database import Store
from index.store.outbox import Attempt, Delivery, deliveries_of
from index.store.searches import (
    FILTERS,
    MAIL_TIMES,
    SavedSearch,
    StoredAlert,
    alerts_of,
    all_searches,
    delete_search,
    save_search,
    search_by_id,
    search_by_name,
)

MAX_NAME, MAX_RECIPIENTS, MAX_SHOWN, MAX_ADDRESS = 100, 50, 1000, 2000
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*")
Refusal = Callable[[str], str | None]
"""Says why an address may not be dialled; None where it may."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search to save, as given; see `index.store.searches.SavedSearch`."""

    name: str
    query: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    new_claims: bool = False
    webhook: str | None = None
    mail: Sequence[str] = ()
    mail_every: str = "once"
    owner: str = ""


class SearchDesk:
    """The saved searches of a data folder. Whoever may write the folder's file may save, beside any process that indexes."""

    def __init__(self, store: Store, reading: Reading, zone: tzinfo) -> None:
        self._store = store
        self._reading = reading
        self._zone = zone

    def all(self) -> list[SavedSearch]:
        """By name."""
        return all_searches(self._store)

    def get(self, name: str | int) -> SavedSearch:
        """The search with this id or name.

        Raises:
            NotFound: none.
        """
        text = str(name)
        found = search_by_name(self._store, text)
        if found is None and text.isascii() and text.isdigit() and len(text) < 19:
            found = search_by_id(self._store, int(text))
        if found is None:
            raise NotFound(f"There is no saved search {text[:100]!r}.", hint="chipwire searches list shows them.")
        return found

    def by_id(self, search_id: int) -> SavedSearch:
        """Raises NotFound."""
        found = search_by_id(self._store, search_id) if 0 < search_id < 2**63 else None
        if found is None:
            raise NotFound(f"There is no saved search {str(search_id)[:30]}.")
        return found

    def add(self, wanted: Wanted, now: datetime, refused: Refusal) -> SavedSearch:
        """Save a search; articles that are indexed from now on are matched with it.

        Raises:
            UsageError: the name is taken, or an output cannot be used. QueryError, FilterError: it could not be asked.
        """
        search = self._checked(wanted, now, refused)
        return self.by_id(save_search(self._store, search))

    def remove(self, name: str | int) -> SavedSearch:
        """Remove a search with its alerts and what waits to be delivered. Raises NotFound."""
        search = self.get(name)
        delete_search(self._store, search.id)
        return search

    def alerts(self, search_id: int, limit: int = 50, before: int | None = None) -> list[StoredAlert]:
        """The alerts of a search, newest first; with `before` older ones than that with this id.

        Raises:
            FilterError: `limit` is not in 1 to `MAX_SHOWN`.
        """
        if not 1 <= limit <= MAX_SHOWN:
            raise FilterError(f"k is {str(limit)[:30]}; it must be from 1 to {MAX_SHOWN}.")
        return alerts_of(self._store, search_id, limit, before)

    def deliveries(self, search_id: int, limit: int = 50) -> list[tuple[Delivery, list[Attempt]]]:
        """Where alerts went, newest first, with every attempt. Raises FilterError: as `alerts`."""
        if not 1 <= limit <= MAX_SHOWN:
            raise FilterError(f"k is {str(limit)[:30]}; it must be from 1 to {MAX_SHOWN}.")
        return deliveries_of(self._store, search_id, limit)

    # -- checking

    def _checked(self, wanted: Wanted, now: datetime, refused: Refusal) -> SavedSearch:
        name = " ".join(wanted.name.split())
        if not name or len(name) > MAX_NAME or not name.isprintable() or name.isdigit():
            raise UsageError(
                f"A saved search needs a name of 1 to {MAX_NAME} characters.",
                hint="Digits alone are no name: ids look like that.",
            )
        if wanted.mail_every not in MAIL_TIMES:
            raise FilterError(f"mail is sent {', '.join(MAIL_TIMES)}; {wanted.mail_every[:30]!r} is none of them.")
        mail = tuple(dict.fromkeys(each.strip() for each in wanted.mail if each.strip()))
        if len(mail) > MAX_RECIPIENTS:
            raise UsageError(f"A search is mailed to at most {MAX_RECIPIENTS} recipients.")
        for address in mail:
            if len(address) > 254 or not _MAIL.fullmatch(address):
                raise UsageError(f"{address[:100]!r} is not a mail address.")
        webhook = (wanted.webhook or "").strip() or None
        if webhook is not None:
            _check_address(webhook, refused)
        search = SavedSearch(
            id=0,
            name=name,
            query=check_query(wanted.query),
            filters=self._filters(wanted.filters),
            created=now,
            owner=wanted.owner[:200],
            new_claims=wanted.new_claims,
            webhook=webhook,
            secret=secrets.token_urlsafe(32) if webhook else None,
            mail=mail,
            mail_every=wanted.mail_every,
        )
        check_filters(filters_of(search, self._zone, now), self._reading.catalogue)
        return search

    def _filters(self, given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        unknown = sorted(set(given) - set(FILTERS))
        if unknown:
            raise FilterError(f"{unknown[0][:30]!r} is no filter of a saved search.", hint=f"There are {', '.join(FILTERS)}.")
        filters: dict[str, tuple[str, ...]] = {}
        for key, values in given.items():
            parts = tuple(dict.fromkeys(part.strip()[:200] for value in values for part in value.split(",") if part.strip()))
            if len(parts) > MAX_VALUES:
                raise FilterError(f"{key} has {len(parts)} values; at most {MAX_VALUES} are read.")
            if parts:
                filters[key] = parts
        return filters


def _check_address(address: str, refused: Refusal) -> None:
    """Raises UsageError: not an http(s) address, or one that is not dialled."""
    if len(address) > MAX_ADDRESS or not address.isascii() or not address.isprintable() or " " in address:
        raise UsageError("The webhook's address is malformed.")
    try:
        fragment = urlsplit(address).fragment
    except ValueError:
        raise UsageError("The webhook's address is malformed.") from None
    if fragment:
        raise UsageError("The webhook's address has a # in it, which is never sent.")
    why = refused(address)
    if why is not None:
        raise UsageError(f"The webhook is refused: {why}.", hint="It must be on the public internet.")
