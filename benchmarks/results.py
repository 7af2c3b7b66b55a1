"""From JSONB in PostgreSQL to a compressed file: rows per second of processor time, this process's and its backend's.

The peer is what people write: psycopg2 and its JSON, a pandas DataFrame with typed columns, Parquet. Its decimals
become doubles, it notices no value that does not fit, and it does without the three own columns of the staged file.
"""

import gc
import json
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class of that name

from benchmarks.common import Figure, at_least, ratio_of, reported, table
from benchmarks.databases import empty_database
from benchmarks.result_shapes import Shape, store
from sync.results import StagedFile, examine, shape_of
from sync.results.snapshot import SETTINGS

_BAR = 2.0
_RESULT = "SELECT result_columns, result_rows FROM workflow_executions WHERE execution_id = %s"


def measure(rounds: int = 5) -> list[Figure]:
    """For each shape, with every check, against Parquet with snappy, which is pandas' default and the faster one.

    For the first also: without checks; against gzip, the default of the connector's write_pandas; and against a
    frame without types, in which dates and times stay text.
    """
    with empty_database() as (url, connection), closing(psycopg2.connect(url)) as own:
        with connection.cursor() as cursor:
            shapes = store(cursor)
            cursor.execute("VACUUM ANALYZE")
        run = _Run(own, rounds)
        checked = [run.against(shape, shape.execution_id, run.ours, run.snappy) for shape in shapes]
        first = shapes[0]
        return [
            *(at_least(f.name, f.value or 0, f.unit, _BAR, f.detail) for f in checked),
            run.against(first, f"{first.execution_id}, without checks", run.unchecked, run.snappy),
            run.against(first, f"{first.execution_id}, against gzip", run.ours, run.gzip),
            run.against(first, f"{first.execution_id}, against columns without types", run.ours, run.untyped),
        ]


@dataclass(frozen=True)
class _Run:
    """The ways, each as rows per second of processor time."""

    connection: Connection
    rounds: int

    def against(self, shape: Shape, name: str, way: Callable[[Shape], float], peer: Callable[[Shape], float]) -> Figure:
        way(shape), peer(shape)
        ratio = ratio_of(lambda: way(shape), lambda: peer(shape), self.rounds)
        detail = (
            f"{ratio.spread}; {shape.rows:,} rows, {ratio.candidate:,.0f} against {ratio.control:,.0f} rows "
            "per CPU second (Python and PostgreSQL)"
        )
        return reported(f"results ÷ Parquet: {name}", ratio.median, "times", detail)

    def ours(self, shape: Shape) -> float:
        return self._rate(shape, lambda: self._stage(shape))

    def unchecked(self, shape: Shape) -> float:
        with _without_checks():
            return self.ours(shape)

    def snappy(self, shape: Shape) -> float:
        return self._rate(shape, lambda: self._parquet(shape, "snappy"))

    def gzip(self, shape: Shape) -> float:
        return self._rate(shape, lambda: self._parquet(shape, "gzip"))

    def untyped(self, shape: Shape) -> float:
        return self._rate(shape, lambda: self._parquet(shape, "snappy", typed=False))

    def _rate(self, shape: Shape, work: Callable[[], None]) -> float:
        gc.collect()
        before = self._cpu()
        work()
        return shape.rows / (self._cpu() - before)

    def _cpu(self) -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime + cpu_of(self.connection.info.backend_pid)

    def _stage(self, shape: Shape) -> None:
        with self.connection, self.connection.cursor() as cursor, StagedFile() as file:
            cursor.execute(SETTINGS)
            found = shape_of(cursor, examine(cursor, [shape.execution_id])[shape.execution_id])
            file.append(cursor, found, datetime.now(UTC), [(column, at) for at, column in enumerate(found.columns)])
            file.finish()

    def _parquet(self, shape: Shape, compression: str, *, typed: bool = True) -> None:
        with self.connection, self.connection.cursor() as cursor, tempfile.TemporaryDirectory() as directory:
            cursor.execute(_RESULT, [shape.execution_id])
            columns, rows = cursor.fetchone() or ([], [])
            frame = pd.DataFrame(rows, columns=[column["name"] for column in columns])
            for column in columns if typed else []:
                frame[column["name"]] = as_declared(frame[column["name"]], column["type"])
            frame.to_parquet(Path(directory) / "result.parquet", compression=compression)


@contextmanager
def _without_checks() -> Iterator[None]:
    with (
        patch("sync.results.fast.check", return_value=lambda _: True),
        patch("sync.results.projection.form_check", return_value=sql.SQL("TRUE")),
    ):
        yield


def as_declared(values: pd.Series, declared: str) -> pd.Series:
    if declared.startswith(("date", "timestamp")):
        return pd.to_datetime(values)
    if declared.startswith(("integer", "decimal", "double")):
        return pd.to_numeric(values)
    return values.map(json.dumps) if declared == "json" else values


def cpu_of(pid: int) -> float:
    """Seconds that a process has computed, to the nanosecond on Linux."""
    exact = Path(f"/proc/{pid}/schedstat")
    if exact.exists():
        return int(exact.read_text().split()[0]) / 1e9
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


if __name__ == "__main__":
    print(table(measure()))
