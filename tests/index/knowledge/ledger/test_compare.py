"""Entities side by side."""

import pytest

from index.errors import FilterError
from index.knowledge.ledger.compare import compare
from tests.index.knowledge.ledger.stored import stored


def test_what_most_have_comes_first_and_then_the_order_of_the_attributes() -> None:
    h100, mi300x = "nvidia-h100", "amd-mi300x"
    claims = {
        h100: [stored(h100, "price", 30_000, "usd"), stored(h100, "power"), stored(h100, "clock", 2e9, "hz")],
        mi300x: [stored(mi300x, "power", 750.0)],
    }
    rows = compare(claims, ["clock", "price", "power"])
    assert [(row.attribute, row.told_of) for row in rows] == [("power", 2), ("clock", 1), ("price", 1)]
    assert [[entry.lead.low for entry in cell.entries] for cell in rows[0].cells] == [[700.0], [750.0]]
    assert rows[1].cells[1].entries == ()


def test_the_firmest_stands_first_and_what_contradicts_it_is_told() -> None:
    estimate = stored(low=650.0, status="estimated", day=9)
    fact = stored(low=700.0, status="announced", cited=("nvidia",))
    plan = stored(low=1000.0, expected=True, status="announced", cited=("nvidia",), day=3)
    ratio = stored(low=1.7, unit="x", compared="nvidia-a100", status="announced")
    [row] = compare({"nvidia-h100": [ratio, plan, estimate, fact], "amd-mi300x": []}, [])
    cell = row.cells[0]
    assert [entry.lead.low for entry in cell.entries] == [700.0, 650.0, 1000.0, 1.7]
    [conflict] = cell.conflicts
    assert {side.lead.low for side in conflict.sides} == {700.0, 650.0}


@pytest.mark.parametrize("count", [0, 1, 5])
def test_two_to_four_can_be_compared(count: int) -> None:
    with pytest.raises(FilterError, match="2 to 4"):
        compare({f"chip-{number}": [] for number in range(count)}, [])
