-- What a destination promises, and when its secret ends, as far as somebody has said so.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_configurations', $${
    {freshness_minutes, "integer CHECK (freshness_minutes > 0)"},
    {secret_ends_on, "date"}
}$$::text[]);

-- Of the results that a destination with a promise was given in a month (of UTC): how many came to an end, and how many
-- of these were in Snowflake in time. Attempts are pruned; this stays.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_freshness (
    configuration_id uuid NOT NULL REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    month            date NOT NULL,
    ended            bigint NOT NULL,
    in_time          bigint NOT NULL,
    PRIMARY KEY (configuration_id, month)
);
