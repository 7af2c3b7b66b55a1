"""Looks beside a worker: begun in its interval, and given up when it stops."""

import threading
from collections.abc import Callable

import pytest

from sync.warehouse import GivenUpError
from sync.worker import Looker, looking


def test_a_worker_looks_until_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    guards: list[Callable[[], None]] = []
    looked = threading.Event()

    def look_once(guard: Callable[[], None]) -> bool:
        guards.append(guard)
        guard()
        if len(guards) == 3:
            looked.set()
        return len(guards) == 1

    monkeypatch.setattr(looking, "look_once", look_once)
    with Looker(0.01) as looker:
        assert looked.wait(60)
    with pytest.raises(GivenUpError):
        guards[0]()
    assert not looker._thread.is_alive()
