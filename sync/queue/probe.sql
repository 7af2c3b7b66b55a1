-- name: probe
WITH {clock},
{claimable}
SELECT
    EXISTS (
        SELECT FROM snowflake_sync_inbox AS item
        WHERE item.run_after BETWEEN coalesce(%(scan_start)s, '-infinity'::timestamptz) AND (SELECT now FROM clock)
    )
    OR EXISTS (
        SELECT FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id IS NULL
            AND item.status = 'pending'
            AND item.run_after BETWEEN coalesce(%(scan_start)s, '-infinity'::timestamptz) AND (SELECT now FROM clock)
    ),
    EXISTS (
        SELECT FROM destination
        WHERE EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id
                AND item.status = 'pending'
                AND item.batch_key IS NULL
                AND item.run_after BETWEEN destination.scan_start AND destination.due_until
        )
        OR EXISTS (
            SELECT FROM ONLY snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id
                AND item.status = 'pending'
                AND item.batch_key IS NOT NULL
                AND item.run_after <= destination.due_until
        )
    )
