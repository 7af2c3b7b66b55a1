"""What closing.py asks. `:schema` stands for the schema, and nothing of it is in the search path."""

# ruff: noqa: S608 - put together from what stands here

# Relations that are ours: those that the log has as created, those that bear our prefix (except three that may have
# been there before), and their sequences. If others could have written the log, it is believed for our names only.
_OURS = """
kept AS (
    SELECT c.oid, c.relname, c.relkind, c.relacl, c.relowner, c.relrowsecurity, c.reloptions
    FROM pg_class AS c
    WHERE c.relnamespace = ':schema'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND (
        c.relname LIKE 'snowflake\\_sync\\_%'
            AND c.relname NOT IN ('snowflake_sync_queue', 'snowflake_sync_queue_summary', 'snowflake_sync_failures')
        OR EXISTS (
            SELECT FROM :schema.snowflake_sync_install_log AS log
            WHERE log.action = 'created' AND log.kind IN ('table', 'view') AND log.relation = c.relname
                AND (c.relname ~ '^(snowflake|django|auth)_' OR obj_description(log.tableoid, 'pg_class') IS NULL)
        )
    )
),
ours AS (
    -- The application works with these three as its own, also where we made them: its owner grants what it needs.
    SELECT *, relname IN ('users', 'workflows', 'workflow_executions') AS shared FROM kept
    UNION ALL
    SELECT c.oid, c.relname, c.relkind, c.relacl, c.relowner, c.relrowsecurity, c.reloptions, false
    FROM pg_class AS c
    WHERE c.relnamespace = ':schema'::regnamespace AND c.relkind = 'S' AND (
        c.relname = 'snowflake_sync_claim_token_seq'
        OR EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM kept)
        )
    )
),
-- Who is let in: named by a policy. (0 is PUBLIC.)
named AS (
    SELECT DISTINCT p.polrelid AS relation, role.oid AS role
    FROM pg_policy AS p, unnest(p.polroles) AS role (oid)
    WHERE p.polpermissive AND role.oid <> 0 AND p.polrelid IN (SELECT oid FROM kept)
)
"""

OPEN = f"""
WITH {_OURS},
granted AS (
    SELECT ours.oid::regclass::text AS name, CASE ours.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
        acl.grantee, acl.privilege_type AS privilege
    FROM ours, aclexplode(ours.relacl) AS acl
    WHERE acl.grantee <> ours.relowner
        AND NOT EXISTS (
            SELECT FROM named
            WHERE named.role = acl.grantee AND (named.relation = ours.oid OR ours.relkind IN ('S', 'v', 'm'))
        )
        AND (NOT ours.shared OR acl.grantee = 0 OR EXISTS (
            -- Nobody granted it: every new table has it.
            SELECT FROM pg_default_acl AS d, aclexplode(d.defaclacl) AS granted
            WHERE d.defaclrole = ours.relowner AND d.defaclobjtype = 'r' AND granted.grantee = acl.grantee
                AND d.defaclnamespace IN (0, ':schema'::regnamespace)
                -- Once this is installed, the owner may have granted it, too.
                AND to_regclass(':schema.snowflake_sync_removed_items') IS NULL
        ))
    UNION ALL
    SELECT ours.oid::regclass::text, 'TABLE', acl.grantee, format('%s (%I)', acl.privilege_type, a.attname)
    FROM ours JOIN pg_attribute AS a ON a.attrelid = ours.oid, aclexplode(a.attacl) AS acl
    WHERE NOT ours.shared AND acl.grantee <> ours.relowner AND NOT EXISTS (
        SELECT FROM named WHERE named.role = acl.grantee AND (named.relation = ours.oid OR ours.relkind IN ('v', 'm'))
    )
    UNION ALL
    SELECT p.oid::regprocedure::text, 'FUNCTION', acl.grantee, acl.privilege_type
    FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
    WHERE p.pronamespace = ':schema'::regnamespace AND acl.grantee <> p.proowner AND (
        p.proname LIKE 'snowflake\\_sync\\_%'
        OR p.proname = 'queue_execution_for_universal_snowflake_sync' AND EXISTS (
            SELECT FROM :schema.snowflake_sync_install_log AS log
            WHERE log.action = 'created' AND log.kind = 'function'
        )
    )
)
SELECT granted.name,
    format('%s: %s', coalesce(grantee.rolname, 'PUBLIC'),
        string_agg(granted.privilege, ', ' ORDER BY granted.privilege)),
    format('REVOKE ALL ON %s %s FROM %s CASCADE;', granted.kind, granted.name,
        coalesce(quote_ident(grantee.rolname), 'PUBLIC'))
FROM granted
LEFT JOIN pg_roles AS grantee ON grantee.oid = granted.grantee
WHERE grantee.rolsuper IS NOT TRUE AND grantee.rolname IS DISTINCT FROM current_user
GROUP BY granted.name, granted.kind, granted.grantee, grantee.rolname
UNION ALL
SELECT oid::regclass::text, 'row-level security is off',
    format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', oid::regclass)
FROM ours WHERE relkind IN ('r', 'p') AND NOT relrowsecurity AND NOT shared
UNION ALL
SELECT oid::regclass::text, 'shows its readers what its owner may see, not what they may',
    format('ALTER VIEW %s SET (security_invoker = true);', oid::regclass)
FROM ours
WHERE relkind = 'v' AND NOT EXISTS (
    SELECT FROM pg_options_to_table(reloptions) AS option
    WHERE option.option_name = 'security_invoker' AND option.option_value IN ('true', 'on', '1', 'yes')
)
ORDER BY 1, 3
"""

