"""Composed issues, kept until anything that they are made from changes: an editor who saves every few seconds need not wait."""

import threading
from collections import OrderedDict
from datetime import tzinfo
from pathlib import Path

from index.digest.compose import Digest, compose_digest
from index.digest.period import Period
from index.digest.sections import load_sections
from index.knowledge.reading import Reading
from index.retrieval.refresh import Progress, silent
from index.store.database import Store
from index.store.state import knowledge_state

KEPT = 4
"""Issues that are kept; more than an editor looks at in turn."""


class ComposedIssues:
    """The digests of one data folder. Threads may share it; an issue is composed by one of them."""

    def __init__(self, store: Store, reading: Reading, zone: tzinfo, home: Path) -> None:
        self._store = store
        self._reading = reading
        self._zone = zone
        self._home = home
        self._kept: OrderedDict[Period, tuple[object, Digest]] = OrderedDict()
        self._lock = threading.Lock()
        self._composing = threading.Lock()

    def digest(self, period: Period, progress: Progress = silent) -> Digest:
        """The digest of `period`, as if composed now.

        Raises:
            SettingsError: the data folder's ``digest.toml`` is not of the form.
        """
        sections = load_sections(self._home)
        state = (knowledge_state(self._store), sections)
        if (kept := self._looked_up(period, state)) is not None:
            return kept
        with self._composing:
            if (kept := self._looked_up(period, state)) is not None:
                return kept
            # What changes while it is composed changes the state, so that the next one to ask gets another.
            made = compose_digest(self._store, self._reading, period, self._zone, sections, progress)
            with self._lock:
                self._kept[period] = (state, made)
                self._kept.move_to_end(period)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return made

    def _looked_up(self, period: Period, state: object) -> Digest | None:
        with self._lock:
            kept = self._kept.get(period)
            if kept is None or kept[0] != state:
                return None
            self._kept.move_to_end(period)
            return kept[1]
