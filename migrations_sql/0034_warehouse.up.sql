-- What stands beside the results in Snowflake, and how long they are kept there. An empty catalogue_name: there is no
-- catalogue. Without a number of days, Snowflake's own counts.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_configurations', $${
    {catalogue_name, "text NOT NULL DEFAULT 'SYNC_EXECUTIONS'"},
    {makes_views, "boolean NOT NULL DEFAULT true"},
    {deleted_results, "text NOT NULL DEFAULT 'keep' CHECK (deleted_results IN ('keep', 'remove'))"},
    {is_transient, "boolean NOT NULL DEFAULT false"},
    {time_travel_days, "integer CHECK (time_travel_days BETWEEN 0 AND 90)"}
}$$::text[]);
