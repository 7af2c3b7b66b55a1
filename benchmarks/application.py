"""What the application pays: pgbench's UPDATEs on its table, with our triggers on against off, in interleaved rounds.

Each run has a fresh database with executions that are running, and a result of 15 kB that travels as a parameter. Fsync
is on.
"""

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from benchmarks.common import Figure, Ratio, at_least, at_most, ratio_of
from benchmarks.databases import programs
from benchmarks.installation import COLUMNS, Installation, installation
from benchmarks.workers import workers
from sandbox.samples.flights import flights

SIZE = 15_000
BULK = 20_000
WORKERS = 4
_COMPLETE = """\\set n :n + 1
\\set id :client_id * 1000000 + :n
UPDATE workflow_executions
SET status = 'completed', completed_at = now(), updated_at = now(), result_columns = :columns, result_rows = :result,
    result_total_rows = :rows
WHERE execution_id = 'execution-' || :id;
"""
_PROGRESS = """\\set n :n + 1
\\set id :client_id * 1000000 + 1 + :n % 500
UPDATE workflow_executions SET status = 'running', updated_at = now() WHERE execution_id = 'execution-' || :id;
"""
_RUNNING = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, started_at)
SELECT 'execution-' || client * 1000000 + number, workflow.id, 'running', now()
FROM workflows AS workflow, generate_series(0, %s - 1) AS client, generate_series(1, %s) AS number
"""
# Another worker has found it out of order: items are routed to it, and wait.
_PAUSE = """
UPDATE snowflake_sync_destination_states
SET breaker_state = 'open', breaker_until = now() + interval '1 day', breaker_failures = 1, last_login_at = now()
"""
_TRIGGERS = ("trigger_queue_universal_snowflake_sync", "trigger_queue_universal_snowflake_sync_insert")
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What pgbench does, and how often each of its clients does it."""

    script: str
    clients: int
    times: int


ONE = Load(_COMPLETE, 1, 3_000)
MANY = Load(_COMPLETE, 16, 500)
PROGRESS_ONE = Load(_PROGRESS, 1, 5_000)
PROGRESS_MANY = Load(_PROGRESS, 16, 1_500)


def measure(rounds: int) -> list[Figure]:
    """Rates with the triggers on ÷ off; seconds of one large UPDATE."""
    figures = []
    for load, bar in ((ONE, 0.9), (MANY, 0.8)):
        figures.append(_rate_of(f"completing, {_clients(load)}", _on_and_off(load, rounds), bar))
        with_workers = _on_and_off(load, rounds, WORKERS)
        figures.append(_rate_of(f"completing, {_clients(load)}, {WORKERS} workers", with_workers, bar))
    progress = [
        _rate_of(f"progress, {_clients(load)}", _on_and_off(load, rounds), 0.97)
        for load in (PROGRESS_ONE, PROGRESS_MANY)
    ]
    return [*figures, *progress, _bulk(rounds)]


def _clients(load: Load) -> str:
    return "1 client" if load.clients == 1 else f"{load.clients} clients"


def _rate_of(name: str, ratio: Ratio, bar: float) -> Figure:
    detail = f"{ratio.spread}; {ratio.candidate:,.0f} against {ratio.control:,.0f} updates/s"
    return at_least(f"application: {name}, on ÷ off", ratio.median, "×", bar, detail)


def _on_and_off(load: Load, rounds: int, idle_workers: int = 0) -> Ratio:
    rate = partial(_rate, load, idle_workers)
    return ratio_of(partial(rate, triggers=True), partial(rate, triggers=False), rounds)


def _rate(load: Load, idle_workers: int, *, triggers: bool) -> float:
    with _prepared(load.clients, load.times, triggers=triggers) as installed:
        if not idle_workers:
            return _pgbench(installed, load)
        installed.ask(f"{_PAUSE} RETURNING configuration_id")
        with workers(installed, idle_workers):
            return _pgbench(installed, load)


@contextmanager
def _prepared(clients: int, times: int, *, triggers: bool) -> Iterator[Installation]:
    with installation("http://localhost:1") as installed, installed.connection.cursor() as cursor:
        cursor.execute(_RUNNING, [clients, times])
        if not triggers:
            for name in _TRIGGERS:
                cursor.execute(f"ALTER TABLE workflow_executions DISABLE TRIGGER {name}")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        yield installed


def _pgbench(installed: Installation, load: Load) -> float:
    """Transactions a second."""
    rows = _rows()
    variables = {"n": "0", "columns": json.dumps(COLUMNS), "result": json.dumps(rows), "rows": str(len(rows))}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(load.script)
        script.flush()
        command = [
            str(programs(installed.connection) / "pgbench"),
            *("--no-vacuum", "--protocol=prepared", f"--file={script.name}", f"--transactions={load.times}"),
            *(f"--client={load.clients}", f"--jobs={min(load.clients, os.cpu_count() or 1)}"),
            *(f"--define={name}={value}" for name, value in variables.items()),
            installed.url,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = _RATE.search(done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
    return float(found[1])


def _rows() -> list[dict[str, object]]:
    """Flights, about as many as make a result of that size."""
    size = len(json.dumps(flights()[:100])) / 100
    return flights()[: round(SIZE / size)]


def _bulk(rounds: int) -> Figure:
    ratio = ratio_of(partial(_bulk_seconds, triggers=True), partial(_bulk_seconds, triggers=False), rounds)
    detail = f"{ratio.candidate:.2f} s on, {ratio.control:.2f} s off, {ratio.spread}; results of two small values"
    return at_most(f"application: one UPDATE of {BULK:,} rows, on ÷ off", ratio.median, "× the time", 3.0, detail)


def _bulk_seconds(*, triggers: bool) -> float:
    with _prepared(1, BULK, triggers=triggers) as installed, installed.connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute("UPDATE workflow_executions SET status = 'completed', result_rows = '[[1, 2]]'")
        return time.perf_counter() - started
