"""What a worker remembers between two looks."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sync.queue import Claim, Routed
from sync.queue.scan_start import SLACK, ScanStarts

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DESTINATION, OTHER = uuid4(), uuid4()


def claim(seconds: int, destination: object = DESTINATION, batch_key: str | None = None) -> Claim:
    due = NOW + timedelta(seconds=seconds)
    return Claim(uuid4(), 1, 1, "x", destination, 1, 0, 3, due, batch_key)  # type: ignore[arg-type]


def test_while_there_is_more_the_next_look_begins_where_the_last_did() -> None:
    scan_starts = ScanStarts()
    scan_starts.learn_claimed([claim(5), claim(3), claim(9, OTHER), claim(1, batch_key="a")], more=True)
    assert scan_starts.destinations == {DESTINATION: NOW + timedelta(seconds=3), OTHER: NOW + timedelta(seconds=9)}
    scan_starts.learn_claimed([claim(7)], more=True)
    assert scan_starts.destinations[DESTINATION] == NOW + timedelta(seconds=7)
    assert scan_starts.destinations[OTHER] == NOW + timedelta(seconds=9)


def test_otherwise_it_looks_for_what_was_committed_late() -> None:
    scan_starts = ScanStarts()
    scan_starts.learn_claimed([claim(5)], more=False)
    scan_starts.learn_routed(Routed(1, (), NOW), more=False)
    assert scan_starts.destinations == {DESTINATION: NOW + timedelta(seconds=5) - SLACK}
    assert scan_starts.scan_start == NOW - SLACK
    scan_starts.learn_routed(Routed(500, (), NOW), more=True)
    assert scan_starts.scan_start == NOW


def test_a_look_that_found_nothing_teaches_nothing() -> None:
    scan_starts = ScanStarts()
    scan_starts.learn_claimed([], more=False)
    scan_starts.learn_routed(Routed(0, ()), more=False)
    assert scan_starts.destinations == {}
    assert scan_starts.scan_start is None


def test_a_full_pass_forgets() -> None:
    scan_starts = ScanStarts()
    scan_starts.learn_claimed([claim(5)], more=True)
    scan_starts.learn_routed(Routed(1, (), NOW), more=True)
    scan_starts.forget()
    assert scan_starts.destinations == {}
    assert scan_starts.scan_start is None
