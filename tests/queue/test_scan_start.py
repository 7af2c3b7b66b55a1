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
    floors = ScanStarts()
    floors.learn_claimed([claim(5), claim(3), claim(9, OTHER), claim(1, batch_key="a")], more=True)
    assert floors.destinations == {DESTINATION: NOW + timedelta(seconds=3), OTHER: NOW + timedelta(seconds=9)}
    floors.learn_claimed([claim(7)], more=True)
    assert floors.destinations[DESTINATION] == NOW + timedelta(seconds=7)
    assert floors.destinations[OTHER] == NOW + timedelta(seconds=9)


def test_otherwise_it_looks_for_what_was_committed_late() -> None:
    floors = ScanStarts()
    floors.learn_claimed([claim(5)], more=False)
    floors.learn_routed(Routed(1, (), NOW), more=False)
    assert floors.destinations == {DESTINATION: NOW + timedelta(seconds=5) - SLACK}
    assert floors.unrouted == NOW - SLACK
    floors.learn_routed(Routed(500, (), NOW), more=True)
    assert floors.unrouted == NOW


def test_a_look_that_found_nothing_teaches_nothing() -> None:
    floors = ScanStarts()
    floors.learn_claimed([], more=False)
    floors.learn_routed(Routed(0, ()), more=False)
    assert floors.destinations == {}
    assert floors.unrouted is None


def test_a_full_pass_forgets() -> None:
    floors = ScanStarts()
    floors.learn_claimed([claim(5)], more=True)
    floors.learn_routed(Routed(1, (), NOW), more=True)
    floors.forget()
    assert floors.destinations == {}
    assert floors.unrouted is None
