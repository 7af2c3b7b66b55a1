TRUNCATE :schema.snowflake_sync_results;
