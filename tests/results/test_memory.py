"""Python's memory does not grow with the result."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.results.conftest import Executions

# 300,000 rows take some 45 MB as CSV, and many times that as Python objects.
_ROWS = """
INSERT INTO workflow_executions SELECT %s, 'completed',
    '["id", "text", {"name": "at", "type": "timestamp"}, {"name": "j", "type": "json"}]',
    (SELECT jsonb_agg(jsonb_build_array(g, 'customer number ' || md5(g::text), '2024-01-05T10:20:30',
        jsonb_build_object('a', g, 'b', 'some text'))) FROM generate_series(1, %s) g)
"""
_CHILD = """
import json, sys
from io import BytesIO
from pathlib import Path
from datetime import datetime, UTC
import psycopg2
from sync.results import StagedFile, examine, shape_of, staged_file
from sync.results.snapshot import FILL, LEND, SETTINGS, pads
from sync.rules import RuleSet, read_rules

staged_file.LARGEST = 2_000_000

connection = psycopg2.connect(**json.loads(sys.argv[1]))
cursor = connection.cursor()
cursor.execute("SET search_path = results_test")
plan = RuleSet(1, read_rules(json.loads(sys.argv[3])), hash_key=1).plan("")
for execution_id in ("warm-up", sys.argv[2]):
    with StagedFile() as file:
        connection.commit()
        cursor.execute(LEND)
        cursor.copy_expert(FILL, BytesIO(pads(bytes(32))))
        cursor.execute(SETTINGS)
        shape = shape_of(cursor, examine(cursor, [execution_id])[execution_id], plan)
        file.append(cursor, shape, datetime.now(UTC), [(column, at) for at, column in enumerate(shape.columns)])
        file.finish()
        files = len(file.paths)
# getrusage() would tell the peak of the process that this one was forked from, too.
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0], files)
"""

_RULES = [
    {"name": "hash", "kind": "column", "action": "hash", "columns": ["id"]},
    {"name": "mask", "kind": "column", "action": "mask", "columns": ["j"], "path": "b"},
    {"name": "some", "kind": "rows", "where": {"column": "id", "operator": "ne", "value": "7"}},
]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")
@pytest.mark.parametrize("path", ["fast", "exact", "rules"])
def test_memory_is_flat(executions: Executions, path: str) -> None:
    for rows in (1000, 30_000, 300_000):
        executions.execute(_ROWS, ["warm-up" if rows == 1000 else str(rows), rows])
    if path == "exact":
        # The first row stops the fast projection.
        executions.execute("UPDATE workflow_executions SET result_rows = jsonb_set(result_rows, '{0,0}', '\"+1\"')")
    parameters = executions.connection.get_connection_params()
    arguments = {key: value for key, value in parameters.items() if isinstance(value, str | int)}
    rules = json.dumps(_RULES if path == "rules" else [])
    peaks, files = {}, {}
    for name in ("30000", "300000"):
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, json.dumps(arguments), name, rules],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        peaks[name], files[name] = map(int, done.stdout.split())
    assert files["30000"] == 1 < files["300000"]
    assert peaks["300000"] <= peaks["30000"] * 1.15
