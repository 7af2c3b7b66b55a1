"""A worker that is told to stop while something beside loads goes on."""

import threading

import pytest

from sync import warehouse
from sync.worker import Options, Worker
from sync.worker.aside import Aside
from tests.worker.stopped import stopped_once


@pytest.mark.django_db(transaction=True)
def test_once_does_not_wait_for_what_is_beside_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, held = threading.Event(), threading.Event()

    def tidy() -> None:
        begun.set()
        held.wait(60)

    monkeypatch.setattr(warehouse, "tidy", tidy)
    monkeypatch.setattr(Aside, "begin", lambda _: None)  # so that it is the last thing that is done
    worker = Worker(Options(drain=0.6))

    try:
        with stopped_once(worker, lambda: begun.wait(30)):
            assert worker.run_once() is False
    finally:
        held.set()
        worker._aside._thread.shutdown()
