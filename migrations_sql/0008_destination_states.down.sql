DROP TRIGGER IF EXISTS snowflake_sync_destination_changed ON :schema.snowflake_configurations;
DROP TRIGGER IF EXISTS snowflake_sync_destination_made ON :schema.snowflake_configurations;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_change();
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_destination();
DROP TABLE IF EXISTS :schema.snowflake_sync_destination_states;
