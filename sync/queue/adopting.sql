-- name: adopt
-- What stands in Snowflake is right: a completed item says so, if nothing has become of it since somebody looked.
UPDATE ONLY snowflake_sync_queue AS item
SET row_count = coalesce(%(rows)s, item.row_count),
    table_name = coalesce(%(table_name)s, item.table_name),
    updated_at = clock_timestamp()
WHERE item.execution_id = %(execution)s AND item.configuration_id = %(configuration)s AND item.status = 'completed'
    AND item.open_load IS NULL AND item.updated_at < %(as_of)s
