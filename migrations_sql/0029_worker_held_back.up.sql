-- Why a worker takes no more items: its host cannot hold their files.
ALTER TABLE :schema.snowflake_sync_workers ADD COLUMN IF NOT EXISTS held_back text;
