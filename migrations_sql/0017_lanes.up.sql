-- Items of a destination with the same lane travel together: the workflow, where the layout is a table a workflow.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_sync_queue', $${
    {lane, "text"}
}$$::text[]);

-- How many executions travelled together: statement_count and query_ids are those of all of them.
ALTER TABLE :schema.snowflake_sync_attempts ADD COLUMN IF NOT EXISTS batch_size integer NOT NULL DEFAULT 1;
