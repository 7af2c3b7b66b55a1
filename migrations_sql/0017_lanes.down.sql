ALTER TABLE :schema.snowflake_sync_attempts DROP COLUMN IF EXISTS batch_size;
SELECT :schema.snowflake_sync_remove_columns('snowflake_sync_queue', '{lane}'::text[]);
