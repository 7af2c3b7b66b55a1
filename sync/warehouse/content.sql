-- name: rows
-- What the catalogue says of executions at this moment. Of one that is deleted: since when, and where its result still is;
-- of one whose item alone is gone nothing is known, and of one that was erased nothing is said.
SELECT
    asked.execution_id,
    execution.execution_id IS NULL AS is_gone,
    {deleted_at},
    workflow.id::text,
    coalesce({known_as}, ''),
    {name},
    CASE
        WHEN item.status = 'processing' THEN 'pending'
        WHEN item.status = 'skipped' AND item.table_name IS NULL AND (
            SELECT outcome FROM snowflake_sync_attempts WHERE item_id = item.id ORDER BY id DESC LIMIT 1
        ) = 'removed' THEN 'removed'
        ELSE item.status::text
    END,
    coalesce(item.schema_name, result.schema_name),
    coalesce(item.table_name, result.table_name),
    registered.columns,
    registered.names,
    item.row_count,
    coalesce(item.source_row_count, item.row_count),
    CASE WHEN item.table_name IS NOT NULL
        THEN item.status = 'completed' AND item.row_count >= coalesce(item.source_row_count, item.row_count) END,
    -- What a rule keeps out stays in PostgreSQL, its parameters, too.
    CASE WHEN item.error_code IS DISTINCT FROM 'excluded_by_rule'
        AND pg_column_size(execution.execution_parameters) <= %(longest)s
        THEN execution.execution_parameters::text END,
    {computed_at},
    CASE WHEN item.table_name IS NOT NULL THEN {loaded_at} END,
    item.error_code,
    item.error_message,
    item.rules_version,
    {as_of}
FROM unnest(%(executions)s::text[]) AS asked (execution_id)
LEFT JOIN workflow_executions AS execution ON execution.execution_id = asked.execution_id
LEFT JOIN workflows AS workflow ON workflow.id = execution.workflow_id
LEFT JOIN ONLY snowflake_sync_queue AS item
    ON item.execution_id = asked.execution_id AND item.configuration_id = %(configuration)s
LEFT JOIN snowflake_sync_tables AS registered
    ON registered.configuration_id = %(configuration)s AND registered.database_name = %(database)s
    AND registered.schema_name = item.schema_name AND registered.table_name = item.table_name
LEFT JOIN snowflake_sync_results AS result
    ON execution.execution_id IS NULL
    AND result.configuration_id = %(configuration)s AND result.execution_id = asked.execution_id
CROSS JOIN LATERAL (
    SELECT coalesce(
        (
            SELECT removed.removed_at FROM snowflake_sync_removed_items AS removed
            WHERE removed.configuration_id = %(configuration)s AND removed.execution_id = asked.execution_id
        ),
        (
            SELECT own.deleted_at FROM snowflake_sync_tables AS own
            WHERE own.execution_id = asked.execution_id AND own.configuration_id = %(configuration)s
            ORDER BY own.deleted_at LIMIT 1
        ),
        now()
    ) AS deleted_at
    WHERE execution.execution_id IS NULL
    UNION ALL
    SELECT NULL WHERE execution.execution_id IS NOT NULL
) AS gone
WHERE execution.execution_id IS NULL OR (item.id IS NOT NULL AND item.error_code IS DISTINCT FROM 'erased')
