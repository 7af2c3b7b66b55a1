DROP TABLE IF EXISTS :schema.snowflake_sync_views;
DROP INDEX IF EXISTS :schema.snowflake_sync_tables_computed_idx;
ALTER TABLE :schema.snowflake_sync_tables
    DROP COLUMN IF EXISTS computed_at,
    DROP COLUMN IF EXISTS released_at,
    DROP COLUMN IF EXISTS left_columns,
    DROP COLUMN IF EXISTS in_all_view;
