ALTER TABLE :schema.snowflake_sync_workers DROP COLUMN IF EXISTS held_back;
