"""Issues of the digest as stored: the draft with its lock and versions, what was published, and who was sent it.

Everything is written beside the process that holds the writer lock (`Store.aside`), for issues are edited while a crawl runs.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from index.errors import NotFound
from index.store.database import SET_META, Store

_MOST_VERSIONS = 500
_DRAFTED = "drafted"
PUSHED = "pushed:"
"""How the notes in ``meta`` begin that say which program was given which draft."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Who edits an issue, until when unless they go on; ``token`` is known to that editor only."""

    holder: str
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """The draft's edits as a document; ``revision`` grows with every change. ``hold`` may have run out."""

    week: str
    edits: Mapping[str, Any]
    revision: int
    changed: datetime
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Version:
    """A state of the edits that was kept."""

    number: int
    made: datetime
    editor: str
    note: str
    edits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """An issue as it went out. ``number`` is 1, and more for corrections, whose ``note`` says what was corrected;
    ``accepted`` are statements that no source has and that the editor stands for."""

    week: str
    number: int
    made: datetime
    editor: str
    note: str
    title: str
    summary: str
    accepted: tuple[str, ...]
    edits: Mapping[str, Any]


def issue(store: Store, week: str) -> StoredIssue | None:
    """The draft of a week, None where nobody has touched it."""
    row = store.row("SELECT * FROM issue WHERE week = ?", [week])
    if row is None:
        return None
    hold = None if row["token"] is None else Hold(row["holder"], row["token"], _moment(row["held_until"]))
    return StoredIssue(week, json.loads(row["edits"]), row["revision"], _moment(row["changed"]), hold)


def take_hold(store: Store, week: str, hold: Hold, now: datetime, *, by_force: bool) -> StoredIssue:
    """Hold a week's issue, founding it where there is none; unless somebody else holds it and this is not `by_force`.

    Returns:
        The issue as it is then: its hold tells whose it is.
    """
    held = [hold.holder, hold.token, _seconds(hold.until)]
    with store.aside() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO issue (week, edits, revision, changed) VALUES (?, '{}', 0, ?)", [week, _seconds(now)]
        )
        connection.execute(
            "UPDATE issue SET holder = ?, token = ?, held_until = ? WHERE week = ? AND "
            "(? OR token IS NULL OR token = ? OR held_until <= ?)",
            [*held, week, by_force, hold.token, _seconds(now)],
        )
    found = issue(store, week)
    assert found is not None
    return found


def release_hold(store: Store, week: str, token: str) -> None:
    """Leave an issue to others."""
    with store.aside() as connection:
        connection.execute(
            "UPDATE issue SET holder = NULL, token = NULL, held_until = NULL WHERE week = ? AND token = ?", [week, token]
        )


def save_edits(store: Store, week: str, edits: Mapping[str, Any], token: str, until: datetime, now: datetime) -> int | None:
    """Store the draft's edits and go on holding it.

    Returns:
        The new revision; None where somebody else has taken the issue, and nothing was stored. A hold that only ran out
        is still good.
    """
    with store.aside() as connection:
        changed = connection.execute(
            "UPDATE issue SET edits = ?, revision = revision + 1, changed = ?, held_until = ? WHERE week = ? AND token = ?",
            [_json(edits), _seconds(now), _seconds(until), week, token],
        )
        if not changed.rowcount:
            return None
        row = connection.execute("SELECT revision FROM issue WHERE week = ?", [week]).fetchone()
        return int(row[0])


def keep_version(store: Store, week: str, editor: str, note: str, now: datetime) -> int:
    """Keep the draft's edits as they are, as a version; none is made where the last one is the same.

    Returns:
        The number of the version that has them.
    """
    with store.aside() as connection:
        row = connection.execute("SELECT edits FROM issue WHERE week = ?", [week]).fetchone()
        if row is None:
            raise NotFound(f"Nobody has edited the issue of {week}.")
        last = connection.execute(
            "SELECT number, edits FROM issue_version WHERE week = ? ORDER BY number DESC LIMIT 1", [week]
        ).fetchone()
        if last is not None and last["edits"] == row["edits"]:
            return int(last["number"])
        number = 1 if last is None else int(last["number"]) + 1
        connection.execute(
            "INSERT INTO issue_version VALUES (?, ?, ?, ?, ?, ?)", [week, number, _seconds(now), editor, note, row["edits"]]
        )
        return number


