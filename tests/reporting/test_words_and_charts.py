"""Numbers and times in words, and the places of bars."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sync.reporting import history
from sync.reporting.history import Cell, Record, Step
from sync.reporting.words import ago, counted, duration, number, size
from sync.web.console.charts import BASE, LEFT, PLOT, TOP, day_chart
from sync.web.shared import bars_spark, curve_spark, day_spark

NOW = datetime(2026, 11, 22, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.35, "350 ms"),
        (4.24, "4.2 s"),
        (4, "4 s"),
        (9.97, "9 s"),
        (119, "119 s"),
        (120, "2 min"),
        (840, "14 min"),
        (7_199, "119 min"),
        (7_200, "2 h"),
        (172_800, "2 days"),
        (86_400_000, "1,000 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_300, "1.3 kB"), (999_600, "1.0 MB"), (2.5e9, "2.5 GB")],
)
def test_sizes(count: float, words: str) -> None:
    assert size(count) == words


def test_numbers_and_moments() -> None:
    assert (number(1234567), counted(1, "item"), counted(2000, "item")) == ("1,234,567", "1 item", "2,000 items")
    assert ago(NOW - timedelta(minutes=3), NOW) == "3 min ago"
    assert ago(NOW + timedelta(seconds=30), NOW) == "in 30 s"
    assert ago(NOW, NOW) == "now"


def test_a_day_ends_with_the_present_hour() -> None:
    starts = history.hours(NOW.astimezone(timezone(timedelta(hours=5, minutes=45))))
    assert len(starts) == 24
    assert starts[-1] == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert starts[0] == starts[-1] - timedelta(hours=23)


def hour(completed: int = 0, failed: int = 0) -> Step:
    return Step(NOW, completed, failed)


def test_bars_stand_on_each_other_and_within_the_plot() -> None:
    chart = day_chart([(hour(3, 2), hour(7)), (hour(), hour()), (hour(40, 2), hour(55))])
    assert [column.title[7:] for column in chart.columns] == [
        "3 loads, 2 failed; 7 a week before",
        "40 loads, 2 failed; 55 a week before",
    ]
    for bar in [bar for column in chart.columns for bar in column.bars]:
        assert bar.x >= LEFT
        assert bar.x + bar.width <= LEFT + PLOT
        assert bar.y >= TOP
        assert bar.y + bar.height <= BASE + 0.1
    before, loads, failures = chart.columns[1].bars
    assert round(failures.y + failures.height, 1) == loads.y
    assert before.height > loads.height
    assert [tick.text for tick in chart.values] == ["0", "30", "60"]


def test_what_is_small_is_seen() -> None:
    (column,) = day_chart([(hour(1), hour(100_000))]).columns
    assert min(bar.height for bar in column.bars) == 1.0


def test_nothing_is_drawn_where_nothing_happened() -> None:
    assert day_chart([(hour(), hour())]).columns == ()


def test_a_destinations_day_has_a_cross_where_nothing_came_through() -> None:
    cells = [Cell(NOW, 4), Cell(NOW + timedelta(hours=1), 2, 2), Cell(NOW + timedelta(hours=2), 0, 0, 3)]
    drawn = day_spark(cells, None)
    assert 'aria-label="6 loads, 2 failures in the last 24 hours"' in drawn
    loads, failures, crosses = re.findall(r'class="is-[a-z ]+" d="([^"]*)"', drawn)
    assert (loads.count("M"), failures.count("M"), crosses.count("M")) == (2, 1, 1)
    assert "crosses" in day_spark([Cell(NOW)], NOW - timedelta(hours=1))
    assert "is-" not in day_spark([Cell(NOW)], None)


def test_a_curve_says_how_many_came() -> None:
    assert "7 failures in the last week, 4 in the last six hours" in curve_spark((3, 0, 4))


@pytest.mark.parametrize(
    ("cells", "paused", "rate"),
    [
        ([Cell(NOW, 3, 1)], None, 0.75),
        ([Cell(NOW)], None, None),
        ([Cell(NOW, 0, 0, 2)], None, 0.0),
        ([Cell(NOW)], NOW, 0.0),
        ([Cell(NOW, 3, 1)], NOW, 0.75),
    ],
)
def test_of_what_came_to_an_end_the_share_that_was_loaded(
    cells: list[Cell], paused: datetime | None, rate: float | None
) -> None:
    assert Record(tuple(cells), 0, 0, 0.0, None, paused).rate == rate


def test_a_bar_of_less_than_nothing_is_none() -> None:
    """The clocks of two hosts differ, so that a load may seem to end before it began."""
    assert "is-" not in bars_spark([-0.1, 0.0], "Time")
    assert bars_spark([-0.1, 2.0], "Time").count("h4") == 1
