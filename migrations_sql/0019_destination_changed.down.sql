DROP TRIGGER IF EXISTS snowflake_sync_destination_changed ON snowflake_configurations;
DROP FUNCTION IF EXISTS snowflake_sync_destination_changed();
