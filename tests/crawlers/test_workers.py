"""Children that parse: what goes wrong in one costs one page, and the next page is read as if nothing had been."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawlers import workers
from crawlers.workers import ParserFailed, ParserPool
from index.errors import ExtractionError
from tests.conftest import clean_environment

TASKS = "tests.crawlers.parser_tasks"
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(2, seconds=3, memory_mb=300) as pool:
        yield pool


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_function_of_any_module_runs_in_another_process(pool: ParserPool) -> None:
    assert pool.call(f"{TASKS}:add", 2, 3) == 5
    assert pool.call(f"{TASKS}:own_process") != os.getpid()


def test_a_child_is_used_again(pool: ParserPool) -> None:
    assert pool.call(f"{TASKS}:own_process") == pool.call(f"{TASKS}:own_process")


def test_our_own_errors_come_through_as_they_are(pool: ParserPool) -> None:
    with pytest.raises(ExtractionError, match=r"^this is not a feed$"):
        pool.call(f"{TASKS}:refuse", "this is not a feed")


def test_any_other_error_becomes_one_line(pool: ParserPool) -> None:
    with pytest.raises(ExtractionError, match=r"^it made the parser fail \(KeyError: 'two lines'\)$"):
        pool.call(f"{TASKS}:fail", "two lines")


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("hang", "could not be read within 3 s"),
        ("hoard", "too much memory"),
        ("nest", "nested too deeply"),
        ("end", "made the parser fail"),
        ("crash", "made the parser fail"),
    ],
)
def test_a_bad_page_costs_that_page_only(pool: ParserPool, task: str, why: str) -> None:
    if task == "hoard" and not sys.platform.startswith("linux"):
        pytest.skip("only Linux limits a process's memory reliably")
    with pytest.raises(ExtractionError, match=why):
        pool.call(f"{TASKS}:{task}")
    assert pool.call(f"{TASKS}:add", 1, 1) == 2


def test_what_a_library_prints_does_not_get_into_the_answers(pool: ParserPool) -> None:
    assert pool.call(f"{TASKS}:chatter", "hello") == 5


def test_large_pages_go_through_both_ways(pool: ParserPool) -> None:
    data = os.urandom(5_000_000)
    assert pool.call(f"{TASKS}:echo", data) == data


def test_several_run_at_a_time_and_a_hung_one_holds_up_no_other(pool: ParserPool) -> None:
    async def main() -> tuple[list[object], float]:
        began = time.monotonic()
        hung = asyncio.create_task(pool.run(f"{TASKS}:hang"))
        quick = [await pool.run(f"{TASKS}:add", n, n) for n in range(20)]
        took = time.monotonic() - began
        with pytest.raises(ExtractionError):
            await hung
        return quick, took

    quick, took = asyncio.run(main())
    assert quick == [n + n for n in range(20)]
    assert took < 3, "they did not wait for the hung one to be ended"


def test_a_child_with_much_memory_or_many_tasks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with ParserPool(1) as pool:
        first = pool.call(f"{TASKS}:own_process")
        monkeypatch.setattr(workers, "_TASKS_A_CHILD", 6)
        monkeypatch.setattr(workers, "_AHEAD", 2)
        seen = [pool.call(f"{TASKS}:own_process") for _ in range(6)]
        assert seen == [first] * 5 + seen[-1:]
        assert seen[-1] != first
        if sys.platform.startswith("linux"):
            assert pool.call(f"{TASKS}:keep", 450) == seen[-1]
            assert pool.call(f"{TASKS}:own_process") != seen[-1]


def test_closing_ends_the_children() -> None:
    with ParserPool(1) as pool:
        child = pool.call(f"{TASKS}:own_process")
        assert alive(child)
    assert not alive(child)


def test_children_end_when_their_parent_is_killed() -> None:
    program = (
        "from crawlers.workers import ParserPool\n"
        "pool = ParserPool(1)\n"
        f"print(pool.call('{TASKS}:own_process'), flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=clean_environment(),
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.communicate(timeout=10)
    end = time.monotonic() + 10
    while alive(child):
        assert time.monotonic() < end, "the child lives on"
        time.sleep(0.05)


def test_a_party_whose_tasks_hang_delays_no_other() -> None:
    async def race() -> tuple[float, list[BaseException | int]]:
        with ParserPool(2, seconds=3, memory_mb=300) as pool:
            for _ in range(3):  # every child has done its imports
                await asyncio.gather(*(pool.run(f"{TASKS}:add", 1, n, party=f"p{n}") for n in range(3)))
            hanging = [asyncio.ensure_future(pool.run(f"{TASKS}:hang", party="hostile")) for _ in range(6)]
            await asyncio.sleep(0.3)
            began, slowest = time.monotonic(), 0.0
            while time.monotonic() - began < 5:  # over the time in which its second wave would begin
                before = time.monotonic()
                assert await pool.run(f"{TASKS}:add", 2, 3, party="honest") == 5
                slowest = max(slowest, time.monotonic() - before)
                await asyncio.sleep(0.05)
            for task in hanging:
                task.cancel()
            return slowest, await asyncio.gather(*hanging, return_exceptions=True)

    slowest, ends = asyncio.run(race())
    assert slowest < 2.0
    assert any(isinstance(end, ParserFailed) for end in ends)
