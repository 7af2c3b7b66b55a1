-- The queue. The first block of columns is the documented one; an installation may have it already.
SELECT snowflake_sync_ensure_table('snowflake_sync_queue', $$
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    execution_id  text NOT NULL REFERENCES workflow_executions (execution_id) ON DELETE CASCADE,
    user_id       uuid REFERENCES users (id) ON DELETE CASCADE,
    status        text NOT NULL DEFAULT 'pending',
    retry_count   integer NOT NULL DEFAULT 0,
    max_retries   integer NOT NULL DEFAULT 3,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    processed_at  timestamptz
$$);
SELECT snowflake_sync_require_type('snowflake_sync_queue', 'id', '{uuid}');
SELECT snowflake_sync_require_type('snowflake_sync_queue', 'execution_id', '{text,character varying}');
SELECT snowflake_sync_require_type('snowflake_sync_queue', 'user_id', '{uuid}');

-- Never re-used, unlike an attempt's number: what a worker holds is known by it.
CREATE SEQUENCE IF NOT EXISTS snowflake_sync_claim_token_seq AS bigint;

SELECT snowflake_sync_ensure_columns('snowflake_sync_queue', $${
    {processed_at, "timestamptz"},
    {error_message, "text"},
    {configuration_id, "uuid REFERENCES snowflake_configurations (id) ON DELETE CASCADE"},
    {run_after, "timestamptz NOT NULL DEFAULT now()"},
    {error_code, "text"},
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
}$$);
