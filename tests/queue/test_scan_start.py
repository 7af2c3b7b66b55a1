"""What a worker remembers between two looks."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.queue import Line, Routed, ScanStart, turns
from sync.queue.scan_start import SLACK

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_while_there_is_more_to_route_the_next_look_begins_where_the_last_did() -> None:
    start = ScanStart()
    start.learn(Routed(500, (), NOW), more=True)
    assert start.scan_start == NOW


def test_otherwise_it_looks_for_what_was_committed_late() -> None:
    start = ScanStart()
    start.learn(Routed(1, (), NOW), more=False)
    assert start.scan_start == NOW - SLACK


def test_a_look_that_found_nothing_teaches_nothing() -> None:
    start = ScanStart()
    start.learn(Routed(0, ()), more=False)
    assert start.scan_start is None


def test_a_full_pass_forgets() -> None:
    start = ScanStart()
    start.learn(Routed(1, (), NOW), more=True)
    start.forget()
    assert start.scan_start is None


def test_a_look_at_the_line_begins_where_the_line_began_some_seconds_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])
    line = Line()

    def looks_after(wait: float, turn: int) -> tuple[int, datetime | None]:
        seconds[0] += wait
        line.learn(turn, NOW + timedelta(seconds=turn))
        return line.params["turn_start"], line.params["wake_start"]

    assert looks_after(turns.SLACK, 7) == (0, None)
    assert looks_after(turns.SLACK / 2, 8) == (0, None)
    assert looks_after(turns.SLACK / 2, 9) == (7, NOW + timedelta(seconds=7))
    assert looks_after(turns.SLACK, 10) == (9, NOW + timedelta(seconds=9))
    line.forget()
    assert looks_after(0.0, 11) == (0, None)
