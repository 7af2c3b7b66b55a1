-- name: adopt
-- What stands in Snowflake is right: a completed item says so, if nothing has become of it since somebody looked.
WITH changed AS (
    UPDATE ONLY snowflake_sync_queue AS item
    SET row_count = coalesce(%(rows)s, item.row_count),
        table_name = coalesce(%(table_name)s, item.table_name),
        updated_at = clock_timestamp()
    WHERE item.execution_id = %(execution)s AND item.configuration_id = %(configuration)s AND item.status = 'completed'
        AND item.open_load IS NULL AND item.updated_at < %(as_of)s
    RETURNING item.execution_id, item.configuration_id, item.row_count, item.table_name
),
known AS (
    UPDATE snowflake_sync_results AS result
    SET row_count = changed.row_count, table_name = changed.table_name
    FROM changed
    WHERE (result.configuration_id, result.execution_id) = (changed.configuration_id, changed.execution_id)
)
SELECT execution_id FROM changed
