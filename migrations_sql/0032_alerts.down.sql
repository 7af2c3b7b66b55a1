DROP TABLE IF EXISTS :schema.snowflake_sync_alert_looks;
DROP TABLE IF EXISTS :schema.snowflake_sync_alert_deliveries;
DROP TABLE IF EXISTS :schema.snowflake_sync_alerts;
DROP TABLE IF EXISTS :schema.snowflake_sync_alert_channels;
