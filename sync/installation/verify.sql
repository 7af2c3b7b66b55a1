-- name: trigger
-- How a trigger is enabled, its function, and its event: bits 2 to 5 of tgtype are INSERT, DELETE, UPDATE and TRUNCATE.
SELECT t.tgenabled, t.tgfoid::regprocedure::text,
    CASE t.tgtype & 60
        WHEN 4 THEN 'INSERT' WHEN 8 THEN 'DELETE' WHEN 16 THEN 'UPDATE' WHEN 32 THEN 'TRUNCATE' ELSE 'other events'
    END
FROM pg_trigger AS t
WHERE t.tgrelid = %s::regclass AND t.tgname = %s

-- name: function
-- Whether the function is SECURITY DEFINER, its settings, whether it is ours, its owner, the rights that the owner
-- lacks, and the tables of which the owner may not see all rows.
SELECT
    p.prosecdef,
    ARRAY(SELECT split_part(setting, '=', 1) FROM unnest(p.proconfig) AS setting),
    p.prosrc LIKE '%%snowflake_sync_inbox%%',
    owner.rolname,
    ARRAY(
        SELECT wanted.privilege || ' on ' || wanted.relation
        FROM (VALUES
            ('SELECT', 'workflows'), ('INSERT', 'snowflake_sync_inbox')
        ) AS wanted (privilege, relation)
        WHERE NOT has_table_privilege(owner.oid, wanted.relation, wanted.privilege)
    ),
    ARRAY(
        SELECT c.relname::text FROM pg_class AS c
        WHERE c.oid IN ('workflows'::regclass, 'snowflake_sync_inbox'::regclass)
            AND c.relrowsecurity AND NOT owner.rolsuper AND NOT owner.rolbypassrls
            AND (c.relforcerowsecurity OR NOT pg_has_role(owner.oid, c.relowner, 'USAGE'))
        ORDER BY c.relname
    )
FROM pg_proc AS p
JOIN pg_roles AS owner ON owner.oid = p.proowner
WHERE p.oid = to_regprocedure(%s)

-- name: inbox
-- Whether it is there, and whether those who read the queue see what waits in it.
SELECT inbox IS NOT NULL, EXISTS (
    SELECT FROM pg_inherits AS child
    WHERE child.inhrelid = inbox AND child.inhparent = 'snowflake_sync_queue'::regclass
)
FROM to_regclass('snowflake_sync_inbox') AS inbox

-- name: indexes
-- Indexes of ours that are missing, and indexes that are invalid, on any table that we use: their uniqueness does not
-- hold.
SELECT wanted.name, false
FROM unnest(%s) AS wanted (name)
WHERE to_regclass(wanted.name) IS NULL
UNION ALL
SELECT i.indexrelid::regclass::text, true
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indrelid
WHERE (c.relname LIKE 'snowflake\_%%' OR c.relname IN ('workflow_executions', 'workflows', 'users'))
    AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'snowflake_sync_queue'::regclass)
    AND NOT (i.indisvalid AND i.indisready)

-- name: unique_keys
-- A UNIQUE over execution_id that does not tell destinations apart.
SELECT i.indexrelid::regclass::text, CASE
    WHEN c.oid IS NULL THEN format('DROP INDEX CONCURRENTLY %s;', i.indexrelid::regclass)
    ELSE format('ALTER TABLE snowflake_sync_queue DROP CONSTRAINT %I;', c.conname)
END
FROM pg_index AS i
LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'p')
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text) AS names FROM pg_attribute AS a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
) AS key
WHERE i.indrelid = 'snowflake_sync_queue'::regclass AND i.indisunique
    AND i.indexrelid::regclass::text <> 'snowflake_sync_queue_unrouted_key'
    AND 'execution_id' = ANY (key.names) AND NOT key.names && '{id, configuration_id}'

-- name: status_checks
SELECT c.conname, format('ALTER TABLE snowflake_sync_queue DROP CONSTRAINT %I;', c.conname),
    pg_get_expr(c.conbin, c.conrelid), format_type(a.atttypid, a.atttypmod)
FROM pg_constraint AS c
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
WHERE c.conrelid = 'snowflake_sync_queue'::regclass AND c.contype = 'c' AND a.attname = 'status'

-- name: compulsory
-- Columns that every INSERT of an item has to name, other than those that ours name: execution_id always, user_id if
-- there is one. The inbox inherits defaults, and no identity.
SELECT DISTINCT ON (a.attname) c.relname, a.attname,
    format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT ...;', c.relname, a.attname)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attrelid IN ('snowflake_sync_queue'::regclass, to_regclass('snowflake_sync_inbox'))
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
    AND a.attname NOT IN ('execution_id', 'user_id')
ORDER BY a.attname, c.relname DESC

-- name: owner_compulsory
SELECT 1 FROM pg_attribute WHERE attrelid = 'snowflake_sync_queue'::regclass AND attname = 'user_id' AND attnotnull

