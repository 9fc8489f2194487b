"""Bar charts as what a template draws: across in percent of the chart's width, down in pixels; and words for each bar."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 80.0
_GAP = 0.2
"""Of a bar's share of the width, left free."""
_LATE = 80.0
"""Percent of the width behind which a phone has no room for a month."""
_WIDEST = 6.0
"""Percent of the width that a bar has at most: three bars do not fill a page."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: ``x``, ``width`` and ``slot`` (where its share begins) in percent, ``y`` and ``height`` in pixels of `HEIGHT`.

    ``href`` is where a click on it leads, ``tick`` what stands below it.
    """

    label: str
    count: int
    href: str | None
    x: float
    y: float
    width: float
    height: float
    slot: float
    tick: str = ""

    @property
    def late(self) -> bool:
        """Whether a phone's edge would cut off the tick."""
        return self.x > _LATE


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from left to right; ``top`` is the value of the upper line."""

    bars: tuple[Bar, ...]
    top: int
    slot: float
    height: float = HEIGHT

    @property
    def leads(self) -> bool:
        """Whether bars are links: then the chart is a group of them, not one picture."""
        return any(bar.href for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a bar before it is placed."""

    label: str
    count: int
    href: str | None = None
    tick: str = ""


def bar_chart(columns: Sequence[Column], ticks: int = 7) -> BarChart:
    """Place `columns`; at most `ticks` of their ticks are kept, evenly."""
    most = max((column.count for column in columns), default=0)
    top = _round_up(most)
    slot = min(100 / max(len(columns), 1), _WIDEST)
    every = max(1, math.ceil(len(columns) / ticks))
    bars = []
    for number, column in enumerate(columns):
        height = HEIGHT * column.count / top if top else 0.0
        height = max(height, 1.5) if column.count else 0.0
        bars.append(
            Bar(
                column.label,
                column.count,
                column.href,
                round(number * slot + slot * _GAP / 2, 3),
                round(HEIGHT - height, 2),
                round(slot * (1 - _GAP), 3),
                round(height, 2),
                round(number * slot, 3),
                column.tick if number % every == 0 else "",
            )
        )
    return BarChart(tuple(bars), top, round(slot, 3))


def _round_up(number: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50 … that is not below `number`; 0 for 0."""
    if number <= 0:
        return 0
    size: int = 10 ** int(math.log10(number))
    return next(step * size for step in (1, 2, 5, 10) if step * size >= number)
