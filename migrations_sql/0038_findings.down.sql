DROP TABLE IF EXISTS :schema.snowflake_sync_findings;
DROP TABLE IF EXISTS :schema.snowflake_sync_reconciliations;