# What whoever is let in (a policy of the install log names them) still lacks. Only migrate writes to these two.
LET_IN = f"""
WITH {_OURS},
role AS (
    SELECT role.oid, role.rolname FROM named JOIN pg_roles AS role ON role.oid = named.role
    WHERE named.relation = ':schema.snowflake_sync_install_log'::regclass
)
SELECT format('GRANT %s ON %s %s TO %I;', wanted.privileges,
    CASE ours.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, ours.oid::regclass, role.rolname)
FROM ours
CROSS JOIN role
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN ours.relkind = 'S' THEN 'USAGE'
        WHEN ours.relkind IN ('v', 'm') THEN 'SELECT'
        WHEN ours.relname IN ('snowflake_sync_install_log', 'django_migrations') THEN 'SELECT'
        ELSE 'SELECT, INSERT, UPDATE, DELETE'
    END AS privileges
) AS wanted
WHERE NOT ours.shared AND EXISTS (
    SELECT FROM unnest(string_to_array(wanted.privileges, ', ')) AS privilege
    WHERE NOT CASE ours.relkind
        WHEN 'S' THEN has_sequence_privilege(role.oid, ours.oid, privilege)
        ELSE has_table_privilege(role.oid, ours.oid, privilege)
    END
)
UNION ALL
SELECT format('CREATE POLICY %I ON %s TO %1$I USING (true);', role.rolname, ours.oid::regclass)
FROM ours
CROSS JOIN role
WHERE ours.relkind IN ('r', 'p') AND NOT ours.shared AND (ours.oid, role.oid) NOT IN (SELECT relation, role FROM named)
"""

NAMED = """
SELECT format('CREATE POLICY %%I ON :schema.snowflake_sync_install_log FOR SELECT TO %%1$I USING (true);', wanted.role)
FROM (VALUES (%s)) AS wanted (role)
WHERE NOT EXISTS (
    SELECT FROM pg_policy AS p JOIN pg_roles AS r ON r.oid = ANY (p.polroles)
    WHERE p.polrelid = ':schema.snowflake_sync_install_log'::regclass AND r.rolname = wanted.role
)
"""

WRITABLE_LOG = """
SELECT 1 FROM pg_class AS c
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid
CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL SELECT * FROM aclexplode(a.attacl)) AS acl
WHERE c.oid = ':schema.snowflake_sync_install_log'::regclass AND acl.grantee <> c.relowner
    AND acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
LIMIT 1
"""

# Owners that have rights on ours anyway: us, super-users, the owners of log, schema and database, and those whose
# rights we have.
PLANTED = """
WITH trusted AS (
    SELECT r.oid FROM pg_roles AS r
    WHERE r.rolsuper OR r.rolname = current_user
        OR r.oid IN (
            SELECT relowner FROM pg_class WHERE oid = to_regclass(':schema.snowflake_sync_install_log')
            UNION ALL SELECT nspowner FROM pg_namespace WHERE oid = ':schema'::regnamespace
            UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()
        )
        OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND pg_has_role(r.oid, 'USAGE')
)
SELECT c.oid::regclass::text, c.relowner::regrole::text
FROM pg_class AS c
WHERE c.relnamespace = ':schema'::regnamespace AND (c.relname LIKE 'snowflake\\_sync\\_%%' OR c.relname = ANY (%s))
    -- Those may have been there before; the requirements look at them.
    AND c.relname NOT IN ('snowflake_sync_queue', 'snowflake_sync_queue_summary', 'snowflake_sync_failures')
    AND c.relowner NOT IN (SELECT oid FROM trusted)
UNION ALL
SELECT p.oid::regprocedure::text, p.proowner::regrole::text
FROM pg_proc AS p
WHERE p.pronamespace = ':schema'::regnamespace AND p.proowner NOT IN (SELECT oid FROM trusted)
    AND p.proname LIKE 'snowflake\\_sync\\_%%'
ORDER BY 1
"""
