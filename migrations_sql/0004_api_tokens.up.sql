-- Bearer tokens: only a digest is kept.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_api_tokens (
    digest    varchar(128) PRIMARY KEY,
    token_key varchar(25) NOT NULL,
    user_id   uuid NOT NULL REFERENCES :schema.users (id) ON DELETE CASCADE,
    name      text NOT NULL DEFAULT '',
    created   timestamptz NOT NULL DEFAULT now(),
    expiry    timestamptz
);
-- A request looks its token up by this.
CREATE INDEX IF NOT EXISTS snowflake_sync_api_tokens_token_key_idx ON :schema.snowflake_sync_api_tokens (token_key);
CREATE INDEX IF NOT EXISTS snowflake_sync_api_tokens_user_id_idx ON :schema.snowflake_sync_api_tokens (user_id);
