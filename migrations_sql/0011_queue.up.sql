-- The queue. The first block of columns is the documented one; an installation may have it already.
-- No foreign key on user_id: it would take a share lock on the user's row in the application's transaction. Measured:
-- 15 % of the trigger's time; and two transactions that go on to lock that row FOR UPDATE deadlock. An item goes with
-- its execution: by a foreign key, or, where executions are partitioned, by the sweep, because a partition whose
-- executions have items could not be detached or dropped any more.
SELECT :schema.snowflake_sync_ensure_table('snowflake_sync_queue', format($$
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    execution_id  text NOT NULL %s,
    user_id       uuid,
    status        text NOT NULL DEFAULT 'pending' CONSTRAINT snowflake_sync_queue_status_known
        CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'skipped')),
    retry_count   integer NOT NULL DEFAULT 0,
    max_retries   integer NOT NULL DEFAULT 3,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    processed_at  timestamptz
$$, (
    SELECT 'REFERENCES :schema.workflow_executions (execution_id) ON DELETE CASCADE'
    FROM pg_class WHERE oid = ':schema.workflow_executions'::regclass AND relkind = 'r'
)));

-- Never re-used, unlike an attempt's number: what a worker holds is known by it.
CREATE SEQUENCE IF NOT EXISTS :schema.snowflake_sync_claim_token_seq AS bigint;

SELECT :schema.snowflake_sync_ensure_columns('snowflake_sync_queue', $${
    {user_id, "uuid"},
    {status, "text NOT NULL DEFAULT 'pending'"},
    {retry_count, "integer NOT NULL DEFAULT 0"},
    {max_retries, "integer NOT NULL DEFAULT 3"},
    {error_message, "text"},
    {created_at, "timestamptz NOT NULL DEFAULT now()"},
    {updated_at, "timestamptz NOT NULL DEFAULT now()"},
    {processed_at, "timestamptz"}
}$$::text[]);
SELECT :schema.snowflake_sync_ensure_columns('snowflake_sync_queue', ARRAY[[
    'configuration_id', 'uuid REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE'
]]);
-- batch_key: items of a destination with the same one travel together. The workflow, where the layout is a table a
-- workflow.
-- error_remedy: apart from what happened, because it depends on the end that the item has come to.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_sync_queue', $${
    {batch_key, "text"},
    {run_after, "timestamptz NOT NULL DEFAULT now()"},
    {error_code, "text"},
    {error_remedy, "text"},
    {generation, "bigint NOT NULL DEFAULT 1"},
    {claimed_generation, "bigint"},
    {claim_token, "bigint"},
    {claimed_at, "timestamptz"},
    {worker_id, "bigint"},
    {schema_name, "text"},
    {table_name, "text"},
    {requested_schema, "text"},
    {requested_table, "text"},
    {row_count, "bigint"},
    {result_hash, "bigint"},
    {source_version, "text"}
}$$::text[]);

-- Rows change often and briefly: room for updates in place, and a vacuum that keeps up.
SELECT :schema.snowflake_sync_ensure_settings('snowflake_sync_queue', $${
    {fillfactor, 75},
    {autovacuum_vacuum_scale_factor, 0.01},
    {autovacuum_vacuum_cost_delay, 0}
}$$::text[]);
