"""Turns at something that several parties want, none of whom may keep the others from it."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SUSPECT = 1
"""Places that a party has at once after it was slow."""


class Turns:
    """Places for whoever wants one, handed out to the parties in turn. For one event loop.

    There is always a place more than a single party may have, so that one that holds its places for long delays no other.
    A party that was told to be `slow` has only one from then on.
    """

    def __init__(self, each: int) -> None:
        self._each = each
        self._free = each + 1
        self._held: Counter[str] = Counter()
        self._slow: set[str] = set()
        self._waiting: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    @asynccontextmanager
    async def turn(self, party: str) -> AsyncIterator[None]:
        """Hold a place; waits until there is one."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[party].append(turn)
        self._hand_out()
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # it was handed out just before this was cancelled
                self._give_back(party)
            raise
        try:
            yield
        finally:
            self._give_back(party)

    def slow(self, party: str) -> None:
        """Let a party have one place at a time from now on."""
        self._slow.add(party)

    def _give_back(self, party: str) -> None:
        self._free += 1
        self._held[party] -= 1
        if not self._held[party]:
            del self._held[party]
        self._hand_out()

    def _hand_out(self) -> None:
        for party in list(self._waiting):
            waiting = self._waiting[party]
            while waiting and waiting[0].done():  # whoever waited was cancelled
                waiting.popleft()
            if not waiting:
                del self._waiting[party]
            elif self._free and self._held[party] < (_SUSPECT if party in self._slow else self._each):
                self._free -= 1
                self._held[party] += 1
                waiting.popleft().set_result(None)
                # Behind the others: they are served before it is again.
                self._waiting[party] = self._waiting.pop(party)
