"""A worker that has to stop while PostgreSQL is away."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from sync import queue
from sync.models import SyncQueueItem
from sync.queue import Finish
from sync.worker import Options, Worker, finishing
from sync.worker.attempt import Batch
from tests.processes import MANAGE, environment, killed_at_the_end
from tests.worker.stopped import stopped_once
from tests.world import World


def test_a_stop_waits_for_postgres_once_for_all_that_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    held, loading = threading.Event(), threading.Barrier(4)

    def load(batch: Batch) -> list[str]:
        loading.wait(30)
        held.wait(60)
        return ["refused"] * len(batch.claims)

    def finish(_: Sequence[Finish]) -> list[str | None]:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Batch, "attempt", load)
    monkeypatch.setattr(queue, "finish", finish)
    clock: Any = SimpleNamespace(sleep=pauses.append, monotonic=time.monotonic)
    monkeypatch.setattr(finishing, "time", clock)
    for number in range(3):
        world.complete([("clicks", "integer")], [[number]])
    worker = Worker(Options(concurrency=3, batch=1, probe_interval=0.05, drain=0.1))

    try:
        with stopped_once(worker, lambda: loading.wait(30)):
            assert worker.run() is False
    finally:
        held.set()
    assert SyncQueueItem.objects.filter(status="processing").count() == 3
    assert len(pauses) == 7


def test_a_postgres_that_says_nothing_does_not_keep_a_worker_from_ending() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"postgres://u@127.0.0.1:{silent.getsockname()[1]}/d"
        command = [sys.executable, str(MANAGE), "run_sync_worker"]
        process = subprocess.Popen(
            command, env=environment() | {"DATABASE_URL": url}, stderr=subprocess.PIPE, text=True
        )
        with killed_at_the_end(process), silent.accept()[0]:
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "PostgreSQL cannot be reached" in said
