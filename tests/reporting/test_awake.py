"""How long a warehouse is awake, and how long it would be with windows."""

import pytest

from sync.reporting.awake import Span, awake, credits_of, merged, waiting

HOUR = 3600.0


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        ([], []),
        ([(0, 2)], [(0, 62)]),
        ([(0, 2), (50, 51)], [(0, 111)]),
        ([(0, 2), (62, 63)], [(0, 123)]),
        ([(0, 2), (63, 64)], [(0, 62), (63, 124)]),
        ([(63, 64), (0, 100), (10, 20)], [(0, 160)]),
    ],
)
def test_awake_until_a_minute_after_the_last_load(busy: list[Span], expected: list[Span]) -> None:
    assert awake(busy) == expected


def test_an_hour_is_a_credit() -> None:
    assert credits_of([(0, HOUR), (2 * HOUR, 2.5 * HOUR)]) == 1.5
    assert credits_of(awake((at, at + 2.0) for at in range(0, 86_400, 4_320))) == pytest.approx(20 * 62 / HOUR)


def test_one_that_comes_alone_does_not_wait() -> None:
    alone: list[Span] = [(0, 2), (4 * HOUR, 4 * HOUR + 2)]
    assert waiting(alone, 300) == alone


def test_what_comes_while_the_interval_lasts_waits_for_the_next_window() -> None:
    assert waiting([(0, 2), (100, 102), (200, 202)], 300) == [(0, 2), (300, 300)]
    # Within a window's minute it does not.
    assert waiting([(0, 2), (30, 32)], 300) == [(0, 32)]


@pytest.mark.parametrize(("minutes", "windows"), [(5, 288), (15, 96), (60, 24)])
def test_a_flow_around_the_clock_has_a_window_each_interval(minutes: int, windows: int) -> None:
    """As docs/how-to/cost.md has it: two minutes a window."""
    flow: list[Span] = [(at, at + 2.0) for at in range(0, 86_400, 30)]
    assert credits_of(awake(flow)) == pytest.approx(24, abs=0.05)
    found = waiting(flow, minutes * 60)
    # What comes last waits for one on the next day.
    assert len(found) == windows + 1
    assert credits_of(awake(found)) == pytest.approx(windows * 120 / HOUR, rel=0.03)


def test_overlapping_times_are_one() -> None:
    assert merged([(5, 6), (0, 2), (1, 3)]) == [(0, 3), (5, 6)]
