-- name: probe
WITH {clock},
line AS MATERIALIZED (
    SELECT (SELECT turn FROM snowflake_sync_turns WHERE turn >= %(turn_start)s ORDER BY turn LIMIT 1) AS turn,
        (
            SELECT due_at FROM snowflake_sync_turns
            WHERE turn IS NULL
                AND due_at BETWEEN coalesce(%(wake_start)s, '-infinity'::timestamptz) AND clock.now
            ORDER BY due_at LIMIT 1
        ) AS due_at
    FROM clock
)
SELECT
    EXISTS (
        SELECT FROM snowflake_sync_inbox AS item
        WHERE item.run_after BETWEEN coalesce(%(scan_start)s, '-infinity'::timestamptz) AND clock.now
    )
    OR EXISTS (
        SELECT FROM ONLY snowflake_sync_queue AS item
        WHERE item.configuration_id IS NULL
            AND item.status = 'pending'
            AND item.run_after BETWEEN coalesce(%(again_start)s, '-infinity'::timestamptz) AND clock.now
    ),
    line.turn IS NOT NULL OR line.due_at IS NOT NULL,
    coalesce(line.turn, {round}),
    coalesce(line.due_at, clock.now)
FROM line, clock
