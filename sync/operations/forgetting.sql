-- name: address
-- As User.objects.with_email has it, only A to Z have a case.
upper(%(email)s COLLATE "C")

-- name: names
-- Where somebody's e-mail address stands as a name, whole: the entries of activity, and how many others.
WITH activity AS (
    UPDATE snowflake_sync_activity
    SET user_name = CASE WHEN upper(user_name COLLATE "C") = {address} THEN %(instead)s ELSE user_name END,
        subject_name = CASE WHEN upper(subject_name COLLATE "C") = {address} THEN %(instead)s ELSE subject_name END
    WHERE upper(user_name COLLATE "C") = {address} OR upper(subject_name COLLATE "C") = {address}
    RETURNING id
),
mutes AS (
    UPDATE snowflake_sync_mutes SET muted_by_name = %(instead)s
    WHERE upper(muted_by_name COLLATE "C") = {address}
    RETURNING 1
),
rules AS (
    UPDATE snowflake_sync_rules SET author = %(instead)s WHERE upper(author COLLATE "C") = {address} RETURNING 1
),
versions AS (
    UPDATE snowflake_sync_rule_versions SET author = %(instead)s WHERE upper(author COLLATE "C") = {address} RETURNING 1
),
admin AS (
    UPDATE django_admin_log SET object_repr = %(instead)s WHERE upper(object_repr COLLATE "C") = {address} RETURNING 1
)
SELECT ARRAY(SELECT id FROM activity), (SELECT count(*) FROM mutes) + (SELECT count(*) FROM rules)
    + (SELECT count(*) FROM versions) + (SELECT count(*) FROM admin)
