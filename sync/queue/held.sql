-- name: release
-- An item's last attempt knows which rules have held it.
WITH {clock},
free AS MATERIALIZED (
    SELECT held.id
    FROM ONLY snowflake_sync_queue AS held
    WHERE held.status = 'failed' AND held.error_code = 'new_column_held'
        AND (%(configuration_id)s::uuid IS NULL OR held.configuration_id = %(configuration_id)s::uuid)
        AND (
            SELECT attempt.rules_version FROM snowflake_sync_attempts AS attempt
            WHERE attempt.item_id = held.id ORDER BY attempt.id DESC LIMIT 1
        ) < (
            SELECT version.version FROM snowflake_sync_rule_versions AS version
            WHERE version.configuration_id = held.configuration_id ORDER BY version.version DESC LIMIT 1
        )
    LIMIT %(limit)s
    FOR UPDATE OF held SKIP LOCKED
)
UPDATE ONLY snowflake_sync_queue AS item
SET run_after = clock.now,
        {pending_again}
FROM free, clock
WHERE item.id = free.id
RETURNING item.execution_id