def versions(store: Store, week: str) -> list[Version]:
    """What was kept of an issue, newest first."""
    rows = store.rows("SELECT * FROM issue_version WHERE week = ? ORDER BY number DESC LIMIT ?", [week, _MOST_VERSIONS])
    return [_version(row) for row in rows]


def version(store: Store, week: str, number: int) -> Version:
    """Raises NotFound."""
    row = store.row("SELECT * FROM issue_version WHERE week = ? AND number = ?", [week, number])
    if row is None:
        raise NotFound(f"The issue of {week} has no version {number}.")
    return _version(row)


def publish(store: Store, issue: Published, documents: Mapping[str, str]) -> Published:
    """Store an issue as it goes out, with its rendered `documents` by form; its number is the next one of its week."""
    with store.aside() as connection:
        row = connection.execute("SELECT coalesce(max(number), 0) FROM published_issue WHERE week = ?", [issue.week]).fetchone()
        done = replace(issue, number=int(row[0]) + 1)
        accepted = json.dumps(list(done.accepted), ensure_ascii=False)
        connection.execute(
            "INSERT INTO published_issue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [done.week, done.number, _seconds(done.made), done.editor, done.note, done.title, done.summary, accepted,
             _json(done.edits)],
        )  # fmt: skip
        connection.executemany(
            "INSERT INTO published_document VALUES (?, ?, ?, ?)",
            [(done.week, done.number, form, zlib.compress(text.encode())) for form, text in sorted(documents.items())],
        )
    return done


def published(store: Store, week: str | None = None, limit: int = 500) -> list[Published]:
    """What went out, of one week or of all: the newest week first, within a week the newest correction first."""
    where, parameters = ("WHERE week = ?", [week]) if week is not None else ("", [])
    rows = store.rows(f"SELECT * FROM published_issue {where} ORDER BY week DESC, number DESC LIMIT ?", [*parameters, limit])
    return [_published(row) for row in rows]


def published_document(store: Store, week: str, number: int, form: str) -> str:
    """A document of a published issue, to the byte. Raises NotFound."""
    row = store.row("SELECT body FROM published_document WHERE week = ? AND number = ? AND form = ?", [week, number, form])
    if row is None:
        raise NotFound(f"The issue of {week} was not published as {form!r} in version {number}.")
    return zlib.decompress(row[0]).decode()


def _version(row: Any) -> Version:
    return Version(row["number"], _moment(row["made"]), row["editor"], row["note"], json.loads(row["edits"]))


def _published(row: Any) -> Published:
    return Published(
        row["week"],
        row["number"],
        _moment(row["made"]),
        row["editor"],
        row["note"],
        row["title"],
        row["summary"],
        tuple(json.loads(row["accepted"])),
        json.loads(row["edits"]),
    )


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def claim_draft(store: Store, due: datetime) -> bool:
    """Take upon oneself the draft that was due at `due`; True for one process alone, however many ask.

    The first time that anybody asks, nothing is due: a schedule begins with the next moment.
    """
    now = str(int(due.timestamp()))
    with store.aside() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", [_DRAFTED]).fetchone()
        if row is not None and int(row[0]) >= int(now):
            return False
        connection.execute(SET_META, [_DRAFTED, now])
        return row is not None


def pushed_to(store: Store, week: str, target: str) -> str | None:
    """The id under which another program has the draft of a week; None where it was not given it."""
    return store.meta(f"{PUSHED}{target}:{week}")


def remember_push(store: Store, week: str, target: str, name: str) -> None:
    """Remember that another program has the draft of a week under this id."""
    with store.aside() as connection:
        connection.execute(SET_META, [f"{PUSHED}{target}:{week}", name])
