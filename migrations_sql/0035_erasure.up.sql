-- The register outlives destinations, users and workflows: what they left in Snowflake is to be found, and erased, when
-- their rows are gone. So a table says whose it is and in which account; workflow_id is workflows.workflow_id of an
-- execution's own table, or of the workflow whose table it is. Dropping the reference locks the destinations for readers,
-- too: so nothing else is done here, and 0037_results fills in what is known.
ALTER TABLE :schema.snowflake_sync_tables
    ADD COLUMN IF NOT EXISTS user_id uuid,
    ADD COLUMN IF NOT EXISTS workflow_id text,
    ADD COLUMN IF NOT EXISTS account text,
    DROP CONSTRAINT IF EXISTS snowflake_sync_tables_configuration_id_fkey;
