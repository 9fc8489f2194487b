"""Articles that came, and what people decided, while another process was writing: committed beside it, and taken in by
whoever writes next.

What is left here is in the same database as everything else, so that acknowledged means committed. It is taken in by
`KnowledgeBase.take_in`, which forgets it only when it is stored; the same twice is a duplicate and does no harm.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from index.article import Article, Origin
from index.errors import WriterBusy
from index.store.batches import AnsweredBatch, remember
from index.store.database import Store

MOST_BYTES = 500_000_000
"""Of the articles that wait, compressed."""
MOST_JUDGEMENTS = 10_000


def leave(
    store: Store, articles: Sequence[Article], now: datetime, answered: tuple[str, str, AnsweredBatch] | None = None
) -> None:
    """Commit articles for later, and with them what is answered to the (client, name) of their batch.

    Raises:
        WriterBusy: too much waits already. StoreError: the store cannot be written.
    """
    body = zlib.compress(json.dumps([_written(each) for each in articles]).encode())
    with store.aside() as connection:
        if articles:
            waiting = connection.execute("SELECT coalesce(sum(length(articles)), 0) FROM inbox").fetchone()[0]
            if waiting + len(body) > MOST_BYTES:
                raise WriterBusy(
                    "Too many articles wait for the process that is writing.", hint="Come again when it has taken them in."
                )
            connection.execute(
                "INSERT INTO inbox (received, count, articles) VALUES (?, ?, ?)", [int(now.timestamp()), len(articles), body]
            )
        if answered is not None:
            client, name, batch = answered
            remember(connection.execute, client, name, batch, now)


def waiting(store: Store) -> int:
    """How many articles and judgements wait."""
    row = store.row("SELECT (SELECT coalesce(sum(count), 0) FROM inbox) + (SELECT count(*) FROM judgement WHERE why IS NULL)")
    return 0 if row is None else int(row[0])


def first_left(store: Store) -> tuple[int, datetime, list[Article]] | None:
    """The batch that has waited longest: its number, when it came, its articles."""
    row = store.row("SELECT id, received, articles FROM inbox ORDER BY id LIMIT 1")
    if row is None:
        return None
    articles = [_read(each) for each in json.loads(zlib.decompress(row["articles"]))]
    return int(row["id"]), datetime.fromtimestamp(row["received"], UTC), articles


def forget(store: Store, number: int) -> None:
    """Take a batch out, once it is stored."""
    with store.atomic():
        store.execute("DELETE FROM inbox WHERE id = ?", [number])


@dataclass(frozen=True, slots=True)
class LeftJudgement:
    """What somebody decided: the fields of `index.knowledge.judging.judge`, and why it could not be carried out, if so."""

    number: int
    made: datetime
    what: Mapping[str, str]
    why: str | None


def leave_judgement(store: Store, what: Mapping[str, str], now: datetime) -> None:
    """Commit a judgement for later.

    Raises:
        WriterBusy: too many wait already. StoreError: the store cannot be written.
    """
    with store.aside() as connection:
        if connection.execute("SELECT count(*) FROM judgement").fetchone()[0] >= MOST_JUDGEMENTS:
            raise WriterBusy(
                "Too many decisions wait for the process that is writing.", hint="Come again when it took them in."
            )
        connection.execute("INSERT INTO judgement (made, what) VALUES (?, ?)", [int(now.timestamp()), json.dumps(dict(what))])


def judgements(store: Store) -> list[LeftJudgement]:
    """Those that wait and those that could not be carried out, oldest first."""
    return [
        LeftJudgement(int(row["id"]), datetime.fromtimestamp(row["made"], UTC), json.loads(row["what"]), row["why"])
        for row in store.rows("SELECT id, made, what, why FROM judgement ORDER BY id")
    ]


def settle(store: Store, number: int, why: str | None) -> None:
    """Take a judgement out that was carried out, or note `why` it could not be."""
    with store.atomic():
        if why is None:
            store.execute("DELETE FROM judgement WHERE id = ?", [number])
        else:
            store.execute("UPDATE judgement SET why = ? WHERE id = ?", [why[:500], number])


def _written(article: Article) -> dict[str, Any]:
    values = {name: value for name, value in asdict(article).items() if value not in (None, ())}
    for name in ("published", "modified"):
        if name in values:
            values[name] = values[name].isoformat()
    if article.html is not None:
        values["html"] = base64.b64encode(article.html).decode()
    return values


def _read(values: dict[str, Any]) -> Article:
    for name in ("published", "modified"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    if "html" in values:
        values["html"] = base64.b64decode(values["html"])
    if "origin" in values:
        values["origin"] = Origin(**values["origin"])
    for name in ("tags", "captions"):
        values[name] = tuple(values.get(name, ()))
    values["headers"] = tuple((key, value) for key, value in values.get("headers", ()))
    return Article(**{"url": None, **values})
