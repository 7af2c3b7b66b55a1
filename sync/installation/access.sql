-- name: trusted
-- Roles that are not reported: super-users and the owners of log, schema and database, who have power over our tables
-- anyway, and roles of which the log's owner is a member, since the owner has their rights.
WITH owner AS (
    SELECT r.oid, r.rolsuper FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE c.oid = ':schema.snowflake_sync_install_log'::regclass
),
trusted AS (
    SELECT r.oid FROM pg_roles AS r CROSS JOIN owner
    WHERE r.rolsuper OR r.oid = owner.oid OR NOT owner.rolsuper AND pg_has_role(owner.oid, r.oid, 'USAGE') OR r.oid IN (
        SELECT nspowner FROM pg_namespace WHERE oid = ':schema'::regnamespace
        UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()
    )
)

-- name: creators
-- Roles with CREATE on the schema: a function or operator of theirs could be picked in place of pg_catalog's.
{trusted}
SELECT coalesce(quote_ident(grantee.rolname), 'PUBLIC')
FROM pg_namespace AS n
CROSS JOIN aclexplode(n.nspacl) AS acl
LEFT JOIN pg_roles AS grantee ON grantee.oid = acl.grantee
WHERE n.oid = ':schema'::regnamespace AND acl.privilege_type = 'CREATE' AND acl.grantee NOT IN (SELECT oid FROM trusted)
ORDER BY 1

-- name: planted
-- What other roles own in the schema: functions named like one of pg_catalog, any operator, and triggers on our tables
-- that call a function of theirs.
{trusted}
SELECT p.oid::regprocedure::text, p.proowner::regrole::text, format('DROP ROUTINE %s;', p.oid::regprocedure)
FROM pg_proc AS p
WHERE p.pronamespace = ':schema'::regnamespace AND p.proowner NOT IN (SELECT oid FROM trusted)
    AND EXISTS (
        SELECT FROM pg_proc AS own WHERE own.pronamespace = 'pg_catalog'::regnamespace AND own.proname = p.proname
    )
UNION ALL
SELECT 'operator ' || o.oid::regoperator, o.oprowner::regrole::text,
    format('DROP OPERATOR %s.%s (%s, %s);', o.oprnamespace::regnamespace, o.oprname,
        coalesce(nullif(o.oprleft, 0)::regtype::text, 'NONE'), o.oprright::regtype)
FROM pg_operator AS o
WHERE o.oprnamespace = ':schema'::regnamespace AND o.oprowner NOT IN (SELECT oid FROM trusted)
UNION ALL
SELECT format('trigger %I on %s', t.tgname, t.tgrelid::regclass), p.proowner::regrole::text,
    format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::regclass)
FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid
JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND p.proowner NOT IN (SELECT oid FROM trusted) AND c.relnamespace = ':schema'::regnamespace
    AND (c.relname LIKE 'snowflake\_%' OR c.relname LIKE 'django\_%' OR c.relname LIKE 'auth\_%')
ORDER BY 1

-- name: everywhere
-- Rights by membership: a REVOKE on our tables does not end them.
{trusted}
SELECT quote_ident(r.rolname), concat_ws(', ',
    CASE WHEN pg_has_role(r.oid, owner.oid, 'MEMBER') THEN 'a member of the owner' END,
    CASE WHEN pg_has_role(r.oid, 'pg_read_all_data', 'USAGE') THEN 'pg_read_all_data' END,
    CASE WHEN pg_has_role(r.oid, 'pg_write_all_data', 'USAGE') THEN 'pg_write_all_data' END)
FROM pg_roles AS r CROSS JOIN owner
WHERE NOT r.rolsuper AND r.oid <> owner.oid AND r.rolname NOT LIKE 'pg\_%' AND (
    pg_has_role(r.oid, owner.oid, 'MEMBER')
    OR r.rolbypassrls AND (
        pg_has_role(r.oid, 'pg_read_all_data', 'USAGE') OR pg_has_role(r.oid, 'pg_write_all_data', 'USAGE')
    )
)
ORDER BY 1

-- name: theirs
-- Who else may change the tables that decide where results go and who gets in, where these were there before us.
SELECT c.oid::regclass::text, coalesce(quote_ident(grantee.rolname), 'PUBLIC'),
    string_agg(DISTINCT acl.privilege_type, ', ' ORDER BY acl.privilege_type), c.relrowsecurity
FROM pg_class AS c
CROSS JOIN aclexplode(c.relacl) AS acl
LEFT JOIN pg_roles AS grantee ON grantee.oid = acl.grantee
WHERE c.relnamespace = ':schema'::regnamespace AND acl.grantee <> c.relowner AND grantee.rolsuper IS NOT TRUE
    AND acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') AND c.relname = ANY (%s)
    AND NOT EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log AS log
        WHERE log.action = 'created' AND log.kind = 'table' AND log.relation = c.relname
    )
GROUP BY c.oid, acl.grantee, grantee.rolname, c.relrowsecurity
ORDER BY 1, 2

-- name: hidden
-- Tables of ours of which this role sees no row, since it is not let in (migrate --worker-role).
SELECT quote_ident(current_user), string_agg(c.relname, ', ' ORDER BY c.relname)
FROM pg_class AS c
WHERE c.relnamespace = ':schema'::regnamespace AND c.relkind = 'r'
    AND (c.relname LIKE 'snowflake\_%' OR c.relname LIKE 'django\_%' OR c.relname LIKE 'auth\_%')
    AND row_security_active(c.oid) AND NOT EXISTS (
        SELECT FROM pg_policy AS p, unnest(p.polroles) AS role (oid)
        WHERE p.polrelid = c.oid AND p.polpermissive AND (role.oid = 0 OR pg_has_role(role.oid, 'USAGE'))
    )
HAVING count(*) > 0
