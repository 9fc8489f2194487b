"""Opening the store, and the one place where SQLite's errors become Chipwire's.

WAL, ``synchronous=FULL`` (acknowledged means committed), foreign keys on. One writer at a time, by `WriterLock`;
readers open read-only, one connection a thread.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import NotFound, SchemaTooNew, StoreCorrupt, StoreError, StoreFull
from index.store.lock import WriterLock

FILE_NAME = "chipwire.db"
_AT_ONCE = 500  # values of one statement: SQLite takes some thousands
SET_META = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
"""Sets a note of (key, value), for `Store.set_meta` and for what is written `Store.aside`."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn driver errors on the store at `path` into `StoreError` and its kinds."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, path) from error


@contextmanager
def _no_such_number() -> Iterator[None]:
    """A number of more than 64 bits, as anybody may ask for, is the number of nothing that is stored."""
    try:
        yield
    except OverflowError:
        raise NotFound("There is nothing with so large a number.") from None


def _translate(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) or 0
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR_WRITE):
        return StoreFull(
            f"The disk that holds {path.parent} is full; nothing of the last step was stored, all before it is safe.",
            hint="Free some space and run the command again.",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreCorrupt(f"{path} is not a readable database ({error}).", hint="Restore it from a backup.")
    if primary == sqlite3.SQLITE_READONLY or primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{path} cannot be opened for writing ({error}).", hint="Check the folder's permissions.")
    return StoreError(f"The store {path} refused: {error}.")


class Store:
    """An open store. `open_writer` and `open_reader` make one; use it as a context manager or call `close`."""

    def __init__(self, home: Path, *, lock: WriterLock | None) -> None:
        self.home = home
        self.path = home / FILE_NAME
        self._lock = lock
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._writing = threading.RLock()

    @classmethod
    def open_writer(cls, home: Path) -> "Store":
        """Open `home` for writing, creating or migrating it first.

        Raises:
            WriterBusy: another process is writing.
            SchemaTooNew: the folder comes from a newer Chipwire; it is left as it was.
            StoreError: the folder or file cannot be used.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
            lock = WriterLock(home)
        except OSError as error:
            raise StoreError(f"The data folder {home} cannot be used: {error.strerror or error}.") from error
        store = cls(home, lock=lock)
        try:
            store._migrate()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def open_reader(cls, home: Path) -> "Store":
        """Open `home` read-only; a folder that does not exist yet, or has an older schema, is first made ready.

        Raises:
            SchemaTooNew, StoreError: as `open_writer`. WriterBusy: only while another process migrates.
        """
        store = cls(home, lock=None)
        if not store.path.exists() or store._pending():
            cls.open_writer(home).close()
        return store

    @property
    def writable(self) -> bool:
        return self._lock is not None

    def connection(self) -> sqlite3.Connection:
        """This thread's connection (the writer has one for all threads, serialised by `atomic`)."""
        holder: Any = self if self.writable else self._local
        existing: sqlite3.Connection | None = getattr(holder, "_connection", None)
        if existing is not None:
            return existing
        with translated(self.path):
            if self.writable:
                made = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
                made.execute("PRAGMA journal_mode=WAL")
                made.execute("PRAGMA synchronous=FULL")
            else:
                made = sqlite3.connect(
                    f"{self.path.absolute().as_uri()}?mode=ro",
                    uri=True,
                    isolation_level=None,
                    check_same_thread=False,
                    timeout=30,
                )
            made.execute("PRAGMA foreign_keys=ON")
            made.row_factory = sqlite3.Row
        holder._connection = made
        self._connections.append(made)
        return made

    def rows(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """All rows of a query. For the modules of `index.store` and the loaders beside it; rows do not travel further."""
        with translated(self.path), _no_such_number():
            return self.connection().execute(sql, parameters).fetchall()

    def rows_among(
        self, sql: str, values: Sequence[object], *, before: Sequence[object] = (), after: Sequence[object] = ()
    ) -> Iterator[sqlite3.Row]:
        """The rows of a query of any number of `values`, some hundreds at a time: ``IN (*)`` in `sql` stands for them, between
        the parameters `before` and `after`. Ordered and grouped within what is asked at once."""
        for first in range(0, len(values), _AT_ONCE):
            chunk = values[first : first + _AT_ONCE]
            yield from self.rows(sql.replace("IN (*)", f"IN ({','.join('?' * len(chunk))})"), [*before, *chunk, *after])

    def row(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        with translated(self.path), _no_such_number():
            row: sqlite3.Row | None = self.connection().execute(sql, parameters).fetchone()
            return row

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one writing statement; inside `atomic` it is part of that transaction."""
        with translated(self.path):
            return self.connection().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterator[Sequence[object]] | Sequence[Sequence[object]]) -> None:
        with translated(self.path):
            self.connection().executemany(sql, parameters)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """One transaction: committed when the block ends, rolled back (and nothing lost) when it raises."""
        from sqlite_utils import Database  # a quarter of a second to import: only writers pay it

        with self._writing, translated(self.path):
            connection = self.connection()
            outermost = not connection.in_transaction
            if outermost:
                # Begun for writing: a transaction that reads first could not go on where `aside` wrote meanwhile.
                connection.execute("BEGIN IMMEDIATE")
            try:
                with Database(connection).atomic():
                    yield
                if outermost:
                    connection.execute("COMMIT")
            except BaseException:
                if outermost and connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def aside(self, wait: float = 30) -> Iterator[sqlite3.Connection]:
        """One short transaction beside the process that holds the writer lock, which it does not touch.

        For tables that are about access and not about articles, so that a key can be revoked while a crawl runs.
        `wait` is how many seconds another transaction is waited for.

        Raises:
            StoreError: the store cannot be written, or `wait` was not enough.
        """
        with translated(self.path):
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=wait)
            try:
                connection.execute("PRAGMA foreign_keys=ON")
                connection.row_factory = sqlite3.Row
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()  # rolls back what was not committed

    def meta(self, key: str) -> str | None:
        row = self.row("SELECT value FROM meta WHERE key = ?", [key])
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        self.execute(SET_META, [key, value])

    @property
    def database_id(self) -> str:
        return self.meta("database_id") or ""

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _applied(self) -> list[str]:
        if self.row("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'") is None:
            return []
        names = self.rows("SELECT name FROM _sqlite_migrations WHERE migration_set = 'chipwire' ORDER BY rowid")
        return [str(row[0]) for row in names]

    def _pending(self) -> bool:
        applied = self._applied()
        if applied and applied[-1] == _LATEST_MIGRATION:
            return False
        self._refuse_newer(applied)
        return True

    def _refuse_newer(self, applied: list[str]) -> None:
        from index.store.schema_services import migrations

        unknown = [name for name in applied if name not in {each.name for each in migrations._migrations}]
        if unknown:
            raise SchemaTooNew(
                f"{self.home} was written by a newer Chipwire (it has the schema change {unknown[-1]!r}).",
                hint="Upgrade Chipwire, or choose another folder with --home.",
            )

    def _migrate(self) -> None:
        from sqlite_utils import Database

        from index.store.schema_services import migrations

        self._refuse_newer(self._applied())
        with translated(self.path):
            migrations.apply(Database(self.connection()))


_LATEST_MIGRATION = "m016_judgements"
"""Spares every reader the import of the migrations; a test holds it to the last one of ``index.store.schema_services``."""
