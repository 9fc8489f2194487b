"""Nobody who holds places for long keeps the others from theirs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from crawlers.turns import Turns


class Clinic:
    """Patients of several families who stay until they are told to go; ``inside`` is who holds a place, in order."""

    def __init__(self, each: int) -> None:
        self.turns = Turns(each)
        self.inside: list[str] = []
        self.served: list[str] = []
        self._leave: dict[str, list[asyncio.Event]] = {}

    async def visit(self, party: str) -> None:
        leave = asyncio.Event()
        async with self.turns.turn(party):
            self.inside.append(party)
            self.served.append(party)
            self._leave.setdefault(party, []).append(leave)
            try:
                await leave.wait()
            finally:
                self.inside.remove(party)
                if leave in self._leave[party]:
                    self._leave[party].remove(leave)

    def come(self, *parties: str) -> list[asyncio.Task[None]]:
        return [asyncio.ensure_future(self.visit(party)) for party in parties]

    def go(self, party: str) -> None:
        self._leave[party].pop(0).set()


def played(play: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await play()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(whole())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_party_has_its_places_and_one_is_left_for_others() -> None:
    async def play() -> None:
        clinic = Clinic(2)
        clinic.come("a", "a", "a", "a")
        await settle()
        assert clinic.inside == ["a", "a"]
        clinic.come("b")
        await settle()
        assert clinic.inside == ["a", "a", "b"]

    played(play)


def test_the_parties_are_served_in_turn_however_long_one_queue_is() -> None:
    async def play() -> None:
        clinic = Clinic(1)
        clinic.come(*"aaaaaa", "b", "c", "b")
        await settle()
        for _ in range(3):
            clinic.go(clinic.inside[0])
            await settle()
        assert set(clinic.served[:4]) == {"a", "b", "c"}

    played(play)


def test_a_slow_party_has_one_place() -> None:
    async def play() -> None:
        clinic = Clinic(3)
        clinic.turns.slow("a")
        clinic.come(*"aaaa", *"bbb")
        await settle()
        assert sorted(clinic.inside) == ["a", "b", "b", "b"]
        clinic.go("a")
        await settle()
        assert sorted(clinic.inside) == ["a", "b", "b", "b"]

    played(play)


@pytest.mark.parametrize("inside", [True, False])
def test_whoever_gives_up_frees_the_place(inside: bool) -> None:
    async def play() -> None:
        clinic = Clinic(1)
        first, second, _ = clinic.come("a", "a", "a")
        await settle()
        gone = first if inside else second
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        await settle()
        assert clinic.inside == ["a"]
        clinic.go("a")
        await settle()
        assert clinic.inside == ["a"], "the third"
        assert len(clinic.served) == (3 if inside else 2)

    played(play)
