-- name: begin
-- Who comes second, or too early, looks at nothing; a clock that was put back makes nobody wait.
WITH mine AS MATERIALIZED (
    SELECT id
    FROM snowflake_sync_alert_looks
    WHERE looked_at <= coalesce(%(now)s, clock_timestamp()) - make_interval(secs => %(older)s)
        OR looked_at > coalesce(%(now)s, clock_timestamp())
    FOR UPDATE SKIP LOCKED
)
UPDATE snowflake_sync_alert_looks AS look
SET number = look.number + 1,
    looked_at = coalesce(%(now)s, clock_timestamp()),
    ended_at = least(look.ended_at, coalesce(%(now)s, clock_timestamp()))
FROM mine
WHERE look.id = mine.id
RETURNING look.number, look.looked_at

-- name: is_news
-- One that began later may be under way; if it has come to its end, what this one has seen is old.
SELECT number FROM snowflake_sync_alert_looks WHERE ended_at <= %(at)s FOR UPDATE

-- name: end
UPDATE snowflake_sync_alert_looks
SET ended_at = %(at)s, seconds = %(seconds)s, unseen = %(unseen)s
