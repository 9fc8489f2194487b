"""Access keys: random tokens of which the store knows only the hash, with what each may do and until when.

All writing goes `Store.aside`, so that a key can be made or revoked while another process crawls.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Row

from index.store.database import Store

SCOPES = ("read", "write", "admin")
"""What a key may do; each includes the ones before it."""
PREFIX = "chipwire_"
"""What every token begins with, so that one that leaked is recognised for what it is."""
_SHOWN = len(PREFIX) + 6
_COLUMNS = "id, name, start, scope, created, expires, last_used, revoked"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as far as it is known: ``start`` is the beginning of its token, ``expires`` None where it never does."""

    id: int
    name: str
    start: str
    scope: str
    created: datetime
    expires: datetime | None = None
    last_used: datetime | None = None
    revoked: datetime | None = None

    def state(self, now: datetime) -> str:
        """``active``, ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"


def allows(scope: str, needed: str) -> bool:
    """Whether a key of `scope` may do what `needed` is needed for."""
    return SCOPES.index(scope) >= SCOPES.index(needed)


def create_key(store: Store, name: str, scope: str, now: datetime, expires: datetime | None) -> tuple[str, AccessKey]:
    """A new key with its token (256 random bits), which is nowhere kept and never seen again."""
    token = PREFIX + secrets.token_urlsafe(32)
    values = (name, token[:_SHOWN], _hash(token), scope, int(now.timestamp()), _seconds(expires))
    with store.aside() as connection:
        cursor = connection.execute(
            "INSERT INTO access_key (name, start, hash, scope, created, expires) VALUES (?, ?, ?, ?, ?, ?)", values
        )
        row = connection.execute(f"SELECT {_COLUMNS} FROM access_key WHERE id = ?", [cursor.lastrowid]).fetchone()
    return token, _key(row)


def all_keys(store: Store) -> list[AccessKey]:
    """Every key that was ever made, by id."""
    return [_key(row) for row in store.rows(f"SELECT {_COLUMNS} FROM access_key ORDER BY id")]


def key_of(store: Store, token: str, now: datetime) -> AccessKey | None:
    """The active key that `token` is; None for one that is unknown, expired or revoked. Asks the store each time."""
    if not token.startswith(PREFIX) or len(token) > 200:
        return None
    row = store.row(f"SELECT {_COLUMNS} FROM access_key WHERE hash = ?", [_hash(token)])
    key = None if row is None else _key(row)
    return key if key is not None and key.state(now) == "active" else None


def has_active_key(store: Store, now: datetime) -> bool:
    return any(key.state(now) == "active" for key in all_keys(store))


def revoke_key(store: Store, key: int, now: datetime) -> bool:
    """Revoke a key for good; False where there is none with this id. One that is revoked stays as it is."""
    with store.aside() as connection:
        changed = connection.execute(
            "UPDATE access_key SET revoked = coalesce(revoked, ?) WHERE id = ?", [int(now.timestamp()), key]
        )
        return changed.rowcount > 0


def note_use(store: Store, key: int, now: datetime) -> None:
    """Write down when a key was last used. Waits for nobody: raises StoreError where another transaction runs."""
    with store.aside(wait=0) as connection:
        connection.execute("UPDATE access_key SET last_used = ? WHERE id = ?", [int(now.timestamp()), key])


def _hash(token: str) -> str:
    # The token has 256 random bits, so there is nothing to guess, and no need for a slow hash.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Row) -> AccessKey:
    times = {name: None if row[name] is None else _moment(row[name]) for name in ("expires", "last_used", "revoked")}
    return AccessKey(row["id"], row["name"], row["start"], row["scope"], _moment(row["created"]), **times)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
