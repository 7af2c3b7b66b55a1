-- What the catalogue in Snowflake does not say yet: appended in the transaction of each change, and removed once a
-- publisher has seen it taken there. No foreign key, which would lock the destination's row; publishing drops what is of
-- destinations that are deleted. `awake`: a load has run statements on the warehouse a moment ago.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_catalogue_changes (
    id               bigint GENERATED ALWAYS AS IDENTITY,
    configuration_id uuid NOT NULL,
    execution_id     text NOT NULL,
    made_at          timestamptz NOT NULL DEFAULT now(),
    awake            boolean NOT NULL DEFAULT false,
    PRIMARY KEY (configuration_id, id)
);

-- How the catalogue of a destination stands.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_catalogues (
    configuration_id uuid PRIMARY KEY REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    -- Where it is. NULL: nowhere yet, or it was switched off.
    database_name    text,
    schema_name      text,
    table_name       text,
    -- A table that it was in before, which is left as it is.
    left_name        text NOT NULL DEFAULT '',
    -- Since when every execution has its row; NULL: back to this item of the owner's, the newest first.
    filled_at        timestamptz,
    position_at      timestamptz NOT NULL DEFAULT 'infinity',
    position_id      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    -- How far it was looked for executions that are deleted, in the register and among removed items.
    own_after        text[] NOT NULL DEFAULT '{"", "", ""}',
    removed_after    text NOT NULL DEFAULT '',
    published_at     timestamptz,
    -- Who publishes now, and until when nobody else may.
    token            bigint NOT NULL DEFAULT 0,
    busy_until       timestamptz,
    -- What the last try met, how many in a row have, and when the next one may be.
    failures         integer NOT NULL DEFAULT 0,
    next_at          timestamptz,
    error_code       text,
    error_message    text,
    error_remedy     text
);

-- What workflows are called there.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_catalogue_workflows (
    configuration_id uuid NOT NULL REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    workflow_id      uuid NOT NULL,
    known_as         text NOT NULL,
    name             text NOT NULL,
    PRIMARY KEY (configuration_id, workflow_id)
);

-- Since when it is known that the execution was deleted in the application: the catalogue is to say so.
ALTER TABLE :schema.snowflake_sync_tables ADD COLUMN IF NOT EXISTS deleted_at timestamptz;
ALTER TABLE :schema.snowflake_sync_removed_items ADD COLUMN IF NOT EXISTS deleted_at timestamptz;

CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_catalogue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_catalogue_changes (configuration_id, execution_id, awake)
    VALUES (
        NEW.configuration_id, NEW.execution_id,
        coalesce(OLD.status = 'processing' AND NEW.status = 'completed' AND NEW.row_count > 0, false)
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_catalogue() FROM PUBLIC;

-- What is claimed, or waits as it did, says nothing new: claims and routing pay for no more than a condition.
CREATE OR REPLACE TRIGGER snowflake_sync_item_catalogued
    AFTER UPDATE ON :schema.snowflake_sync_queue
    FOR EACH ROW
    WHEN (
        NEW.status <> 'processing' AND NEW.configuration_id IS NOT NULL AND (
            (NEW.status <> OLD.status AND NOT (NEW.status = 'pending' AND OLD.status = 'processing'))
            OR NEW.schema_name IS DISTINCT FROM OLD.schema_name
            OR NEW.table_name IS DISTINCT FROM OLD.table_name
            OR NEW.row_count IS DISTINCT FROM OLD.row_count
            OR NEW.source_row_count IS DISTINCT FROM OLD.source_row_count
            OR NEW.rules_version IS DISTINCT FROM OLD.rules_version
            OR NEW.error_code IS DISTINCT FROM OLD.error_code
            OR NEW.error_message IS DISTINCT FROM OLD.error_message
        )
    )
    EXECUTE FUNCTION :schema.snowflake_sync_note_catalogue();

CREATE OR REPLACE TRIGGER snowflake_sync_item_catalogued_at_once
    AFTER INSERT ON :schema.snowflake_sync_queue
    FOR EACH ROW
    WHEN (NEW.status NOT IN ('pending', 'processing') AND NEW.configuration_id IS NOT NULL)
    EXECUTE FUNCTION :schema.snowflake_sync_note_catalogue();

-- What was taken out of Snowflake after its execution was deleted has no item that would say so.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_taken_out() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_catalogue_changes (configuration_id, execution_id)
    VALUES (OLD.configuration_id, OLD.execution_id);
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_taken_out() FROM PUBLIC;

CREATE OR REPLACE TRIGGER snowflake_sync_result_catalogued
    AFTER DELETE ON :schema.snowflake_sync_results
    FOR EACH ROW
    EXECUTE FUNCTION :schema.snowflake_sync_note_taken_out();
