"""Charts, as places and lengths for SVG, computed from their arguments alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.reporting import Period, Step, counted, duration, number

WIDTH, HEIGHT = 720, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 24
PLOT = WIDTH - LEFT - RIGHT
BASE = HEIGHT - BOTTOM
# Lengths of time, in seconds, at which an axis may end.
_ROUND_TIMES = (0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, and the words that are shown when somebody points at it."""

    x: float
    width: float
    y: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across at a value, or a word below a step."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The shapes to draw, and a sentence that says what they show."""

    bars: tuple[Bar, ...]
    values: tuple[Tick, ...]
    times: tuple[Tick, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = BASE
    right: int = WIDTH - RIGHT


def throughput_chart(steps: Sequence[Step], period: Period) -> Chart:
    """The loads of each step, and stacked above them the failures."""
    top = _nice(max((step.completed + step.failed for step in steps), default=0))
    bars: list[Bar] = []
    for place, step in enumerate(steps):
        title = f"{_span(step, period)}: {counted(step.completed, 'load')}, {number(step.failed)} failed"
        x, width = _column(place, len(steps))
        loaded, failed = _length(step.completed, top), _length(step.failed, top)
        if step.completed:
            bars.append(Bar(x, width, BASE - loaded, loaded, "completed", title))
        if step.failed:
            bars.append(Bar(x, width, BASE - loaded - failed, failed, "failed", title))
    loads, failures = sum(step.completed for step in steps), sum(step.failed for step in steps)
    summary = f"In the last {period.word}: {counted(loads, 'load')}, {counted(failures, 'failure')}."
    words = [number(top * part) for part in (0, 0.5, 1)]
    return Chart(tuple(bars), _values(top, words), _times(steps, period), summary)


def lag_chart(steps: Sequence[Step], period: Period) -> Chart:
    """Seconds from due to loaded: on average, and behind it the longest of the step."""
    longest = max((step.longest_lag or 0.0 for step in steps), default=0.0)
    top = next((float(time) for time in _ROUND_TIMES if time >= longest), longest)
    bars: list[Bar] = []
    for place, step in enumerate(steps):
        if step.lag is None or step.longest_lag is None:
            continue
        title = f"{_span(step, period)}: {duration(step.lag)} on average, {duration(step.longest_lag)} at most"
        x, width = _column(place, len(steps))
        for kind, seconds in (("longest", step.longest_lag), ("average", step.lag)):
            height = max(1.0, _length(seconds, top))
            bars.append(Bar(x, width, BASE - height, height, kind, title))
    timed = [step for step in steps if step.lag is not None]
    summary = f"In the last {period.word}: nothing was loaded."
    if timed:
        loads = sum(step.completed for step in timed) or 1
        average = sum((step.lag or 0.0) * step.completed for step in timed) / loads
        summary = f"In the last {period.word}: {duration(average)} on average, {duration(longest)} at most."
    words = [duration(top * part) if part else "0" for part in (0, 0.5, 1)]
    return Chart(tuple(bars), _values(top if timed else 0, words), _times(steps, period), summary)


def label(moment: datetime, period: Period) -> str:
    """The beginning of a step, in UTC, as short as can be."""
    form = "%a %H:%M" if period is Period.WEEK else "%H:%M"
    return f"{moment.astimezone(UTC):{form}}"


def _span(step: Step, period: Period) -> str:
    end = f"{(step.start + period.step).astimezone(UTC):%H:%M}"
    return f"{label(step.start, period)}\u2013{end}"


def _column(place: int, count: int) -> tuple[float, float]:
    slot = PLOT / count
    return round(LEFT + place * slot + slot * 0.12, 1), round(slot * 0.76, 1)


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
    return tuple(Tick(round(y, 1), text) for y, text in zip(heights, texts, strict=True) if top)


def _times(steps: Sequence[Step], period: Period) -> tuple[Tick, ...]:
    every = {Period.HOUR: 10, Period.DAY: 4, Period.WEEK: 4}[period]
    return tuple(
        Tick(_column(place, len(steps))[0], label(step.start, period))
        for place, step in enumerate(steps)
        if place % every == 0
    )
