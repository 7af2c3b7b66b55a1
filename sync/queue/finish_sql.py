"""The statements of sync.queue.finish."""

_ENDING = """
ending AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(endings)s::jsonb) AS ending (
        item_id uuid, claim_token bigint, worker_id bigint, configuration_id uuid, generation bigint,
        outcome text, status text, counts boolean, delay double precision, error_code text,
        error_message text, schema_name text, table_name text, requested_schema text,
        requested_table text, row_count bigint, result_hash bigint, started_at timestamptz,
        timings jsonb, rows bigint, bytes bigint, batch_size integer, statements integer, query_ids jsonb
    )
)"""

# Where the generation has risen since the claim, new results have come: whatever became of the old
# ones, the item is pending for the new ones.
FINISH = f"""
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
{_ENDING},
verdict AS MATERIALIZED (
    SELECT
        ending.*,
        item.generation > item.claimed_generation AS outdated,
        ending.counts AND item.retry_count >= item.max_retries AS used_up
    FROM ending
    JOIN snowflake_sync_queue AS item
        ON item.id = ending.item_id
            AND item.status = 'processing'
            AND item.claim_token IS NOT DISTINCT FROM ending.claim_token
    FOR NO KEY UPDATE OF item
)
UPDATE snowflake_sync_queue AS item
SET status = CASE
        WHEN verdict.outdated THEN 'pending'
        WHEN verdict.used_up THEN 'failed'
        ELSE verdict.status
    END,
    retry_count = CASE
        WHEN verdict.outdated THEN 0
        WHEN verdict.counts AND NOT verdict.used_up THEN item.retry_count + 1
        ELSE item.retry_count
    END,
    run_after = CASE
        WHEN verdict.outdated THEN clock.now
        ELSE coalesce(clock.now + make_interval(secs => verdict.delay), item.run_after)
    END,
    processed_at = CASE
        WHEN verdict.status <> 'pending' OR verdict.used_up THEN clock.now
        ELSE item.processed_at
    END,
    error_code = verdict.error_code,
    error_message = verdict.error_message,
    schema_name = coalesce(verdict.schema_name, item.schema_name),
    table_name = coalesce(verdict.table_name, item.table_name),
    requested_schema = CASE
        WHEN verdict.table_name IS NULL THEN item.requested_schema
        ELSE verdict.requested_schema
    END,
    requested_table = CASE
        WHEN verdict.table_name IS NULL THEN item.requested_table
        ELSE verdict.requested_table
    END,
    row_count = coalesce(verdict.row_count, item.row_count),
    result_hash = coalesce(verdict.result_hash, item.result_hash),
    source_version = NULL,
    claim_token = NULL,
    claimed_generation = NULL,
    claimed_at = NULL,
    worker_id = NULL,
    updated_at = clock.now
FROM verdict, clock
WHERE item.id = verdict.item_id
RETURNING item.id, item.status
"""

# A finish whose answer was lost is sent again, and recorded once. Locked, because whoever deletes the
# item meanwhile must not make this fail.
RECORD = f"""
WITH {_ENDING}
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, claim_token, generation, outcome, started_at, finished_at,
    timings, row_count, byte_count, batch_size, statement_count, query_ids, error_code, error_message
)
SELECT
    item.id, ending.configuration_id, ending.worker_id, ending.claim_token, ending.generation,
    CASE
        WHEN item.id <> ALL (%(finished)s::uuid[]) THEN 'refused'
        WHEN ending.outcome = 'retry' AND item.status = 'failed' THEN 'failed'
        ELSE ending.outcome
    END,
    ending.started_at, coalesce(%(now)s, now()), ending.timings, ending.rows, ending.bytes,
    ending.batch_size, ending.statements, ARRAY(SELECT jsonb_array_elements_text(ending.query_ids)), ending.error_code,
    ending.error_message
FROM ending
JOIN snowflake_sync_queue AS item ON item.id = ending.item_id
WHERE NOT EXISTS (
    SELECT FROM snowflake_sync_attempts AS earlier
    WHERE earlier.item_id = ending.item_id
        AND earlier.claim_token = ending.claim_token
        AND earlier.outcome NOT IN ('refused', 'rescued', 'released')
)
FOR KEY SHARE OF item
"""

# Which version of the execution's row an item has seen: its xmin as it stands now, after our own
# write, if nobody but us has written it since the results were read. (`seen` is the version that was
# read, `before` the row's before our write.) Siblings that had seen the row keep having seen it.
# The sweep looks closer where it is another.
BLESS = """
UPDATE snowflake_sync_queue AS item
SET source_version = execution.xmin::text
FROM jsonb_to_recordset(%(versions)s::jsonb) AS version (execution_id text, before text),
    workflow_executions AS execution
WHERE item.execution_id = version.execution_id
    AND execution.execution_id = version.execution_id
    AND (
        item.source_version = version.before
        OR EXISTS (
            SELECT FROM jsonb_to_recordset(%(seen)s::jsonb) AS seen (item_id uuid, version text)
            WHERE seen.item_id = item.id
                AND (seen.version = version.before OR EXISTS (
                    SELECT FROM snowflake_sync_queue AS sibling
                    WHERE sibling.execution_id = item.execution_id
                        AND sibling.source_version = version.before
                        AND sibling.result_hash = item.result_hash
                ))
        )
    )
"""

ALREADY_FINISHED = """
SELECT item.id, item.status
FROM snowflake_sync_attempts AS attempt
JOIN snowflake_sync_queue AS item ON item.id = attempt.item_id
WHERE attempt.item_id = ANY(%(items)s)
    AND attempt.claim_token = ANY(%(tokens)s)
    AND attempt.outcome NOT IN ('refused', 'rescued', 'released')
"""

REPEAT_LATE_LOADS = """
UPDATE snowflake_sync_queue AS item
SET generation = item.generation + 1,
    status = CASE WHEN item.status = 'processing' THEN item.status ELSE 'pending' END,
    run_after = coalesce(%(now)s, now()),
    updated_at = coalesce(%(now)s, now())
WHERE item.id = ANY(%(items)s)
"""
