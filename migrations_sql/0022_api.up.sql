-- A token that is no longer wanted stays in the list, with the day.
ALTER TABLE :schema.snowflake_sync_api_tokens
    ADD COLUMN IF NOT EXISTS last_used_at timestamptz,
    ADD COLUMN IF NOT EXISTS revoked_at timestamptz;

-- How often a user has asked for what costs much, since when. Of no use after a crash, so kept out of the write-ahead log.
CREATE UNLOGGED TABLE IF NOT EXISTS :schema.snowflake_sync_api_usage (
    key   text PRIMARY KEY,
    since timestamptz NOT NULL,
    count integer NOT NULL
);
