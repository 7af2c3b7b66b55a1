DELETE FROM :schema.snowflake_sync_tables AS made
WHERE NOT EXISTS (
    SELECT FROM :schema.snowflake_configurations AS configuration WHERE configuration.id = made.configuration_id
);
ALTER TABLE :schema.snowflake_sync_tables
    DROP COLUMN IF EXISTS user_id,
    DROP COLUMN IF EXISTS workflow_id,
    DROP COLUMN IF EXISTS account,
    DROP CONSTRAINT IF EXISTS snowflake_sync_tables_configuration_id_fkey,
    ADD CONSTRAINT snowflake_sync_tables_configuration_id_fkey
        FOREIGN KEY (configuration_id) REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE;
