-- name: hidden
-- The tables that a load goes by, of which row-level security may hide rows from this role; NULL: none. A rule that is not
-- seen would not be followed, and rows of an attempt that is not seen would stay beside those that replace them.
SELECT string_agg(needed.relation, ', ')
FROM unnest(ARRAY[
    'snowflake_sync_rule_versions', 'snowflake_sync_known_columns', 'snowflake_sync_tables', 'snowflake_sync_attempts',
    'snowflake_sync_removed_items'
]) AS needed (relation)
CROSS JOIN LATERAL (
    SELECT bool_or(p.polpermissive AND of.everything) IS TRUE AND bool_and(p.polpermissive OR of.everything) AS are_seen
    FROM pg_policy AS p
    CROSS JOIN LATERAL (SELECT pg_get_expr(p.polqual, p.polrelid) = 'true' AS everything) AS of
    WHERE p.polrelid = needed.relation::regclass AND p.polcmd IN ('*', 'r')
        AND EXISTS (SELECT FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))
) AS rows
WHERE CASE WHEN row_security_active(needed.relation) THEN NOT rows.are_seen ELSE false END
