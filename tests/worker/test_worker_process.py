"""The worker as a process: --once, its log lines, signals."""

import io
import resource
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from sync.models import SyncAttempt, SyncQueueItem, SyncWorker
from tests.chaos.waiting import until
from tests.world import World

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
COLUMNS = [("campaign", "string"), ("clicks", "integer")]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(world: World) -> Iterator[Start]:
    """Starts `run_sync_worker` on the test's database and Snowflake."""
    started: list[subprocess.Popen[str]] = []
    environment = world.environment

    # At 30 s a statement has one second, which a busy machine may need: it would be sent again.
    def run(*options: str, lease: int = 180, spool: Path | None = None, **more: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, str(MANAGE), "run_sync_worker", *options],
            env=environment
            | {"SYNC_LEASE_SECONDS": str(lease)}
            | ({"SYNC_SPOOL_DIRECTORY": str(spool)} if spool else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **more,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def read_until(process: "subprocess.Popen[str]", wanted: str) -> str:
    """The output up to a line with these words; the test's time limit is the bound."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return "".join(lines)
    pytest.fail(f"{wanted!r} was not said: {''.join(lines)}")


def test_once_loads_what_is_due_and_says_so(world: World, start: Start) -> None:
    executions = [world.complete(COLUMNS, [["a", 1]]) for _ in range(3)]
    process = start("--once")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "universal Snowflake sync items" in output
    for execution in executions:
        execution.refresh_from_db()
        name = execution.snowflake_table_name
        assert f"Syncing execution {execution.execution_id} to Snowflake table {name}" in output
        assert f"Successfully synced execution {execution.execution_id} to Snowflake" in output
        assert world.rows(execution) == [("a", 1)]
    assert "Completed 3, failed 0, skipped 0, waiting for another try 0." in output
    assert SyncWorker.objects.get().stopped_at is not None


def test_once_exits_1_where_something_failed(world: World, start: Start) -> None:
    world.complete(COLUMNS, [["a", "many"]])
    world.complete(COLUMNS, [["a", 1]])
    process = start("--once")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Completed 1, failed 1" in output
    assert "not-a-real-password" not in output


def test_100_executions_take_at_most_2_1_statements_each(world: World, start: Start) -> None:
    for _ in range(100):
        world.complete(COLUMNS, [["a", number] for number in range(100)])
    process = start("--once")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert SyncQueueItem.objects.filter(status="completed").count() == 100
    assert len(world.snowflake.statements()) <= 210


def test_sigterm_finishes_what_is_in_flight(world: World, start: Start) -> None:
    world.snowflake.server.inject("COPY INTO", "delay", seconds=600)
    execution = world.complete(COLUMNS, [["a", 1]])
    process = start("--concurrency", "1")
    read_until(process, "Syncing execution")
    for _ in range(2):
        world.complete(COLUMNS, [["b", 2]])
    process.send_signal(signal.SIGTERM)
    read_until(process, "once more ends at once")
    world.snowflake.server.clear_faults()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert SyncQueueItem.objects.get(status="completed").execution_id == execution.execution_id
    assert SyncQueueItem.objects.filter(status="pending", retry_count=0).count() == 2
    assert SyncWorker.objects.get().stopped_at is not None


def test_a_second_signal_ends_it_at_once_and_its_item_is_rescued(world: World, start: Start) -> None:
    world.snowflake.server.inject("COPY INTO", "delay", seconds=60)
    execution = world.complete(COLUMNS, [["a", 1]])
    process = start()
    read_until(process, "Syncing execution")
    process.send_signal(signal.SIGTERM)
    read_until(process, "once more ends at once")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    world.snowflake.server.clear_faults()
    SyncWorker.objects.update(heartbeat_at=execution.created_at, stopped_at=execution.created_at)
    world.work()
    SyncQueueItem.objects.update(run_after=execution.created_at)
    world.work()
    assert world.rows(execution) == [("a", 1)]
    outcomes = list(SyncAttempt.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["rescued", "completed"], list(SyncAttempt.objects.values("outcome", "error_message", "timings"))


def test_a_killed_worker_leaves_nothing_that_another_cannot_finish(world: World, start: Start) -> None:
    world.snowflake.server.inject("COPY INTO", "drop_after", times=1)
    execution = world.complete(COLUMNS, [["a", 1], ["b", 2]])
    process = start()
    read_until(process, "Syncing execution")
    process.kill()
    process.wait(10)
    SyncWorker.objects.update(stopped_at=execution.created_at)
    world.work()
    SyncQueueItem.objects.update(run_after=execution.created_at)
    world.work()
    assert world.rows(execution) == [("a", 1), ("b", 2)]


def test_bad_options_are_refused(start: Start) -> None:
    process = start("--concurrency", "0")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "more than 0" in output


@dataclass(frozen=True)
class Room:
    """A directory that holds 300 kB until room is made, and what the system says when it is full."""

    directory: Path
    said: str
    options: dict[str, Any]
    make: Callable[["subprocess.Popen[str]"], object]


@pytest.fixture(params=[pytest.param("a full disk", marks=pytest.mark.long), "a limit of files"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    directory = tmp_path / "spool"
    directory.mkdir(mode=0o700)
    if request.param == "a limit of files":
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        limited = {"preexec_fn": partial(resource.setrlimit, resource.RLIMIT_FSIZE, (300_000, hard))}
        yield Room(
            directory,
            "File too large",
            limited,
            lambda process: resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard)),
        )
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a small disk")
    grow = ["mount", "-o", "remount,size=50m", str(directory)]
    yield Room(directory, "No space left on device", {}, lambda _: subprocess.run(grow, check=True))
    subprocess.run(["umount", "-l", str(directory)], check=True)


def test_a_host_without_room_takes_nothing_until_it_has_some(
    world: World, start: Start, room: Room, client: Client
) -> None:
    rows = [[secrets.token_hex(16), number] for number in range(40_000)]
    big = world.complete(COLUMNS, rows, result_total_rows=None)
    process = start(spool=room.directory, lease=30, **room.options)
    said = read_until(process, "No more items are taken")
    assert room.said in said
    assert str(room.directory) in said
    item = world.item(big)
    assert (item.status, item.retry_count, item.error_code) == ("pending", 0, "host_trouble")
    small = world.complete(COLUMNS, [["a", 1]])
    until(SyncWorker.objects.filter(held_back__contains=room.said).exists, "the worker tells that it holds back")

    ready = client.get("/readyz").json()["checks"]["worker"]
    assert (ready["ok"], ready["detail"].startswith("1 worker live, 1 of which take")) == (False, True)
    status = io.StringIO()
    with pytest.raises(SystemExit):  # it is not well
        call_command("sync_status", stdout=status)
    assert f"held back: {SyncWorker.objects.get().held_back}" in status.getvalue()
    assert not SyncAttempt.objects.filter(item=world.item(small)).exists()

    room.make(process)
    read_until(process, "This host can hold files again")
    until(lambda: SyncQueueItem.objects.filter(status="completed").count() == 2, "both are loaded")
    assert len(world.rows(big)) == 40_000
    until(SyncWorker.objects.filter(held_back=None).exists, "the worker tells that it goes on")
