DROP TABLE IF EXISTS snowflake_sync_api_tokens;
