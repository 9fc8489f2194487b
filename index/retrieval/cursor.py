"""Cursors: where an answer goes on. They hold a place in an order, not a number, so that they survive writes."""

import base64
import json
import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.errors import FilterError
from index.text.times import EARLIEST, LATEST

if TYPE_CHECKING:
    from index.retrieval.search import SearchRequest

Ids = NDArray[np.int64]
Keys = NDArray[np.float64]

_VERSION = 1
_LARGEST_ID = 2**63 - 1
MAX_LENGTH = 200
_ORDERS, _REMEMBERED = 64, 20_000
"""Orders that are remembered, and articles of each: 10 MB at most."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """``began`` is when the first page was asked for, ``newest`` the newest article then known; ``last`` is the article that
    the page before ended with, ``key`` the one by which it was in order."""

    began: datetime
    newest: int
    last: int
    key: float


def write_cursor(cursor: Cursor) -> str:
    """A cursor as text, which nobody but `read_cursor` needs to understand."""
    values = [_VERSION, int(cursor.began.timestamp()), cursor.newest, cursor.last, cursor.key]
    return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor:
    """Raises FilterError: no cursor that `write_cursor` gave."""
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        padded = text + "=" * (-len(text) % 4)
        version, began, newest, last, key = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
        if version != _VERSION or not all(type(each) is int and 0 <= each <= _LARGEST_ID for each in (began, newest, last)):
            raise ValueError
        if type(key) not in (int, float) or not math.isfinite(key) or not EARLIEST.timestamp() <= began <= LATEST.timestamp():
            raise ValueError
        return Cursor(datetime.fromtimestamp(began, UTC), newest, last, float(key))
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise FilterError("The cursor is not one that an earlier answer gave.", hint="Start again without it.") from None


class Orders:
    """The orders of recent answers that have a next page. Safe from several threads.

    Scores shift a little whenever articles come or go, enough for neighbours to change places. The order of the first page
    is therefore kept for those that follow; where it is forgotten, the place is found by the article that a page ended with.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Ids] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, request: "SearchRequest", cursor: Cursor, articles: Ids, keys: Keys) -> None:
        """Remember how the `articles` (a,) of the first page of an answer stand by their `keys` (a,)."""
        order = articles[np.argsort(-keys)[:_REMEMBERED]]
        with self._lock:
            self._kept[_name(request, cursor)] = order
            while len(self._kept) > _ORDERS:
                self._kept.popitem(last=False)

    def restore(self, request: "SearchRequest", cursor: Cursor, articles: Ids, keys: Keys) -> tuple[Keys, float]:
        """Keys (a,) in the remembered order, what was not in it at its end, with the key of the article that `cursor` names;
        `keys` and the cursor's own key where nothing is remembered."""
        name = _name(request, cursor)
        with self._lock:
            order = self._kept.get(name)
            if order is not None:
                self._kept.move_to_end(name)
        if order is None:
            return keys, cursor.key
        by_id = np.argsort(order)
        at = np.minimum(np.searchsorted(order[by_id], articles), len(order) - 1)
        place = by_id[at]
        known = order[place] == articles
        late = np.argsort(np.argsort(-keys)) + len(order)
        place_of_last = np.flatnonzero(order == cursor.last)
        restored = -np.where(known, place, late).astype(np.float64)
        return restored, -float(place_of_last[0]) if len(place_of_last) else -np.inf


def _name(request: "SearchRequest", cursor: Cursor) -> tuple[object, ...]:
    # Cursors hold whole seconds; whoever asks the same in the same second gets the same answer.
    return replace(request, k=0, cursor=None), int(cursor.began.timestamp()), cursor.newest
