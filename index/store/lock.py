"""The writer lock: at most one process writes to a data folder; the operating system frees it when that process ends."""

import os
from pathlib import Path
from typing import IO

from index.errors import WriterBusy

if os.name == "nt":
    import msvcrt

    def _acquire(handle: IO[str]) -> None:
        handle.seek(4096)  # byte locks are mandatory here: lock past the text, so that others can read who holds it
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:
    import fcntl

    def _acquire(handle: IO[str]) -> None:
        fcntl.flock(handle.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class WriterLock:
    """Held from construction until `release`.

    Raises:
        WriterBusy: another process (or another `WriterLock` of this one) holds it.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "writer.lock"
        self._handle = open(self._path, "a+", encoding="utf-8")  # noqa: SIM115  # held open on purpose
        try:
            _acquire(self._handle)
        except OSError:
            self._handle.seek(0)
            holder = self._handle.read(64).strip()
            self._handle.close()
            who = f" (process {holder})" if holder.isdigit() else ""
            raise WriterBusy(
                f"Another Chipwire process{who} is writing to {home}.", hint="Wait until it is done, or stop it."
            ) from None
        self._handle.seek(0)
        self._handle.truncate()
        self._handle.write(str(os.getpid()))
        self._handle.flush()

    def release(self) -> None:
        self._handle.close()
