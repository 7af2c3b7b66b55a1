"""What rules cost: flights with three columns hashed, two masked, two dropped and a filter on rows, to a staged file.

Against the same without rules, and against what people write: psycopg2, a pandas DataFrame in which the same is done,
with typed columns, to Parquet. Rows are those of the result, not those that are kept. Memory is a fresh process's.
"""

import gc
import hmac
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class of that name

from benchmarks.common import Figure, at_least, at_most, ratio_of, reported, table
from benchmarks.databases import empty_database
from benchmarks.result_shapes import Shape, store_flights
from benchmarks.results import as_declared, cpu_of
from sync.results import StagedFile, examine, shape_of
from sync.results.snapshot import FILL, LEND, SETTINGS, pads
from sync.rules import Plan, RuleSet, read_rules

_KEY = bytes(range(32))
_HASHED, _MASKED, _DROPPED = ("tailnum", "flight", "dest"), ("carrier", "origin"), ("minute", "sched_arr_time")
_ROWS, _SMALL, _LARGE = 100_000, 30_000, 300_000
_RESULT = "SELECT result_columns, result_rows FROM workflow_executions WHERE execution_id = %s"
# The least distance of flights that are kept, in miles: nearly all of them, and about half.
_NEARLY_ALL, _HALF = 200, 900
_COLUMN_RULES = [
    {"name": "hash", "kind": "column", "action": "hash", "columns": _HASHED},
    {"name": "mask", "kind": "column", "action": "mask", "columns": _MASKED, "keep": "last", "characters": 1},
    {"name": "drop", "kind": "column", "action": "drop", "columns": _DROPPED},
]


def measure(rounds: int = 5) -> list[Figure]:
    """The bars hold for a filter that keeps about half of the rows."""
    with empty_database() as (url, connection), closing(psycopg2.connect(url)) as own:
        with connection.cursor() as cursor:
            small, middle, large = store_flights(cursor, _SMALL, _ROWS, _LARGE)
            cursor.execute("VACUUM ANALYZE")
        run = _Run(own, middle, rounds)
        half, nearly_all = _plan(_HALF), _plan(_NEARLY_ALL)
        return [
            run.figure("rules ÷ none", lambda: run.ours(half), lambda: run.ours(Plan()), 0.6),
            run.figure("rules ÷ pandas", lambda: run.ours(half), lambda: run.pandas(_HALF), 1.5),
            run.figure("rules ÷ none, nearly all rows kept", lambda: run.ours(nearly_all), lambda: run.ours(Plan())),
            run.figure(
                "rules ÷ pandas, nearly all rows kept", lambda: run.ours(nearly_all), lambda: run.pandas(_NEARLY_ALL)
            ),
            _memory(url, small, large),
        ]


def _plan(distance: int) -> Plan:
    where = {"column": "distance", "operator": "ge", "value": distance}
    rules = read_rules([*_COLUMN_RULES, {"name": "filter", "kind": "rows", "where": where}])
    return RuleSet(1, rules, hash_key=1).plan("")


@dataclass(frozen=True)
class _Run:
    """The ways, each as rows per second of processor time, this process's and its backend's."""

    connection: Connection
    shape: Shape
    rounds: int

    def figure(
        self, name: str, way: Callable[[], float], other: Callable[[], float], bar: float | None = None
    ) -> Figure:
        way(), other()
        ratio = ratio_of(way, other, self.rounds)
        detail = f"{ratio.spread}; {ratio.candidate:,.0f} against {ratio.control:,.0f} rows per CPU second"
        if bar is None:
            return reported(name, ratio.median, "times", detail)
        return at_least(name, ratio.median, "times", bar, detail)

    def ours(self, plan: Plan) -> float:
        return self._rate(lambda: stage(self.connection, self.shape.execution_id, plan))

    def pandas(self, distance: int) -> float:
        return self._rate(lambda: self._parquet(distance))

    def _rate(self, work: Callable[[], None]) -> float:
        gc.collect()
        before = self._cpu()
        work()
        return self.shape.rows / (self._cpu() - before)

    def _cpu(self) -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime + cpu_of(self.connection.info.backend_pid)

    def _parquet(self, distance: int) -> None:
        with self.connection, self.connection.cursor() as cursor, tempfile.TemporaryDirectory() as directory:
            cursor.execute(_RESULT, [self.shape.execution_id])
            columns, rows = cursor.fetchone() or ([], [])
            frame = pd.DataFrame(rows, columns=[column["name"] for column in columns])
            frame = frame[frame["distance"] >= distance].drop(columns=list(_DROPPED))
            for name in _HASHED:
                frame[name] = frame[name].map(_hmac, na_action="ignore")
            for name in _MASKED:
                frame[name] = frame[name].map(
                    lambda text: f"***{text[-1:]}" if len(text) > 1 else "***", na_action="ignore"
                )
            for column in columns:
                if column["name"] not in (*_HASHED, *_MASKED, *_DROPPED):
                    frame[column["name"]] = as_declared(frame[column["name"]], column["type"])
            frame.to_parquet(Path(directory) / "result.parquet", compression="snappy")


def _hmac(value: Any) -> str:
    return hmac.digest(_KEY, str(value).encode(), "sha256").hex()


def stage(connection: Connection, execution_id: str, plan: Plan) -> None:
    """As a load does it, with the key where it is needed."""
    with connection, connection.cursor() as cursor, StagedFile() as file:
        if plan.hash_key:
            cursor.execute(LEND)
            cursor.copy_expert(FILL, BytesIO(pads(_KEY)))
        cursor.execute(SETTINGS)
        found = shape_of(cursor, examine(cursor, [execution_id])[execution_id], plan)
        file.append(cursor, found, datetime.now(UTC), [(column, at) for at, column in enumerate(found.columns)])
        file.finish()


def _memory(url: str, small: Shape, large: Shape) -> Figure:
    def peak(shape: Shape) -> float:
        command = [sys.executable, "-m", "benchmarks.rules", json.dumps([url, shape.execution_id])]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    ratio = ratio_of(lambda: peak(large), lambda: peak(small), 1)
    detail = f"{ratio.candidate / 1024:.0f} MiB against {ratio.control / 1024:.0f}"
    return at_most(f"peak memory with rules, {_LARGE:,} rows ÷ {_SMALL:,}", ratio.median, "times", 1.15, detail)


def _peak(url: str, execution_id: str) -> str:
    """KiB; not of the process that this one was forked from."""
    with closing(psycopg2.connect(url)) as connection:
        stage(connection, execution_id, _plan(_HALF))
    return Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]


if __name__ == "__main__":
    print(_peak(*json.loads(sys.argv[1])) if sys.argv[1:] else table(measure()))
