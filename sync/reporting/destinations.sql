-- name: pauses_ended
-- By snowflake_sync_activity_subject_idx: of each destination its latest pause, and from there on when something ended it
-- for the last time, by what says so for certain first.
SELECT destination.id, ended.at
FROM unnest(%(destinations)s::uuid[]) AS destination (id)
CROSS JOIN LATERAL (
    SELECT at FROM snowflake_sync_activity
    WHERE subject_kind = %(kind)s AND subject_id = destination.id::text AND action = %(pause)s
    ORDER BY at DESC, id DESC
    LIMIT 1
) AS pause
CROSS JOIN LATERAL (
    SELECT max(at) AS at FROM snowflake_sync_activity
    WHERE subject_kind = %(kind)s AND subject_id = destination.id::text AND action = ANY (%(ends)s::text[])
        AND at >= pause.at
    GROUP BY action
    ORDER BY array_position(%(ends)s::text[], action)
    LIMIT 1
) AS ended
