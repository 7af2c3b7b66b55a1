"""Very small charts, a line of text high: what a destination did in a day, and how often an error came."""

from collections.abc import Sequence
from datetime import datetime
from math import sqrt

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sync.reporting import Cell, counted

HEIGHT = 16
SLOT, WIDTH = 5, 4


def day_spark(cells: Sequence[Cell], paused_since: datetime | None) -> SafeString:
    """An hour a column: as high as there were loads, with a cross where nothing came through."""
    most = max((cell.completed + cell.failed for cell in cells), default=0)
    paths = {"completed": "", "failed": "", "failed crosses": ""}
    for place, cell in enumerate(cells):
        loaded = _height(cell.completed, most)
        paths["completed"] += _column(place, 0, loaded)
        if cell.failed and cell.completed:
            paths["failed"] += _column(place, loaded, _height(cell.failed, most))
        elif cell.failed or cell.repeated or (paused_since and cell.start >= paused_since):
            paths["failed crosses"] += "" if cell.completed else _cross(place)
    loads, failures = (sum(getattr(cell, name) for cell in cells) for name in ("completed", "failed"))
    return _drawn(len(cells), paths, f"{counted(loads, 'load')}, {counted(failures, 'failure')} in the last 24 hours")


def curve_spark(counts: Sequence[int]) -> SafeString:
    """How many failures came in each six hours of the last week."""
    most = max(counts, default=0)
    path = "".join(_column(place, 0, _height(count, most)) for place, count in enumerate(counts))
    said = f"{counted(sum(counts), 'failure')} in the last week, {counts[-1]} in the last six hours"
    return _drawn(len(counts), {"failed": path}, said)


def bars_spark(values: Sequence[float], said: str) -> SafeString:
    """A column a value, the earliest first."""
    most = max(values, default=0)
    return _drawn(
        len(values), {"completed": "".join(_column(at, 0, _height(one, most)) for at, one in enumerate(values))}, said
    )


def _drawn(columns: int, paths: dict[str, str], said: str) -> SafeString:
    drawn = format_html_join("", '<path class="is-{}" d="{}"/>', ((kind, path) for kind, path in paths.items() if path))
    base = f"M0 {HEIGHT - 0.5}h{columns * SLOT}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="base" d="{}"/>{}</svg>',
        columns * SLOT,
        HEIGHT,
        said,
        base,
        drawn,
    )


def _height(count: float, most: float) -> int:
    """Whole pixels: a page has hundreds of columns.

    What is small beside the rest is seen, too; what a clock that was put back made negative is not.
    """
    return max(2, round((HEIGHT - 3) * sqrt(count / most))) if count > 0 else 0


def _column(place: int, base: int, height: int) -> str:
    return f"M{place * SLOT} {HEIGHT - 1 - base}v{-height}h{WIDTH}v{height}" if height else ""


def _cross(place: int) -> str:
    return f"M{place * SLOT} {HEIGHT - 6}l4 4m0-4l-4 4"
