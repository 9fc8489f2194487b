"""What came of one poll of a source, for whoever waits for it and for the source's health."""

from dataclasses import dataclass, field
from datetime import datetime

from crawlers.health import Observation, Trouble
from crawlers.schedule import Wishes
from crawlers.sources import Source

MAX_IN_VAIN = 10
"""Requests in a row that cost time and bring nothing, after which a poll ends: what is left is for the next one."""


@dataclass(slots=True)
class SourceReport:
    """What came of one poll. ``reached``: anything answered; ``began`` and ``ended`` bound it."""

    source: Source
    began: datetime
    ended: datetime | None = None
    lists: int = 0
    lists_read: int = 0
    unchanged: int = 0
    listed: int = 0
    tried: int = 0
    fetched: int = 0
    new: int = 0
    updated: int = 0
    left_out: int = 0
    reached: bool = False
    troubles: list[Trouble] = field(default_factory=list)
    """Of the lists."""
    errors: list[str] = field(default_factory=list)
    """Of lists and pages: one line each, with the address."""
    moved_to: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    in_vain: int = 0
    """Requests in a row, up to now, that cost time and brought nothing."""

    @property
    def given_up(self) -> bool:
        """Whether the poll ends before its end, because its host does not answer or answers with what cannot be read."""
        return self.in_vain >= MAX_IN_VAIN

    @property
    def outcome(self) -> str:
        """One line: ``ok`` with counts, or what went wrong."""
        off = f", {self.left_out} left out" if self.left_out else ""
        counts = f"{self.listed} listed, {self.fetched} fetched, {self.new} new, {self.updated} updated{off}"
        if not self.errors:
            return f"ok: {counts}" if self.listed or not self.unchanged else "ok: nothing changed"
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        return f"{self.errors[0]}{more}" + (f"; {counts}" if self.fetched else "")

    def observation(self, now: datetime) -> Observation:
        """What `crawlers.health.judge` needs of the poll itself; what is known from before is added by the caller."""
        return Observation(
            now=now,
            lists=self.lists,
            lists_read=self.lists_read,
            troubles=tuple(self.troubles),
            moved_to=self.moved_to,
            pages_tried=self.tried,
            pages_read=self.fetched,
            listed=self.listed,
            unchanged=self.unchanged > 0,
        )
