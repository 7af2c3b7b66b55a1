-- name: may_come
SELECT NOT EXISTS (
    SELECT FROM snowflake_sync_attempts AS attempt
    WHERE attempt.item_id = %(item)s
        AND attempt.generation = %(generation)s
        AND attempt.finished_at <= now() - make_interval(secs => %(patience)s)
)

-- name: are_spent
SELECT count(*) >= %(most)s
FROM snowflake_sync_attempts
WHERE item_id = %(item)s AND generation = %(generation)s AND error_code = %(code)s
