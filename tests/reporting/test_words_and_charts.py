"""Numbers and times in words, and the places of bars."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.reporting.history import Period, Step
from sync.reporting.words import ago, counted, duration, number, size
from sync.web.console.charts import BASE, LEFT, PLOT, TOP, lag_chart, throughput_chart

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


@pytest.mark.parametrize("period", Period)
def test_a_period_ends_with_now(period: Period) -> None:
    starts = period.starts(NOW)
    assert len(starts) == period.steps
    assert starts[-1] == starts[0] + (period.steps - 1) * period.step
    assert starts[-1] <= NOW < starts[-1] + period.step
    assert starts[0].timestamp() % period.step.total_seconds() == 0


def steps(*completed: int, failed: int = 0, lag: float | None = None) -> list[Step]:
    return [
        Step(NOW + number * timedelta(minutes=1), done, failed, done * 10, lag, lag and lag * 2)
        for number, done in enumerate(completed)
    ]


def test_bars_stand_on_each_other_and_within_the_plot() -> None:
    chart = throughput_chart(steps(3, 0, 40, failed=2), Period.HOUR)
    for bar in chart.bars:
        assert bar.x >= LEFT
        assert bar.x + bar.width <= LEFT + PLOT
        assert bar.y >= TOP
        assert bar.y + bar.height <= BASE + 0.1
    loads, failures = (
        [bar for bar in chart.bars if bar.kind == kind and "40 loads" in bar.title] for kind in ("completed", "failed")
    )
    assert round(failures[0].y + failures[0].height, 1) == loads[0].y
    assert chart.summary == "In the last hour: 43 loads, 6 failures."
    assert [tick.text for tick in chart.values] == ["0", "30", "60"]


def test_what_is_small_is_seen() -> None:
    chart = throughput_chart(steps(1, 100_000), Period.DAY)
    assert min(bar.height for bar in chart.bars) == 1.0


def test_nothing_is_drawn_where_nothing_happened() -> None:
    assert throughput_chart(steps(0, 0), Period.WEEK).bars == ()
    chart = lag_chart(steps(0, 0), Period.WEEK)
    assert (chart.bars, chart.summary) == ((), "In the last week: nothing was loaded.")


def test_lag_says_average_and_longest() -> None:
    chart = lag_chart(steps(1, 3, lag=4.0), Period.HOUR)
    assert chart.summary == "In the last hour: 4 s on average, 8 s at most."
    assert [tick.text for tick in chart.values] == ["0", "5 s", "10 s"]
