-- What an execution's own table is to the views of its workflow. computed_at puts results in order. From `released_at`
-- on, until a load or a removal has ended, views name no more of it than `left_columns` (none: nothing): the rest is
-- about to go. in_all_view: what the catalogue says of it.
ALTER TABLE :schema.snowflake_sync_tables
    ADD COLUMN IF NOT EXISTS workflow_id text,
    ADD COLUMN IF NOT EXISTS computed_at timestamptz,
    ADD COLUMN IF NOT EXISTS released_at timestamptz,
    ADD COLUMN IF NOT EXISTS left_columns jsonb,
    ADD COLUMN IF NOT EXISTS in_all_view text;

-- The latest results of a workflow, and those of which it is not known yet when they were computed.
CREATE INDEX IF NOT EXISTS snowflake_sync_tables_computed_idx
    ON :schema.snowflake_sync_tables (configuration_id, workflow_id, computed_at DESC NULLS FIRST, execution_id DESC)
    WHERE execution_id IS NOT NULL;

-- The views of a workflow in a destination: what they are called, for good, and what they were made as.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_views (
    configuration_id uuid NOT NULL REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    workflow_id      uuid NOT NULL,
    -- workflows.workflow_id, as the register of tables has it.
    known_as         text NOT NULL,
    account          text,
    database_name    text NOT NULL,
    schema_name      text NOT NULL,
    latest_name      text NOT NULL,
    all_name         text NOT NULL,
    -- A hash of the statement that made it; NULL: there is none.
    latest_hash      text,
    all_hash         text,
    -- The shared table that the last of the results went to that went to one, and when that was computed.
    -- shared_by_many: a table that the application named, where other workflows' results may be, too.
    shared_schema    text,
    shared_table     text,
    shared_at        timestamptz,
    shared_by_many   boolean NOT NULL DEFAULT false,
    -- Since when something of its results has changed that they may have to show; NULL: nothing.
    due_at           timestamptz,
    -- Who is about to change them, and until when nobody else may.
    token            bigint NOT NULL DEFAULT 0,
    busy_until       timestamptz,
    -- What kept one of them from being made, and when.
    error_code       text,
    error_message    text,
    error_remedy     text,
    error_at         timestamptz,
    PRIMARY KEY (configuration_id, workflow_id)
);
-- Names that fold to one are for two people.
CREATE UNIQUE INDEX IF NOT EXISTS snowflake_sync_views_name_key
    ON :schema.snowflake_sync_views (configuration_id, upper(latest_name));
CREATE INDEX IF NOT EXISTS snowflake_sync_views_shared_idx
    ON :schema.snowflake_sync_views (configuration_id, shared_schema, shared_table);
