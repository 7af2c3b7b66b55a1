-- Attempts, added up as they come; what is here outlives them (see prune_sync_history), so that counters never go down.
-- It can be made again from the attempts that are left.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_history (
    -- A minute or hour of all destinations or of one, a worker's minute, a destination for ever.
    grain            text NOT NULL CHECK (grain IN ('all minute', 'all hour', 'minute', 'hour', 'worker', 'ever')),
    at               timestamptz NOT NULL,
    configuration_id uuid,
    worker_id        bigint,
    outcome          text NOT NULL,
    -- For ever only.
    error_code       text,
    attempts         bigint NOT NULL,
    rows             bigint NOT NULL,
    bytes            bigint NOT NULL,
    -- Those of a batch are shared out among the executions that travelled together.
    statements       double precision NOT NULL,
    -- Of those whose due_at is known: from due to claimed, and from due to the end.
    timed            bigint NOT NULL,
    wait_seconds     double precision NOT NULL,
    lag_seconds      double precision NOT NULL,
    lag_longest      double precision NOT NULL,
    first_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (grain, at, configuration_id, worker_id, outcome, error_code)
);
-- What is left of a destination's past: its latest hours.
CREATE INDEX IF NOT EXISTS snowflake_sync_history_destination_idx
    ON :schema.snowflake_sync_history (configuration_id, grain, at) WHERE grain IN ('hour', 'ever');

-- How long claims and loads took, for ever: how many took no longer than `bound` seconds, and longer than the one
-- before.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_latencies (
    kind    text NOT NULL CHECK (kind IN ('claim', 'load')),
    bound   double precision NOT NULL,
    count   bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (kind, bound)
);

-- Up to which attempt they are added up, and as of when that is; one row, locked by whoever adds.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_history_state (
    id       smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL DEFAULT 0,
    as_of    timestamptz NOT NULL DEFAULT 'epoch'
);
INSERT INTO :schema.snowflake_sync_history_state (id) VALUES (1) ON CONFLICT DO NOTHING;
