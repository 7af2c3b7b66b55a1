-- Which column each key of the results has, for good: {"key": ["COLUMN", ...]}, a column for each time that it stands in
-- one result. NULL: an execution's own table, or one made before keys were registered.
ALTER TABLE :schema.snowflake_sync_tables ADD COLUMN IF NOT EXISTS names jsonb;
