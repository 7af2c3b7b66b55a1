-- A partition whose executions have items could not be detached or dropped any more. So where executions are partitioned,
-- a queue of ours has no foreign key: what is left of items then, the sweep removes.
DO $$
DECLARE
    key name;
BEGIN
    FOR key IN
        SELECT c.conname
        FROM pg_constraint AS c
        JOIN pg_class AS executions ON executions.oid = c.confrelid AND executions.relkind = 'p'
        JOIN :schema.snowflake_sync_install_log AS log
            ON (log.action, log.kind, log.relation) = ('created', 'table', 'snowflake_sync_queue')
        WHERE c.conrelid = ':schema.snowflake_sync_queue'::regclass AND c.contype = 'f' AND c.conparentid = 0
            AND c.confrelid = ':schema.workflow_executions'::regclass
    LOOP
        EXECUTE format('ALTER TABLE :schema.snowflake_sync_queue DROP CONSTRAINT %I', key);
    END LOOP;
END
$$;
