-- Where the sweep stands; one row.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_sweep (
    id           smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position     text NOT NULL DEFAULT '',
    swept_at     timestamptz NOT NULL DEFAULT '-infinity',
    completed_at timestamptz
);
INSERT INTO :schema.snowflake_sync_sweep (id) VALUES (1) ON CONFLICT DO NOTHING;
