DROP TABLE IF EXISTS :schema.snowflake_sync_api_usage;
ALTER TABLE :schema.snowflake_sync_api_tokens
    DROP COLUMN IF EXISTS revoked_at,
    DROP COLUMN IF EXISTS last_used_at;
