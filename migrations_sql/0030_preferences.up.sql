-- How somebody wants the pages to be. Who has no row has chosen nothing.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_preferences (
    user_id   uuid PRIMARY KEY REFERENCES :schema.users (id) ON DELETE CASCADE,
    -- A name of the IANA database; empty: the browser's.
    time_zone text NOT NULL DEFAULT '',
    theme     text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark'))
);

-- The token that asked for this one, which is revoked with it; NULL: its user asked.
ALTER TABLE :schema.snowflake_sync_api_tokens ADD COLUMN IF NOT EXISTS made_with_id bigint
    REFERENCES :schema.snowflake_sync_api_tokens (id) ON DELETE CASCADE;
CREATE INDEX IF NOT EXISTS snowflake_sync_api_tokens_made_with_idx
    ON :schema.snowflake_sync_api_tokens (made_with_id) WHERE made_with_id IS NOT NULL;
