-- A function of theirs with this name makes room, and comes back with its owner and rights. May be run again.
DO $$
DECLARE
    theirs record;
BEGIN
    SELECT p.oid::regprocedure AS name, pg_get_functiondef(p.oid) AS definition, pg_get_userbyid(p.proowner) AS owner,
        (
            SELECT string_agg(format(
                E'\nGRANT EXECUTE ON FUNCTION %s TO %s%s;', p.oid::regprocedure,
                CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
                CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' END
            ), '' ORDER BY acl.place)
            FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
                WITH ORDINALITY AS acl (grantor, grantee, privilege_type, is_grantable, place)
            WHERE acl.grantee <> p.proowner
        ) AS rights
    INTO theirs
    FROM pg_proc AS p
    WHERE p.oid = to_regprocedure(':schema.queue_execution_for_universal_snowflake_sync()') AND NOT EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log WHERE action = 'created' AND kind = 'function'
    );
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'function', 'workflow_executions', 'queue_execution_for_universal_snowflake_sync')
    ON CONFLICT DO NOTHING;
    IF theirs.name IS NULL THEN
        RETURN;
    END IF;
    PERFORM :schema.snowflake_sync_log_displaced(
        'function', 'workflow_executions', 'queue_execution_for_universal_snowflake_sync',
        format(
            E'%s;\nREVOKE ALL ON FUNCTION %s FROM PUBLIC;%s\nALTER FUNCTION %2$s OWNER TO %4$I;',
            theirs.definition, theirs.name, theirs.rights, theirs.owner
        )
    );
    -- It is going to act with its owner's rights: with ours, who own the queue.
    IF theirs.owner <> current_user THEN
        EXECUTE format('ALTER FUNCTION %s OWNER TO CURRENT_USER', theirs.name);
    END IF;
END
$$;

-- Queues an execution: one narrow, unrouted item. It touches no item that a worker can hold, so it cannot deadlock with
-- one, and cannot be lost behind one. It never fails the application's transaction, and never holds it up for
-- longer than lock_timeout; what it misses, the sweep finds.
CREATE OR REPLACE FUNCTION :schema.queue_execution_for_universal_snowflake_sync() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- Nobody's temporary table, operator or function takes the place of what is meant.
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    owner uuid;
BEGIN
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
    IF current_setting('snowflake_sync.gave_up', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    SELECT w.user_id INTO owner FROM :schema.workflows AS w WHERE w.id = NEW.workflow_id;
    IF NOT FOUND AND NEW.workflow_id IS NOT NULL THEN
        RAISE 'workflow % is not visible to %', NEW.workflow_id, current_user;
    END IF;
    INSERT INTO :schema.snowflake_sync_queue AS item
        (execution_id, user_id, status, error_code, error_message, error_remedy)
    VALUES (
        NEW.execution_id,
        owner,
        CASE WHEN owner IS NULL THEN 'failed' ELSE 'pending' END,
        CASE WHEN owner IS NULL THEN 'no_owner' END,
        CASE WHEN owner IS NULL THEN 'Execution ' || NEW.execution_id || ' has no owner.' END,
        CASE WHEN owner IS NULL THEN 'Give the workflow an owner (workflows.user_id), then retry the item.' END
    )
    ON CONFLICT (execution_id) WHERE configuration_id IS NULL DO UPDATE SET
        generation = item.generation + 1,
        user_id = excluded.user_id,
        status = excluded.status,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        error_remedy = excluded.error_remedy,
        retry_count = 0,
        run_after = now(),
        updated_at = now();
    RETURN NULL;
EXCEPTION
WHEN lock_not_available THEN
    PERFORM set_config('snowflake_sync.gave_up', pg_current_xact_id()::text, true);
    RAISE WARNING
        'Universal Snowflake Sync: execution %, and what else completes in this transaction, was not queued: %',
        NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it.';
    RETURN NULL;
WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: execution % was not queued: %', NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it; if not, run verify_sync_install.';
    RETURN NULL;
END
$$;

-- Whoever may execute it could make a trigger of it on a table of their own.
REVOKE EXECUTE ON FUNCTION :schema.queue_execution_for_universal_snowflake_sync() FROM PUBLIC;

-- Triggers of theirs that do what ours do, or bear their names, make room. May be run again.
DO $$
DECLARE
    theirs record;
BEGIN
    FOR theirs IN
        SELECT t.tgname, pg_get_triggerdef(t.oid) || CASE t.tgenabled
            WHEN 'D' THEN format('; ALTER TABLE :schema.workflow_executions DISABLE TRIGGER %I', t.tgname)
            WHEN 'A' THEN format('; ALTER TABLE :schema.workflow_executions ENABLE ALWAYS TRIGGER %I', t.tgname)
            WHEN 'R' THEN format('; ALTER TABLE :schema.workflow_executions ENABLE REPLICA TRIGGER %I', t.tgname)
            ELSE ''
        END AS definition,
        -- Ours of the same name takes its place below, under a lighter lock than DROP needs.
        t.tgconstraint = 0 AND t.tgname IN (
            'trigger_queue_universal_snowflake_sync', 'trigger_queue_universal_snowflake_sync_insert'
        ) AS replaceable
        FROM pg_trigger AS t
        WHERE t.tgrelid = ':schema.workflow_executions'::regclass AND NOT t.tgisinternal
            AND (t.tgfoid = ':schema.queue_execution_for_universal_snowflake_sync()'::regprocedure OR t.tgname IN (
                'trigger_queue_universal_snowflake_sync', 'trigger_queue_universal_snowflake_sync_insert'
            ))
            AND t.tgname NOT IN (
                SELECT name FROM :schema.snowflake_sync_install_log WHERE action = 'created' AND kind = 'trigger'
            )
    LOOP
        PERFORM :schema.snowflake_sync_log_displaced(
            'trigger', 'workflow_executions', theirs.tgname, theirs.definition);
        IF NOT theirs.replaceable THEN
            EXECUTE format('DROP TRIGGER %I ON :schema.workflow_executions', theirs.tgname);
        END IF;
    END LOOP;
    INSERT INTO :schema.snowflake_sync_install_log (action, kind, relation, name)
    VALUES
        ('created', 'trigger', 'workflow_executions', 'trigger_queue_universal_snowflake_sync'),
        ('created', 'trigger', 'workflow_executions', 'trigger_queue_universal_snowflake_sync_insert')
    ON CONFLICT DO NOTHING;
END
$$;

-- Two triggers: a WHEN clause on INSERT cannot name OLD. The column list keeps an update of other columns (our own
-- outcome among them) from unpacking the results to compare them: 0.5 against 200 ms for 32 MB.
CREATE OR REPLACE TRIGGER trigger_queue_universal_snowflake_sync
    AFTER UPDATE OF status, result_columns, result_rows ON :schema.workflow_executions
    FOR EACH ROW
    WHEN (
        NEW.status = 'completed' AND (
            OLD.status IS DISTINCT FROM 'completed'
            OR OLD.result_columns IS DISTINCT FROM NEW.result_columns
            OR OLD.result_rows IS DISTINCT FROM NEW.result_rows
        )
    )
    EXECUTE FUNCTION :schema.queue_execution_for_universal_snowflake_sync();

CREATE OR REPLACE TRIGGER trigger_queue_universal_snowflake_sync_insert
    AFTER INSERT ON :schema.workflow_executions
    FOR EACH ROW
    WHEN (NEW.status = 'completed')
    EXECUTE FUNCTION :schema.queue_execution_for_universal_snowflake_sync();
