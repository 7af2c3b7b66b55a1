"""How far one PostgreSQL goes: millions of executions and items, 200 users, 1,000 destinations, 50 simulated workers.

`SCALE_EXECUTIONS` says how many executions; 10,000,000 otherwise, which takes some 25 minutes and 30 GB on two cores.
The past is put in set by set through the real schema, autovacuum on: an execution, its item and its attempt; of a
hundred items one has failed and two are waiting. What is measured then, `benchmarks.scaled` does.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2

from benchmarks.common import Figure, reported
from benchmarks.installation import Installation, installation

EXECUTIONS = int(os.environ.get("SCALE_EXECUTIONS", "10000000"))
USERS = 200
DESTINATIONS = 5  # of each user, as many workflows
AT_ONCE = 20_000
FILLERS = 2
BYTES = 3_500  # of disk an execution takes, with the write-ahead log
# Those of a server that is there for this: the defaults are for a machine of twenty years ago.
SETTINGS = {"shared_buffers": "2GB", "max_wal_size": "8GB", "maintenance_work_mem": "512MB"}

_PEOPLE = """
INSERT INTO users (email) SELECT 'user' || number || '@example.com' FROM generate_series(1, %(users)s) AS number;
INSERT INTO workflows (workflow_id, name, user_id)
SELECT 'workflow ' || owner.email || number, 'Workflow ' || number, owner.id
FROM users AS owner, generate_series(1, %(each)s) AS number;
INSERT INTO snowflake_configurations (user_id, account_identifier, warehouse, database, schema, username)
SELECT owner.id, 'myorg-myaccount', 'LOADING', 'DB' || number, 'PUBLIC', 'SYNC'
FROM users AS owner, generate_series(1, %(each)s) AS number;
UPDATE snowflake_sync_destination_states SET last_login_at = now();
-- A workflow and a destination of the same owner, by number.
CREATE TABLE pair AS
SELECT row_number() OVER () - 1 AS number, user_id, workflow.id AS workflow_id, destination.id AS destination_id
FROM (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM workflows) AS workflow
JOIN (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY id) AS place FROM snowflake_configurations
) AS destination USING (user_id, place);
"""
# No trigger queues what has its item already; the version that an item has seen is that of this transaction.
_PAST = """
SET LOCAL session_replication_role = replica;
WITH made AS MATERIALIZED (
    SELECT
        gen_random_uuid()::text AS execution_id,
        gen_random_uuid() AS item_id,
        pair.*,
        now() - interval '1 year' * (%(all)s - place) / %(all)s AS at,
        CASE WHEN place %% 100 = 0 THEN 'failed' WHEN place %% 50 = 1 THEN 'pending' ELSE 'completed' END AS status,
        jsonb_build_array(jsonb_build_object('clicks', place)) AS result_rows,
        '[{"name": "clicks", "type": "integer"}]'::jsonb AS result_columns
    FROM generate_series(%(first)s, %(last)s) AS place
    JOIN pair ON pair.number = place %% %(pairs)s
),
executed AS (
    INSERT INTO workflow_executions (
        execution_id, workflow_id, status, completed_at, created_at, result_columns, result_rows, result_total_rows,
        snowflake_status, snowflake_schema_name, snowflake_table_name, snowflake_uploaded_at, snowflake_row_count
    )
    SELECT execution_id, workflow_id, 'completed', at, at, result_columns, result_rows, 1, status,
        CASE status WHEN 'completed' THEN 'PUBLIC' END, CASE status WHEN 'completed' THEN 'T_' || execution_id END,
        CASE status WHEN 'completed' THEN at END, CASE status WHEN 'completed' THEN 1 END
    FROM made
),
queued AS (
    INSERT INTO snowflake_sync_queue (
        id, execution_id, user_id, configuration_id, status, created_at, updated_at, run_after, processed_at,
        schema_name, table_name, row_count, error_code, error_message, result_hash, source_version
    )
    SELECT item_id, execution_id, user_id, destination_id, status, at, at, at,
        CASE WHEN status <> 'pending' THEN at END, CASE status WHEN 'completed' THEN 'PUBLIC' END,
        CASE status WHEN 'completed' THEN 'T_' || execution_id END, CASE status WHEN 'completed' THEN 1 END,
        CASE status WHEN 'failed' THEN 'value_does_not_fit' END, CASE status WHEN 'failed' THEN 'It does not fit.' END,
        CASE WHEN status <> 'pending' THEN jsonb_hash_extended(result_rows, jsonb_hash_extended(result_columns, 0)) END,
        CASE WHEN status <> 'pending' THEN pg_current_xact_id()::xid::text END
    FROM made
)
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, claim_token, generation, outcome, due_at, started_at, finished_at, timings,
    row_count, byte_count, statement_count, query_ids, error_code
)
SELECT item_id, destination_id, 1, number, 1, status, at, at, at, '{"extract": 12.5, "connect": 0.1, "load": 800.0}',
    1, 120, 3, '{01b0c7a5-0000-0000-0000-000000000001,01b0c7a5-0000-0000-0000-000000000002}',
    CASE status WHEN 'failed' THEN 'value_does_not_fit' END
FROM made
WHERE status <> 'pending'
"""
_SIZES = """
SELECT relation.relname, pg_table_size(relation.oid) / 1e9::float, pg_indexes_size(relation.oid) / 1e9::float
FROM unnest('{workflow_executions, snowflake_sync_queue, snowflake_sync_attempts}'::regclass[]) AS named (oid)
JOIN pg_class AS relation ON relation.oid = named.oid
"""


def measure(rounds: int) -> list[Figure]:
    """What it takes to fill, what it then takes on disk, and what each part of the work takes with so much there."""
    del rounds
    needed, free = EXECUTIONS * BYTES, shutil.disk_usage(tempfile.gettempdir()).free
    if free < needed:
        raise RuntimeError(f"{needed / 1e9:.0f} GB are needed in {tempfile.gettempdir()}, {free / 1e9:.0f} are free")
    with installation("", settings=SETTINGS) as installed:
        seconds = _fill(installed)
        sizes = [
            reported(f"size of {name}", table + indexes, "GB", f"{table:.2f} rows, {indexes:.2f} indexes")
            for name, table, indexes in installed.ask(_SIZES)
        ]
        command = [sys.executable, "-m", "benchmarks.scaled", "measure", str(EXECUTIONS)]
        environment = installed.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
        found = [reported(*figure) for figure in json.loads(done.stdout)]
    filled = reported("put in", EXECUTIONS / seconds, "executions/s", f"{EXECUTIONS:,} with item and attempt, in sets")
    return [filled, *sizes, *found]


def _fill(installed: Installation) -> float:
    """Puts the past in; the seconds that this took."""
    with installed.connection.cursor() as cursor:
        cursor.execute("DELETE FROM users")
        cursor.execute(_PEOPLE, {"users": USERS, "each": DESTINATIONS})
    began = time.monotonic()
    with ThreadPoolExecutor(FILLERS) as threads:
        list(threads.map(lambda first: _put_in(installed.url, first), range(0, EXECUTIONS, AT_ONCE)))
    return time.monotonic() - began


def _put_in(url: str, first: int) -> None:
    params = {
        "first": first,
        "last": min(first + AT_ONCE, EXECUTIONS) - 1,
        "all": EXECUTIONS,
        "pairs": USERS * DESTINATIONS,
    }
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_PAST, params)
