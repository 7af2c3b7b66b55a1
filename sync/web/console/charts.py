"""The chart of a day against the same hours a week before, as places and lengths for SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from sync.reporting import Step, counted, number

WIDTH, HEIGHT = 620, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 4, 10, 24
PLOT = WIDTH - LEFT - RIGHT
BASE = HEIGHT - BOTTOM
# An hour in so many has its time below it.
EVERY = 4


class Bar(NamedTuple):
    """A rectangle."""

    kind: str
    x: float
    width: float
    y: float
    height: float


class Column(NamedTuple):
    """The bars of an hour, those behind first, and the words that are shown when somebody points at them."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across at a value, or a word below a step."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The shapes to draw."""

    columns: tuple[Column, ...]
    values: tuple[Tick, ...]
    times: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def day_chart(hours: Sequence[tuple[Step, Step]]) -> Chart:
    """For each hour its loads, the failures stacked above them, and behind them all loads of the hour a week before."""
    top = _nice(max((max(now.completed + now.failed, then.completed) for now, then in hours), default=0))
    columns: list[Column] = []
    for place, (now, then) in enumerate(hours):
        title = f"{clock(now)}: {counted(now.completed, 'load')}, {number(now.failed)} failed; "
        title += f"{number(then.completed)} a week before"
        x, width = _column(place, len(hours))
        loaded, failed, before = (_length(count, top) for count in (now.completed, now.failed, then.completed))
        shapes = (
            _bar("before", x, width, 0, before),
            _bar("completed", x + width * 0.2, width * 0.6, 0, loaded),
            _bar("failed", x + width * 0.2, width * 0.6, loaded, failed),
        )
        if bars := tuple(bar for bar in shapes if bar.height):
            columns.append(Column(title, bars))
    words = [number(top * part) for part in (0, 0.5, 1)]
    times = tuple(
        Tick(_column(place, len(hours))[0], clock(now)) for place, (now, _) in enumerate(hours) if place % EVERY == 0
    )
    return Chart(tuple(columns), _values(top, words), times)


def clock(step: Step) -> str:
    """When a step begins, by the viewer's clock."""
    return f"{timezone.localtime(step.start):%H:%M}"


def _bar(kind: str, x: float, width: float, base: float, height: float) -> Bar:
    return Bar(kind, round(x, 1), round(width, 1), round(BASE - base - height, 1), height)


def _column(place: int, count: int) -> tuple[float, float]:
    slot = PLOT / count
    return round(LEFT + place * slot + slot * 0.06, 1), round(slot * 0.88, 1)


def _length(value: float, top: float) -> float:
    """A height at which a value above 0 can be seen, however small it is beside the rest."""
    return round(max(1.0, (BASE - TOP) * value / top), 1) if value and top else 0.0


def _nice(value: float) -> float:
    """The next of 2, 4, 6, 10, 20, 40 …: halves are whole numbers."""
    if value <= 2:
        return 2.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in (1, 2, 4, 6, 10) if step * power >= value), value)


def _values(top: float, texts: Sequence[str]) -> tuple[Tick, ...]:
    heights = (BASE, BASE - (BASE - TOP) / 2, TOP)
    return tuple(Tick(round(y, 1), text) for y, text in zip(heights, texts, strict=True))