-- name: sight
-- Tables whose row-level security applies to this role, and whether a policy lets it read and write all the same.
WITH watched (relation, command) AS (VALUES
    ('workflow_executions', 'r'), ('workflow_executions', 'w'), ('workflows', 'r'), ('users', 'r'),
    ('snowflake_configurations', 'r'), ('snowflake_configurations', 'w'), ('snowflake_sync_queue', '*'),
    ('snowflake_sync_inbox', '*'), ('snowflake_sync_turns', '*'), ('snowflake_sync_destination_states', '*'),
    ('snowflake_sync_rules', '*'), ('snowflake_sync_rule_versions', '*'), ('snowflake_sync_hash_keys', '*'),
    ('snowflake_sync_known_columns', '*'), ('snowflake_sync_tables', '*'), ('snowflake_sync_attempts', '*'),
    ('snowflake_sync_removed_items', '*'), ('snowflake_sync_mutes', '*'), ('snowflake_sync_activity', '*'),
    ('snowflake_sync_results', '*'), ('snowflake_sync_retention', '*'),
    ('snowflake_sync_catalogues', '*'), ('snowflake_sync_catalogue_changes', '*'),
    ('snowflake_sync_catalogue_workflows', '*'), ('snowflake_sync_reconciliations', '*'),
    ('snowflake_sync_findings', '*')
),
policy AS (
    SELECT watched.relation, watched.command, p.polpermissive,
        coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true' AS everything
    FROM watched
    JOIN pg_policy AS p ON p.polrelid = watched.relation::regclass
        AND (p.polcmd = '*' OR p.polcmd::text = watched.command)
        AND EXISTS (SELECT FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE'))
)
SELECT watched.relation, current_user, bool_and(
    EXISTS (
        SELECT FROM policy
        WHERE (policy.relation, policy.command) = (watched.relation, watched.command)
            AND policy.polpermissive AND policy.everything
    ) AND NOT EXISTS (
        SELECT FROM policy
        WHERE (policy.relation, policy.command) = (watched.relation, watched.command)
            AND NOT policy.polpermissive AND NOT policy.everything
    )
)
FROM watched
WHERE row_security_active(watched.relation)
GROUP BY watched.relation
ORDER BY watched.relation

-- name: rights
-- The rights that this role needs on whole tables, or on these columns of one.
WITH wanted (relation, privileges, columns) AS (VALUES
    ('workflow_executions', 'SELECT', '{}'::text[]),
    ('workflow_executions', 'UPDATE', '{snowflake_status, snowflake_error_message, snowflake_table_name,
        snowflake_schema_name, snowflake_uploaded_at, snowflake_row_count}'),
    ('workflows', 'SELECT', '{id, workflow_id, name, user_id}'),
    ('users', 'SELECT', '{id, email, is_active}'),
    ('snowflake_configurations', 'SELECT', '{}'),
    -- Routing locks its rows, which takes UPDATE on a column.
    ('snowflake_configurations', 'UPDATE', '{"updated_at"}'),
    ('snowflake_sync_destination_states', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_queue', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_inbox', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_install_log', 'SELECT', '{}'),
    ('django_migrations', 'SELECT', '{}'),
    ('snowflake_sync_workers', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_tables', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_views', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_attempts', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_results', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_retention', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_retention_walks', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_withdrawals', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_removed_items', 'SELECT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_catalogues', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_catalogue_changes', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_catalogue_workflows', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_sweep', 'SELECT, UPDATE', '{}'),
    ('snowflake_sync_turns', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_rules', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_rule_versions', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_hash_keys', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_known_columns', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_activity', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_alert_channels', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_alerts', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_alert_deliveries', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_alert_looks', 'SELECT, UPDATE', '{}'),
    ('snowflake_sync_freshness', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_reconciliations', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_findings', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_mutes', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_error_groups', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_failed_workflows', 'SELECT, INSERT, DELETE', '{}'),
    ('snowflake_sync_logins', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_preferences', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_api_tokens', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_api_usage', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_rollup', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_rollup_made', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_history', 'SELECT, INSERT, UPDATE, DELETE', '{}'),
    ('snowflake_sync_latencies', 'SELECT, INSERT, UPDATE', '{}'),
    ('snowflake_sync_history_state', 'SELECT, UPDATE', '{}')
)
SELECT privilege, relation, current_user
FROM wanted
CROSS JOIN unnest(string_to_array(privileges, ', ')) AS privilege
WHERE NOT has_table_privilege(relation, privilege) AND NOT (
    SELECT coalesce(bool_and(has_column_privilege(relation, name, privilege)), false) FROM unnest(columns) AS name
)
UNION ALL
SELECT 'USAGE', 'SEQUENCE snowflake_sync_claim_token_seq', current_user
WHERE NOT has_sequence_privilege('snowflake_sync_claim_token_seq', 'USAGE')
