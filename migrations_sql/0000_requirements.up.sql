-- What the application's tables have to be like. Looked at before anything is made, and all that is in the way is named
-- at once: this project changes nothing of the application's, so the application's people have to.
DO $$
DECLARE
    queue    regclass := to_regclass(':schema.snowflake_sync_queue');
    place    name := (SELECT nspname FROM pg_namespace WHERE oid = ':schema'::regnamespace);
    places   name[];
    problems text[] := '{}';
    repeated bigint := 0;
BEGIN
    -- Where this role looks for a table.
    PERFORM set_config('search_path', current_setting('snowflake_sync.search_path'), true);
    places := current_schemas(false);
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);

    IF current_setting('server_version_num')::integer < 150000 THEN
        problems := problems || format('This is PostgreSQL %s. Use 15 or newer.', current_setting('server_version'));
    END IF;
    IF NOT has_schema_privilege(place, 'CREATE') THEN
        problems := problems || format(
            'Role %I may not create tables in schema %I. Allow it: GRANT CREATE ON SCHEMA %2$I TO %1$I;',
            current_user, place);
    END IF;

    problems := problems || ARRAY(
        SELECT CASE
            WHEN position(c.relkind IN wanted.kinds) = 0 THEN format(
                '%I is a %s. Give it another name.', c.relname, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'relation' END)
            WHEN n.nspname <> place THEN format(
                'Table %I is in schema %I, but new ones would go to %I. Put its schema first: '
                'ALTER ROLE %I SET search_path = %2$I;', c.relname, n.nspname, place, current_user)
            ELSE format('%I belongs to role %I. Run migrate as that role, or: GRANT %2$I TO %I;',
                c.relname, pg_get_userbyid(c.relowner), current_user)
        END
        FROM (VALUES
            ('users', 'rp'), ('workflows', 'rp'), ('workflow_executions', 'rp'), ('snowflake_configurations', 'rp'),
            ('snowflake_sync_queue', 'rp'), ('snowflake_sync_queue_summary', 'vm'), ('snowflake_sync_failures', 'vm')
        ) AS wanted (relation, kinds)
        JOIN pg_class AS c ON c.relname = wanted.relation AND c.relkind NOT IN ('i', 'I')
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = places[(
            -- The first that has one.
            SELECT min(array_position(places, within.nspname))
            FROM pg_class AS other JOIN pg_namespace AS within ON within.oid = other.relnamespace
            WHERE other.relname = wanted.relation
        )]
        WHERE position(c.relkind IN wanted.kinds) = 0 OR n.nspname <> place
            OR (wanted.kinds = 'rp' AND NOT pg_has_role(c.relowner, 'USAGE'))
    );
    problems := problems || ARRAY(
        SELECT format('Function %s belongs to role %I. Run migrate as that role, or: GRANT %2$I TO %I;',
            p.oid::regprocedure, pg_get_userbyid(p.proowner), current_user)
        FROM pg_proc AS p
        WHERE p.oid = to_regprocedure(':schema.queue_execution_for_universal_snowflake_sync()')
            AND NOT pg_has_role(p.proowner, 'USAGE')
    );

    -- What bears a name that ours are going to have: we would take it for ours, and its owner could change it.
    problems := problems || ARRAY(
        SELECT format('%s is there already. Give it another name.', c.oid::regclass)
        FROM pg_class AS c
        WHERE c.relnamespace = ':schema'::regnamespace AND c.relname LIKE 'snowflake\_sync\_%'
            AND c.relname NOT IN ('snowflake_sync_queue', 'snowflake_sync_queue_summary', 'snowflake_sync_failures')
            AND c.relkind NOT IN ('i', 'I') AND NOT EXISTS (
                SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
            )
        UNION ALL
        SELECT format('Function %s is there already. Give it another name.', p.oid::regprocedure)
        FROM pg_proc AS p
        WHERE p.pronamespace = ':schema'::regnamespace AND p.proname LIKE 'snowflake\_sync\_%'
    );

    -- Columns that have to be there, and of what type those have to be that are.
    problems := problems || ARRAY(
        SELECT CASE
            WHEN a.attname IS NULL THEN format('Table %I has no column %I. Add it.', wanted.relation, wanted.name)
            ELSE format('Column %I.%I is of type %s. Change it to %s.',
                wanted.relation, wanted.name, format_type(a.atttypid, NULL), wanted.types[1])
        END
        FROM (VALUES
            ('users', true, 'id', '{uuid}'::text[]),
            ('users', false, 'is_active', '{boolean}'),
            ('workflows', true, 'id', '{uuid}'),
            ('workflows', false, 'user_id', '{uuid}'),
            ('workflow_executions', true, 'id', '{uuid}'),
            ('workflow_executions', true, 'execution_id', '{text, character varying}'),
            ('workflow_executions', true, 'status', NULL),
            ('workflow_executions', false, 'workflow_id', '{uuid}'),
            ('workflow_executions', false, 'result_columns', '{jsonb}'),
            ('workflow_executions', false, 'result_rows', '{jsonb}'),
            ('snowflake_configurations', true, 'id', '{uuid}'),
            ('snowflake_configurations', true, 'user_id', '{uuid}'),
            ('snowflake_configurations', true, 'account_identifier', '{text, character varying}'),
            ('snowflake_configurations', true, 'warehouse', '{text, character varying}'),
            ('snowflake_configurations', true, 'database', '{text, character varying}'),
            ('snowflake_configurations', true, 'schema', '{text, character varying}'),
            ('snowflake_configurations', true, 'username', '{text, character varying}'),
            ('snowflake_sync_queue', true, 'id', '{uuid}'),
            ('snowflake_sync_queue', true, 'execution_id', '{text, character varying}'),
            ('snowflake_sync_queue', false, 'user_id', '{uuid}'),
            ('snowflake_sync_queue', false, 'status', '{text, character varying}')
        ) AS wanted (relation, needed, name, types)
        LEFT JOIN pg_attribute AS a
            ON a.attrelid = to_regclass(':schema.' || wanted.relation)
            AND a.attname = wanted.name AND NOT a.attisdropped
        WHERE to_regclass(':schema.' || wanted.relation) IS NOT NULL
            AND CASE WHEN a.attname IS NULL THEN wanted.needed
                ELSE format_type(a.atttypid, NULL) <> ALL (wanted.types) END
    );

    -- What foreign keys rest on.
    problems := problems || ARRAY(
        SELECT format(CASE c.relkind
            WHEN 'p' THEN 'Column %s.%I is not unique, and can only be made so if %1$s is partitioned by it, by hash '
                'or by range: CREATE UNIQUE INDEX ON %1$s (%2$I);'
            ELSE 'Column %s.%I is not unique. Make it so: CREATE UNIQUE INDEX CONCURRENTLY ON %1$s (%2$I);'
        END, wanted.relation, a.attname)
        FROM (VALUES
            ('users', 'id'), ('workflows', 'id'), ('workflow_executions', 'execution_id'),
            ('snowflake_configurations', 'id'), ('snowflake_sync_queue', 'id')
        ) AS wanted (relation, name)
        JOIN pg_attribute AS a
            ON a.attrelid = to_regclass(':schema.' || wanted.relation)
            AND a.attname = wanted.name AND NOT a.attisdropped
        JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE NOT EXISTS (
            SELECT FROM pg_index AS i
            WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indimmediate
                AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL
        )
    );

    -- A queue that is here already has to take an item from somebody who names a few columns only,
    problems := problems || ARRAY(
        SELECT format('Column snowflake_sync_queue.%I has no default. Give it one: '
            'ALTER TABLE :schema.snowflake_sync_queue ALTER COLUMN %1$I SET DEFAULT ...;', a.attname)
        FROM pg_attribute AS a
        WHERE a.attrelid = queue AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.atthasdef AND a.attidentity = ''
            AND a.attname NOT IN ('execution_id', 'user_id')
            AND (a.attnotnull OR a.attname IN ('status', 'retry_count', 'max_retries', 'created_at', 'updated_at'))
        ORDER BY a.attnum
    );
    -- and several items of one execution: its UNIQUE (execution_id) gives way, unless more hangs on it.
    problems := problems || ARRAY(
        SELECT format('Constraint %I of %s rests on snowflake_sync_queue having one item an execution; now there are '
            'several. Drop it: ALTER TABLE %2$s DROP CONSTRAINT %1$I;', c.conname, c.conrelid::regclass)
        FROM pg_constraint AS c
        JOIN pg_index AS i ON i.indexrelid = c.conindid
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = queue AND i.indnkeyatts = 1 AND a.attname = 'execution_id' AND c.contype IN ('f', 'p')
    );
    IF queue IS NOT NULL AND cardinality(problems) = 0 THEN
        -- Looked up only where it is there.
        EXECUTE 'SELECT count(*) FROM ('
            'SELECT FROM :schema.snowflake_sync_queue GROUP BY execution_id HAVING count(*) > 1) AS several'
            INTO repeated;
    END IF;
    IF repeated > 0 THEN
        problems := problems || format(
            'snowflake_sync_queue has several items of one execution, %s times. Delete all but one.', repeated);
    END IF;

    -- A view of a documented name may have more columns than the documented ones, but not fewer.
    problems := problems || ARRAY(
        SELECT format('View %I has no %s. Add what is missing, or make room: ALTER VIEW %1$I RENAME TO ...;',
            wanted.relation, string_agg(quote_ident(name), ', '))
        FROM (VALUES
            ('snowflake_sync_queue_summary', '{status, count, oldest_item, newest_item, avg_retries}'::text[]),
            ('snowflake_sync_failures', '{id, execution_id, user_id, status, retry_count, max_retries, error_message,
                created_at, updated_at, processed_at, execution_status, execution_created_at, workflow_name,
                user_email}')
        ) AS wanted (relation, columns)
        CROSS JOIN unnest(wanted.columns) AS name
        WHERE to_regclass(':schema.' || wanted.relation) IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = to_regclass(':schema.' || wanted.relation) AND a.attname = name AND NOT a.attisdropped
        )
        GROUP BY wanted.relation
    );

    IF cardinality(problems) > 0 THEN
        RAISE EXCEPTION 'Universal Snowflake Sync cannot be installed in this database'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = array_to_string(problems, E'\n');
    END IF;
END
$$;
