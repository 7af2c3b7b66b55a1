-- How often a user has asked for what costs much, since when. Of no use after a crash, so kept out of the write-ahead
-- log.
CREATE UNLOGGED TABLE IF NOT EXISTS :schema.snowflake_sync_api_usage (
    key   text PRIMARY KEY,
    since timestamptz NOT NULL,
    count integer NOT NULL
);
