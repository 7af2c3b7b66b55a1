-- What the queue looks like, counted by one pass over it: for statistics, which would otherwise read all of it for each
-- question. Nothing depends on it and it can be made again at any time, so it is kept out of the write-ahead log.
CREATE UNLOGGED TABLE IF NOT EXISTS :schema.snowflake_sync_rollup (
    -- The four that follow, in one: NULLs are not equal to each other, and a line is looked up by all four.
    key              text PRIMARY KEY,
    user_id          uuid,
    configuration_id uuid,
    status           text NOT NULL,
    error_code       text,
    count            bigint NOT NULL,
    retries          bigint NOT NULL,
    oldest_item      timestamptz,
    newest_item      timestamptz,
    oldest_run_after timestamptz,
    last_change      timestamptz,
    -- How many of them changed last within an hour, a day, a week of as_of.
    last_hour        bigint NOT NULL,
    last_day         bigint NOT NULL,
    last_week        bigint NOT NULL
);
-- A user's own lines.
CREATE INDEX IF NOT EXISTS snowflake_sync_rollup_user_idx ON :schema.snowflake_sync_rollup (user_id);

-- As of when, and how many seconds it took; one row, locked by whoever makes it anew.
CREATE UNLOGGED TABLE IF NOT EXISTS :schema.snowflake_sync_rollup_made (
    id      smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    as_of   timestamptz NOT NULL DEFAULT '-infinity',
    seconds double precision NOT NULL DEFAULT 0
);
