DROP TRIGGER IF EXISTS snowflake_sync_interval_shortened ON :schema.snowflake_configurations;
DROP TRIGGER IF EXISTS snowflake_sync_destination_ready ON :schema.snowflake_sync_destination_states;
DROP TRIGGER IF EXISTS snowflake_sync_item_due ON :schema.snowflake_sync_queue;
DROP TRIGGER IF EXISTS snowflake_sync_items_due ON :schema.snowflake_sync_queue;
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_ready();
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_item_due();
DROP FUNCTION IF EXISTS :schema.snowflake_sync_note_items_due();
DROP TABLE IF EXISTS :schema.snowflake_sync_turns;
