"""How a worker begins and ends."""

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from sync import queue
from sync.destinations import Access
from sync.load import BatchLoad
from sync.management.commands import run_sync_worker
from sync.models import SyncQueueItem, Workflow
from sync.queue import Outcome
from sync.worker import loop as worker
from sync.worker.aside import Aside
from sync.worker.attempt import Batch
from tests.factories import ConfigurationFactory, ExecutionFactory


@pytest.mark.django_db(transaction=True)
def test_what_was_picked_up_last_is_loaded_too(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(batch: BatchLoad, _: Access) -> None:
        batch.outcomes = {execution_id: Outcome("PUBLIC", "T", 1) for execution_id in batch.records}

    monkeypatch.setattr(BatchLoad, "run", load)
    monkeypatch.setattr(worker, "PAGE", 3)
    for _ in range(5):
        ExecutionFactory.create(workflow=workflow)
    queue.route()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"skipped"}
    ConfigurationFactory.create(user=workflow.user)
    worker.Worker(worker.Options(concurrency=2, probe_interval=0.05)).run_once()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}


@pytest.mark.django_db(transaction=True)
def test_one_that_is_to_stay_waits_for_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    staying = worker.Worker(worker.Options(concurrency=1, probe_interval=0.05))
    real, tries = queue.register_worker, iter(range(4))

    def register(*args: Any) -> int:
        if next(tries) < 2:
            raise OperationalError("the database system is starting up")
        staying.stop()
        return real(*args)

    monkeypatch.setattr(worker, "_AGAIN", 0.01)
    monkeypatch.setattr(queue, "register_worker", register)
    assert staying.run()
    assert next(tries) == 3

    monkeypatch.setattr(queue, "register_worker", Mock(side_effect=OperationalError("no")))
    at_once = worker.Worker(worker.Options(concurrency=1))
    with pytest.raises(OperationalError):
        at_once.run_once()


@pytest.mark.django_db(transaction=True)
def test_once_says_what_it_did_where_its_connection_is_cut_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def look(**_: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(run_sync_worker, "look", look)
    call_command("run_sync_worker", "--once")
    assert "Completed 0, failed 0, skipped 0, waiting for another try 0." in capsys.readouterr().out
    assert "Nobody could be told of what there is: " in caplog.text


@pytest.mark.django_db
def test_once_begins_to_tell_nobody_after_a_signal(monkeypatch: pytest.MonkeyPatch, handlers: None) -> None:
    look = Mock()
    monkeypatch.setattr(run_sync_worker, "look", look)

    def deliver(stops: Callable[[], bool]) -> None:
        assert not stops()
        signal.raise_signal(signal.SIGTERM)
        assert stops()

    monkeypatch.setattr(run_sync_worker, "deliver", deliver)
    monkeypatch.setattr(worker.Worker, "run_once", lambda _: True)
    call_command("run_sync_worker", "--once")
    assert look.call_count == 1

    def told_to_stop(_: worker.Worker) -> bool:
        signal.raise_signal(signal.SIGTERM)
        return True

    monkeypatch.setattr(worker.Worker, "run_once", told_to_stop)
    call_command("run_sync_worker", "--once")
    assert look.call_count == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_left_behind_does_not_keep_a_process_alive_that_failed(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held, codes, loaded = threading.Event(), list[int](), threading.Event()

    def attempt(_: Batch) -> list[str]:
        held.wait(60)
        loaded.set()
        return ["refused"]

    def fail(_: Any) -> bool:
        raise RuntimeError("can't start new thread")

    def exit_at_once(code: int) -> NoReturn:
        codes.append(code)
        raise SystemExit(code)

    ConfigurationFactory.create(user=workflow.user)
    ExecutionFactory.create(workflow=workflow)
    monkeypatch.setattr(Batch, "attempt", attempt)
    monkeypatch.setattr(Aside, "begin", fail)  # what a step does last
    monkeypatch.setattr(run_sync_worker, "Options", partial(worker.Options, drain=0.1))
    monkeypatch.setattr(run_sync_worker.Command, "_exit_at_once", staticmethod(exit_at_once))
    try:
        with pytest.raises(SystemExit):
            call_command("run_sync_worker", "--once")
    finally:
        held.set()
        assert loaded.wait(60)
    assert codes == [1]
    assert "RuntimeError" in caplog.text


def test_a_signal_is_heard_also_where_nobody_reads_what_it_says(handlers: None) -> None:
    told = worker.Worker(worker.Options(concurrency=1))
    read, write = os.pipe()
    os.close(read)
    stderr = os.dup(2)
    try:
        os.dup2(write, 2)
        run_sync_worker.Command()._stop_on_signals(told)
        signal.raise_signal(signal.SIGTERM)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(write)
    assert told.stops
