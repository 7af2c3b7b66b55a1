-- name: forget
-- Where somebody's e-mail address stands beside the table of users: as a name, whole; and in what was noted, within.
WITH activity AS (
    UPDATE snowflake_sync_activity AS entry
    SET user_name = CASE WHEN lower(user_name) = lower(%(email)s) THEN %(instead)s ELSE user_name END,
        subject_name = CASE WHEN lower(subject_name) = lower(%(email)s) THEN %(instead)s ELSE subject_name END,
        note = replace(note, %(email)s, %(instead)s),
        -- As it stands in JSON, without the quotes around it.
        changes = replace(changes::text, within.text, %(instead)s)::jsonb
    FROM (SELECT substr(quoted, 2, length(quoted) - 2) AS text FROM CAST(to_json(%(email)s::text) AS text) AS quoted) AS within
    WHERE lower(user_name) = lower(%(email)s) OR lower(subject_name) = lower(%(email)s)
        OR strpos(note, %(email)s) > 0 OR strpos(changes::text, within.text) > 0
    RETURNING 1
),
mutes AS (
    UPDATE snowflake_sync_mutes SET muted_by_name = %(instead)s WHERE lower(muted_by_name) = lower(%(email)s) RETURNING 1
),
rules AS (
    UPDATE snowflake_sync_rules SET author = %(instead)s WHERE lower(author) = lower(%(email)s) RETURNING 1
),
versions AS (
    UPDATE snowflake_sync_rule_versions SET author = %(instead)s WHERE lower(author) = lower(%(email)s) RETURNING 1
),
admin AS (
    UPDATE django_admin_log SET object_repr = %(instead)s WHERE lower(object_repr) = lower(%(email)s) RETURNING 1
)
SELECT (SELECT count(*) FROM activity) + (SELECT count(*) FROM mutes) + (SELECT count(*) FROM rules)
    + (SELECT count(*) FROM versions) + (SELECT count(*) FROM admin)
