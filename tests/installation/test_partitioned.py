"""Executions in partitions: each row gets its own outcome, whichever partition it is in."""

from collections.abc import Callable

import pytest

from tests.installation.at_work import Installation

ADA, BOB = ("11111111-1111-1111-1111-11111111111" + digit for digit in "12")

_TABLES = f"""
CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL);
CREATE TABLE workflows (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), workflow_id text UNIQUE, name text, user_id uuid REFERENCES users
);
CREATE TABLE workflow_executions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    execution_id text NOT NULL UNIQUE,
    workflow_id uuid REFERENCES workflows,
    status text,
    result_columns jsonb,
    result_rows jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY {{method}} (execution_id);
INSERT INTO users VALUES ('{ADA}', 'ada@example.com'), ('{BOB}', 'bob@example.com');
INSERT INTO workflows (workflow_id, name, user_id) VALUES ('ada', 'Report', '{ADA}'), ('bob', 'Report', '{BOB}');
"""
_BY_HASH = _TABLES.format(method="HASH") + "".join(
    f"CREATE TABLE part_{n} PARTITION OF workflow_executions FOR VALUES WITH (MODULUS 4, REMAINDER {n});"
    for n in range(4)
)
_BY_RANGE = _TABLES.format(method="RANGE") + "".join(
    f"CREATE TABLE part_{n} PARTITION OF workflow_executions FOR VALUES FROM ({low}) TO ({high});"
    for n, (low, high) in enumerate([("MINVALUE", "'4'"), ("'4'", "'8'"), ("'8'", "'c'"), ("'c'", "MAXVALUE")])
)

# Ada's are even, Bob's odd; the last ten go on running. Each result has as many rows as its number says.
_EXECUTIONS = """
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows)
SELECT
    md5(n::text),
    workflow.id,
    CASE WHEN n > 30 THEN 'running' ELSE 'completed' END,
    '[{"name": "n", "type": "integer"}]',
    (SELECT jsonb_agg(jsonb_build_array(row)) FROM generate_series(1, n) AS row)
FROM generate_series(1, 40) AS n
JOIN workflows AS workflow ON workflow.workflow_id = CASE WHEN n % 2 = 0 THEN 'ada' ELSE 'bob' END
"""
_OUTCOMES = """
SELECT n, snowflake_status, snowflake_row_count, position(upper(md5(n::text)) IN snowflake_table_name) > 0
FROM generate_series(1, 40) AS n
JOIN workflow_executions ON execution_id = md5(n::text)
ORDER BY n
"""


def expected(n: int) -> tuple[object, ...]:
    if n > 30:
        return n, None, None, None
    return (n, "completed", n, True) if n % 2 == 0 else (n, "skipped", None, None)


@pytest.mark.parametrize(
    ("application", "destinations"),
    [
        pytest.param(_BY_RANGE, 1, id="range, 1"),
        pytest.param(_BY_HASH, 2, id="hash, 2"),
        pytest.param(_BY_RANGE, 2, id="range, 2", marks=pytest.mark.long),
        pytest.param(_BY_HASH, 1, id="hash, 1", marks=pytest.mark.long),
    ],
)
def test_each_execution_gets_its_own_outcome(
    application: str, destinations: int, install: Callable[[str], Installation]
) -> None:
    installation = install(application)
    for number in range(destinations):
        installation.destination(ADA, name=f"destination {number}", schema=f"S{number}")
    installation.database.run(_EXECUTIONS)
    code, said = installation.manage("run_sync_worker", "--once")
    assert code == 0, said
    assert f"Completed {15 * destinations}, failed 0, skipped 15, waiting for another try 0." in said
    assert installation.rows(_OUTCOMES) == [expected(n) for n in range(1, 41)]
    installation.database.run("UPDATE workflow_executions SET result_rows = '[[1]]' WHERE execution_id = md5('4')")
    code, said = installation.manage("run_sync_worker", "--once")
    assert f"Completed {destinations}, failed 0, skipped 0," in said
    assert installation.rows(_OUTCOMES)[3][:3] == (4, "completed", 1)


@pytest.mark.long
def test_what_is_past_retention_is_found_and_what_is_gone_is_erased(install: Callable[[str], Installation]) -> None:
    installation = install(_BY_HASH)
    destination = installation.destination(ADA, schema="PUBLIC", catalogue_name="SYNC_EXECUTIONS")
    run = installation.database.run
    run(_EXECUTIONS)
    keeps = "INSERT INTO snowflake_sync_retention (configuration_id, keeps, amount) VALUES ('{}', 'last', 5)"
    run(keeps.format(destination.pk))
    said = [installation.manage(*words)[1] for words in (("run_sync_worker", "--once"), ("prune_results",))]
    assert "Completed 15, failed 0, skipped 15" in said[0]
    assert "to be taken out of Snowflake: 10" in said[1]
    assert "Completed 0, failed 0, skipped 10" in installation.manage("run_sync_worker", "--once")[1]
    run("DELETE FROM workflow_executions WHERE status = 'completed'")
    run("UPDATE snowflake_configurations SET is_active = false")
    code, erased = installation.manage("erase_syncs", "--workflow", "ada", "--yes")
    assert (code, "5 tables dropped, and 15 lines of the catalogue deleted" in erased) == (0, True), erased
