"""What a worker remembers between two looks."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sync.floors import SLACK, Floors
from sync.queue import Claim, Routed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DESTINATION, OTHER = uuid4(), uuid4()


def claim(seconds: int, destination: object = DESTINATION, lane: str | None = None) -> Claim:
    due = NOW + timedelta(seconds=seconds)
    return Claim(uuid4(), 1, 1, "x", destination, 1, 0, 3, due, lane)  # type: ignore[arg-type]


def test_nothing_is_due_before_the_first_of_the_last_claims() -> None:
    floors = Floors()
    floors.learn_claimed([claim(5), claim(3), claim(9, OTHER), claim(1, lane="a")])
    assert floors.destinations == {
        DESTINATION: NOW + timedelta(seconds=3) - SLACK,
        OTHER: NOW + timedelta(seconds=9) - SLACK,
    }
    floors.learn_claimed([claim(7)])
    assert floors.destinations[DESTINATION] == NOW + timedelta(seconds=7) - SLACK
    assert floors.destinations[OTHER] == NOW + timedelta(seconds=9) - SLACK


def test_a_look_that_found_nothing_teaches_nothing() -> None:
    floors = Floors()
    floors.learn_claimed([])
    floors.learn_routed(Routed(0, ()))
    assert (floors.destinations, floors.unrouted) == ({}, None)


def test_a_full_pass_forgets() -> None:
    floors = Floors()
    floors.learn_claimed([claim(5)])
    floors.learn_routed(Routed(1, (), NOW))
    assert floors.unrouted == NOW - SLACK
    floors.forget()
    assert floors.destinations == {}
    assert floors.unrouted is None
