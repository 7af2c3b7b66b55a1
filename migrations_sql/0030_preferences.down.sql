DROP TABLE IF EXISTS :schema.snowflake_sync_preferences;
ALTER TABLE :schema.snowflake_sync_api_tokens DROP COLUMN IF EXISTS made_with_id;
