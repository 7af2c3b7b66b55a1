-- name: begin
-- Who comes second, or too early, looks at nothing. The number is the right to write what the look finds.
WITH mine AS MATERIALIZED (
    SELECT id
    FROM snowflake_sync_alert_looks
    WHERE looked_at <= coalesce(%(now)s, clock_timestamp()) - make_interval(secs => %(older)s)
    FOR UPDATE SKIP LOCKED
)
UPDATE snowflake_sync_alert_looks AS look
SET number = look.number + 1, looked_at = coalesce(%(now)s, clock_timestamp())
FROM mine
WHERE look.id = mine.id
RETURNING look.number, look.looked_at

-- name: still_mine
SELECT number FROM snowflake_sync_alert_looks WHERE number = %(number)s FOR UPDATE

-- name: end
UPDATE snowflake_sync_alert_looks
SET ended_at = %(at)s, seconds = %(seconds)s, unseen = %(unseen)s
WHERE number = %(number)s
