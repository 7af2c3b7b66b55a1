"""What each part of the work takes with millions of items there, for `benchmarks.scale`: processes of the product.

`measure COUNT` does one after the other and prints figures, as JSON. `work SECONDS` are some of the simulated workers:
threads that claim, read what a worker reads of an execution, and finish, with nothing loaded between.
"""

import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import django
from django.db import OperationalError, connection

if TYPE_CHECKING:
    from sync.queue import Claim, Finish

PROCESSES, WORKERS = 5, 10  # simulated workers of each
FREE, BATCH = 5, 200  # threads of a worker, and executions that travel together
SECONDS = 60.0  # of work, and at most of what walks through everything
NEWS = 10_000  # executions that complete while all the others are there
LEASE = 3600.0
LOST = 2_000  # items that a worker held when it died

Found = list[tuple[str, float, str, str]]

_RUNNING = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows, result_total_rows)
SELECT 'news' || place, pair.workflow_id, 'running', '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]', 1
FROM generate_series(1, %s) AS place
JOIN pair ON pair.number = place %% (SELECT count(*) FROM pair)
"""
_COMPLETE = "UPDATE workflow_executions SET status = 'completed', completed_at = now() WHERE execution_id = %s"
_READ = """
SELECT execution_id, xmin::text, jsonb_hash_extended(result_rows, jsonb_hash_extended(result_columns, 0))
FROM workflow_executions
WHERE execution_id = ANY (%s)
"""
_TABLES = ("workflow_executions", "snowflake_sync_queue", "snowflake_sync_attempts")


def measure(count: int) -> Found:
    """One after the other, as what comes later is measured on what came before."""
    found = _vacuumed("as put in")
    for part in (_completed, _routed, _worked, _rescued, _swept, _counted, _listed, _backfilled):
        found += part(count)
    return [*found, *_vacuumed("after all this")]


def _vacuumed(when: str) -> Found:
    return [
        (f"VACUUM (ANALYZE) {table}", _seconds(partial(_run, f"VACUUM (ANALYZE) {table}")), "s", when)
        for table in _TABLES
    ]


def _completed(count: int) -> Found:
    del count
    _run("SET session_replication_role = replica")
    _run(_RUNNING, [NEWS])
    _run("SET session_replication_role = origin")
    took = [_seconds(partial(_run, _COMPLETE, [f"news{number}"])) for number in range(1, NEWS + 1)]
    return [("complete one execution, trigger on", _middle(took), "ms", f"{_spread(took)}; one client, fsync on")]


def _routed(count: int) -> Found:
    from sync import queue  # noqa: PLC0415 - Django first

    del count
    done = 0
    took: list[float] = []
    while True:
        began = time.monotonic()
        routed = queue.route().items
        if not routed:
            break
        done += routed
        took.append(time.monotonic() - began)
    return [("route", done / sum(took), "executions/s", f"500 at once, 5 destinations each; {_spread(took)}")]


def _worked(count: int) -> Found:
    from sync import queue  # noqa: PLC0415 - Django first

    del count
    # What was put in without triggers gets its turns.
    queue.sweep(interval=0.0, seconds=0.0)
    command = [sys.executable, "-m", "benchmarks.scaled", "work", str(SECONDS)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    answers = [json.loads(process.communicate()[0]) for process in running]
    claims, ends = ([took for answer in answers for took in answer[kind]] for kind in ("claims", "ends"))
    items = sum(answer["items"] for answer in answers)
    setting = f"{PROCESSES * WORKERS} workers in {PROCESSES} processes, {FREE} threads each, {SECONDS:.0f} s"
    return [
        ("claim and finish", items / SECONDS, "items/s", setting),
        ("a claim", _middle(claims), "ms", f"{_spread(claims)}; all of them at once"),
        ("a finish", _middle(ends), "ms", f"{_spread(ends)}; {items / max(len(ends), 1):.0f} items each"),
    ]


def work(seconds: float) -> dict[str, object]:
    """Seconds of each claim and each finish, and the items that were completed."""
    claims: list[float] = []
    ends: list[float] = []
    with ThreadPoolExecutor(WORKERS) as threads:
        deadline = time.monotonic() + seconds
        items = sum(threads.map(lambda _: _one_worker(deadline, claims, ends), range(WORKERS)))
    return {"items": items, "claims": claims, "ends": ends}


def _one_worker(deadline: float, claims: list[float], ends: list[float]) -> int:
    from sync import queue  # noqa: PLC0415 - Django first

    worker_id, line, done = queue.register_worker("benchmark", 1, FREE), queue.Line(), 0
    while (began := time.monotonic()) < deadline:
        try:
            claimed = queue.claim(worker_id, FREE, lease_seconds=LEASE, batch=BATCH, line=line)
        except OperationalError:
            # Somebody held what it wanted for longer than a worker waits: it looks again.
            connection.close()
            continue
        finally:
            claims.append(time.monotonic() - began)
        if ended := _completed_ones(claimed):
            began = time.monotonic()
            done += _finish(ended)
            ends.append(time.monotonic() - began)
    connection.close()
    return done


def _finish(ended: "Sequence[Finish]") -> int:
    """As a worker does it: what could not be ended together, since somebody held a row, is ended one by one."""
    from sync import queue  # noqa: PLC0415 - Django first

    try:
        return sum(status == "completed" for status in queue.finish(ended))
    except OperationalError:
        connection.close()
        return sum(_finish([ending]) for ending in ended)


def _completed_ones(claims: "Sequence[Claim]") -> "list[Finish]":
    from sync.queue import Attempt, Outcome, endings  # noqa: PLC0415 - Django first

    with connection.cursor() as cursor:
        cursor.execute(_READ, [[claim.execution_id for claim in claims]])
        read = {execution_id: (version, hashed) for execution_id, version, hashed in cursor.fetchall()}
    ended = []
    for claim in claims:
        version, hashed = read[claim.execution_id]
        attempt = Attempt(started_at=datetime.now(UTC), rows=1, bytes=120, result_hash=hashed, source_version=version)
        ended.append(endings.completed(claim, Outcome("PUBLIC", f"T_{claim.execution_id}", 1), attempt))
    return ended


def _rescued(count: int) -> Found:
    from sync import queue  # noqa: PLC0415 - Django first

    del count
    worker_id = queue.register_worker("benchmark", 1, LOST)
    held = 0
    while held < LOST and (claims := queue.claim(worker_id, FREE, lease_seconds=LEASE, batch=BATCH)):
        held += len(claims)
    queue.sign_off(worker_id)
    began, rescued = time.monotonic(), 0
    while some := queue.rescue(lease_seconds=LEASE):
        rescued += some
    return [("rescue", rescued / (time.monotonic() - began), "items/s", f"{rescued:,} of a worker that stopped")]


def _swept(count: int) -> Found:
    from sync import queue  # noqa: PLC0415 - Django first

    began = time.monotonic()
    swept = queue.sweep(interval=0.0, seconds=SECONDS)
    seen, seconds = (swept.seen if swept else 0), time.monotonic() - began
    whole = seconds * count / max(seen, 1)
    detail = f"{seen:,} executions seen in {seconds:.0f} s; a worker's sweep takes 2 s of every 120"
    return [("sweep, the whole walk", whole, "s", detail)]


def _counted(count: int) -> Found:
    from sync.reporting import history, kept_counts, sync_statistics  # noqa: PLC0415 - Django first

    passed = _seconds(lambda: kept_counts.make_if_older(0.0))
    asked = [_seconds(sync_statistics) for _ in range(20)]
    began, pages = time.monotonic(), 0
    while time.monotonic() - began < SECONDS and history.add_up():
        pages += 1
    rate = pages * history.PAGE / (time.monotonic() - began)
    return [
        ("statistics, counted anew", passed, "s", f"{count:,} items in one pass"),
        ("statistics, asked for", _middle(asked), "ms", _spread(asked)),
        ("attempts added up", rate, "attempts/s", "10,000 at once"),
    ]


def _listed(count: int) -> Found:
    from accounts.models import User  # noqa: PLC0415 - Django first
    from sync.queue import ItemFilter  # noqa: PLC0415
    from sync.reporting import list_items, list_runs  # noqa: PLC0415

    del count
    user = User.objects.values_list("pk", flat=True)[0]
    asked: dict[str, Callable[[], object]] = {
        "all items": lambda: list_items(ItemFilter(), limit=50),
        "a user's items": lambda: list_items(ItemFilter(user_ids=(user,)), limit=50),
        "failed runs": lambda: list_runs(ItemFilter(statuses=("failed",)), limit=50),
        "a user's failed runs": lambda: list_runs(ItemFilter(statuses=("failed",), user_ids=(user,)), limit=50),
    }
    took = {name: [_seconds(ask) for _ in range(20)] for name, ask in asked.items()}
    return [(f"first page of {name}", _middle(some), "ms", _spread(some)) for name, some in took.items()]


def _backfilled(count: int) -> Found:
    from sync.operations import backfill_executions  # noqa: PLC0415 - Django first
    from sync.queue import BackfillFilter  # noqa: PLC0415

    found: Found = []
    for name, dry_run in (("dry run", True), ("in earnest", False)):
        began = time.monotonic()
        counts = backfill_executions(BackfillFilter(), dry_run=dry_run, seconds=SECONDS)
        seen = counts.queued + sum(counts.left_alone.values())
        rate = seen / (time.monotonic() - began)
        detail = (
            f"{count / rate / 60:.0f} minutes for all; {counts.queued:,} of {seen:,} were to be queued, 4 items each"
        )
        found.append((f"backfill, {name}", rate, "executions/s", detail))
    return found


def _run(statement: str, params: Sequence[int | str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _seconds(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def _middle(took: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(took) * 1000 if took else math.nan


def _spread(took: Sequence[float]) -> str:
    slow = sorted(took)[int(len(took) * 0.95)] * 1000 if took else math.nan
    return f"median {_middle(took):.1f}, 95 % under {slow:.1f} ms, {len(took):,} times"


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(int(sys.argv[2])) if sys.argv[1] == "measure" else work(float(sys.argv[2]))))
