-- open_load: the transaction in Snowflake that a load of this item began, and whose end nobody has seen yet. Whoever
-- claims the item next sees to its end before loading again.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_sync_queue', $${{open_load, "jsonb"}}$$::text[]);
