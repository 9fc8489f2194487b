"""What a poll hands over and leaves behind: steps to keep, and a report of what came of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from crawlers.health import Observation, Trouble
from crawlers.schedule import Wishes
from crawlers.sources import Source
from index.article import Article
from index.store.crawls import Validators


@dataclass(frozen=True, slots=True)
class Step:
    """Something to keep, in one transaction: an article, what its address answered, that a list was dealt with.

    A step with `validators` alone says that there is nothing more to have at ``asked`` for now. ``gated``: the article
    was found where a site lists all that it has, so it must be on topic even where the source's own lists need not be.
    ``stand_in``: it is only what a list says of a page that is refused, and replaces nothing that is stored.
    """

    source: Source
    asked: str
    validators: Validators | None = None
    article: Article | None = None
    moved_to: str | None = None
    backfilled_to: datetime | None = None
    gated: bool = False
    stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step: ``new``, ``updated``, ``duplicate``, ``left out`` (off topic), ``rejected`` or ``noted``."""

    kind: str
    why: str | None = None


class Sink(Protocol):
    """Where a crawl puts what it finds, and asks what is there already. Reads are quick; `save` may block."""

    def handled(self, url: str) -> datetime | None:
        """When what is at `url` was last stored, left out or found to be of no use; None where it is new."""

    def validators(self, url: str) -> Validators | None: ...

    def moved_to(self, url: str) -> str | None:
        """The address to which `url` was permanently redirected."""

    def backfilled_to(self, source: str, url: str) -> datetime | None:
        """Back to when the list at `url` was walked to its end."""

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        """Commit the steps in one transaction, and say what became of each."""


Parse = Callable[..., Awaitable[Any]]
"""``await parse("module:function", *arguments)``: runs it beside the crawl. Raises what the function raises."""
Write = Callable[[Step], Awaitable[Outcome]]
"""Hands a step over and waits until it is committed."""
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class SourceReport:
    """What came of one poll. ``reached``: anything answered; ``began`` and ``ended`` bound it.

    ``fetched`` counts what something came of; of the pages asked for ``read`` could be read and ``unread`` could not,
    though what the feed itself says of such a page may have been stored. ``in_vain`` counts the last requests in a row
    that took time and brought nothing. ``gave_up``: there were too many of these, or of pages that hang or crash their
    reader, and the rest was left to the next poll.
    """

    source: Source
    began: datetime
    ended: datetime | None = None
    lists: int = 0
    lists_read: int = 0
    unchanged: int = 0
    listed: int = 0
    fetched: int = 0
    new: int = 0
    updated: int = 0
    left_out: int = 0
    read: int = 0
    unread: int = 0
    in_vain: int = 0
    reached: bool = False
    troubles: list[Trouble] = field(default_factory=list)
    """Of the lists."""
    page_trouble: Trouble | None = None
    """Of the last page that could not be read."""
    errors: list[str] = field(default_factory=list)
    """Of lists and pages: one line each, with the address."""
    moved_to: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    gave_up: bool = False

    @property
    def outcome(self) -> str:
        """One line: what came of the poll, after what went wrong with it."""
        if self.unchanged and not self.listed and not self.errors:
            return "nothing changed"
        counts = [f"{self.listed:,} listed", f"{self.new:,} new"]
        counts += [f"{self.updated:,} updated"] if self.updated else []
        counts += [f"{self.left_out:,} left out"] if self.left_out else []
        if not self.errors:
            return ", ".join(counts)
        more = f" (and {len(self.errors) - 1:,} more)" if len(self.errors) > 1 else ""
        return f"{self.errors[0]}{more}" + (f"; {', '.join(counts)}" if self.listed else "")

    def observation(self, now: datetime) -> Observation:
        """What `crawlers.health.judge` needs of the poll itself; what is known from before is added by the caller."""
        return Observation(
            now=now,
            lists=self.lists,
            lists_read=self.lists_read,
            troubles=tuple(self.troubles),
            moved_to=self.moved_to,
            unread=self.unread,
            page_trouble=self.page_trouble,
            listed=self.listed,
            unchanged=self.unchanged > 0,
        )
