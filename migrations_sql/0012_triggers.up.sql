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
        PERFORM :schema.snowflake_sync_log_displaced('trigger', 'workflow_executions', theirs.tgname, theirs.definition);
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
