-- name: release
-- The last attempt that failed knows which rules have held an item; one that came late, and was refused, may know none.
-- Where nobody decides for long there are many such items: a day after the rules have changed, whatever began under
-- earlier ones has ended, and no item is looked at any more.
WITH {clock},
latest AS MATERIALIZED (
    SELECT DISTINCT ON (configuration_id) configuration_id, version, made_at
    FROM snowflake_sync_rule_versions
    WHERE %(configuration_id)s::uuid IS NULL OR configuration_id = %(configuration_id)s::uuid
    ORDER BY configuration_id, version DESC
),
free AS MATERIALIZED (
    SELECT held.id
    FROM latest
    JOIN ONLY snowflake_sync_queue AS held ON held.configuration_id = latest.configuration_id
    WHERE held.status = 'failed' AND held.error_code = 'new_column_held'
        AND held.updated_at < latest.made_at + interval '1 day'
        AND coalesce((
            SELECT attempt.rules_version FROM snowflake_sync_attempts AS attempt
            WHERE attempt.item_id = held.id AND attempt.outcome = 'failed' ORDER BY attempt.id DESC LIMIT 1
        ), 0) < latest.version
    LIMIT %(limit)s
    FOR UPDATE OF held SKIP LOCKED
)
UPDATE ONLY snowflake_sync_queue AS item
SET run_after = clock.now,
        {pending_again}
FROM free, clock
WHERE item.id = free.id
RETURNING item.execution_id
