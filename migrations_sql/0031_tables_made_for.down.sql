ALTER TABLE :schema.snowflake_sync_tables DROP COLUMN IF EXISTS made_for;
