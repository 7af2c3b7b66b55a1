-- What may have been loaded into a shared table, and is in the queue no more: an execution that comes again under its
-- id replaces its rows there, as it would have with its item.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_removed_items (
    configuration_id uuid NOT NULL,
    execution_id     text NOT NULL,
    removed_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (configuration_id, execution_id)
);

-- Items go by themselves and with their executions, one by one or all at once. It never fails whoever deletes.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_removed_items (configuration_id, execution_id)
    SELECT item.configuration_id, item.execution_id
    FROM (
        SELECT OLD.configuration_id, OLD.execution_id
        WHERE TG_OP = 'DELETE'
            -- Not with its destination, which does not come again.
            AND EXISTS (SELECT FROM :schema.snowflake_configurations AS c WHERE c.id = OLD.configuration_id)
        UNION ALL
        SELECT queued.configuration_id, queued.execution_id
        FROM :schema.snowflake_sync_queue AS queued
        WHERE TG_OP = 'TRUNCATE' AND queued.configuration_id IS NOT NULL
            AND (queued.table_name IS NULL OR queued.requested_table IS NOT NULL OR queued.batch_key IS NOT NULL)
    ) AS item
    ON CONFLICT DO NOTHING;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: items were removed, and not noted: %', SQLERRM
        USING HINT = 'If their executions come again under the same ids, their rows in shared tables may be doubled.';
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_removed() FROM PUBLIC;

-- What is known to have a table of its own is replaced anyway: where all have, deleting costs nothing more.
CREATE OR REPLACE TRIGGER snowflake_sync_note_removed
    AFTER DELETE ON :schema.snowflake_sync_queue
    FOR EACH ROW
    WHEN (
        OLD.configuration_id IS NOT NULL
        AND (OLD.table_name IS NULL OR OLD.requested_table IS NOT NULL OR OLD.batch_key IS NOT NULL)
    )
    EXECUTE FUNCTION :schema.snowflake_sync_note_removed();

CREATE OR REPLACE TRIGGER snowflake_sync_note_truncated
    BEFORE TRUNCATE ON :schema.snowflake_sync_queue
    FOR EACH STATEMENT
    EXECUTE FUNCTION :schema.snowflake_sync_note_removed();
