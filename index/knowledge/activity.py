"""What has been going on: articles a day, and entities that are named more, or less, than they were.

Time is counted back from the newest article, not from the clock: a store of last year has a last week too.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from index.knowledge.entities import Catalogue, Entity
from index.store.articles import article_days, articles_naming, newest_time
from index.store.database import Store

_WEEKS = 4
"""Weeks before the last one that say what is usual."""


@dataclass(frozen=True, slots=True)
class Mover:
    """An entity with its articles in the last seven days, and its articles a week in the four weeks before."""

    entity: Entity
    articles: int
    usual: float


def recent_days(store: Store, days: int, zone: tzinfo) -> list[tuple[datetime, int]]:
    """The first moment of each of the last `days` days in `zone`, oldest first, with its articles; empty without articles."""
    newest = newest_time(store)
    if newest is None:
        return []
    counts: dict[date, int] = {}
    for moment, count in article_days(store):
        day = moment.astimezone(zone).date()
        counts[day] = counts.get(day, 0) + count
    last = newest.astimezone(zone).date()
    every = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return [(datetime.combine(day, time(), zone), counts.get(day, 0)) for day in every]


def movers(store: Store, catalogue: Catalogue, limit: int) -> list[Mover]:
    """Entities whose share of the last seven days' articles differs most from what was usual, the largest changes first.

    A change counts by how unlikely it is as chance: the difference of the square roots of two counts has about the same
    spread whatever they are (Anscombe 1948).
    """
    newest = newest_time(store)
    if newest is None:
        return []
    end = newest + timedelta(seconds=1)
    week = end - timedelta(days=7)
    now = articles_naming(store, week, end)
    before = articles_naming(store, week - timedelta(weeks=_WEEKS), week)
    found: list[tuple[float, Mover]] = []
    for entity_id in now.keys() | before.keys():
        entity = catalogue.get(entity_id)
        if entity is None:
            continue
        count, usual = now.get(entity_id, 0), before.get(entity_id, 0) / _WEEKS
        change = math.sqrt(count + 0.375) - math.sqrt(usual + 0.375)
        if count >= 2 or usual >= 2:
            found.append((change, Mover(entity, count, usual)))
    found.sort(key=lambda pair: (-abs(pair[0]), pair[1].entity.id))
    return [mover for change, mover in found[:limit] if abs(change) > 0.3]
