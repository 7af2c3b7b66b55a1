SELECT snowflake_sync_ensure_table('workflow_executions', $$
    id                      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    execution_id            text NOT NULL UNIQUE,
    workflow_id             uuid REFERENCES workflows (id) ON DELETE CASCADE,
    status                  text NOT NULL DEFAULT 'pending',
    execution_parameters    jsonb,
    result_columns          jsonb,
    result_rows             jsonb,
    result_total_rows       integer,
    started_at              timestamptz,
    completed_at            timestamptz,
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    snowflake_enabled       boolean DEFAULT false,
    snowflake_table_name    text,
    snowflake_schema_name   text,
    snowflake_status        text,
    snowflake_error_message text,
    snowflake_uploaded_at   timestamptz,
    snowflake_row_count     integer
$$);
SELECT snowflake_sync_require_type('workflow_executions', 'execution_id', '{text,character varying}');
SELECT snowflake_sync_require_type('workflow_executions', 'result_columns', '{jsonb}');
SELECT snowflake_sync_require_type('workflow_executions', 'result_rows', '{jsonb}');
SELECT snowflake_sync_ensure_columns('workflow_executions', $${
    {workflow_id, "uuid"},
    {result_columns, "jsonb"},
    {result_rows, "jsonb"},
    {result_total_rows, "integer"},
    {started_at, "timestamptz"},
    {completed_at, "timestamptz"},
    {created_at, "timestamptz DEFAULT now()"},
    {updated_at, "timestamptz DEFAULT now()"},
    {execution_parameters, "jsonb"},
    {snowflake_enabled, "boolean DEFAULT false"},
    {snowflake_table_name, "text"},
    {snowflake_schema_name, "text"},
    {snowflake_status, "text"},
    {snowflake_error_message, "text"},
    {snowflake_uploaded_at, "timestamptz"},
    {snowflake_row_count, "integer"}
}$$);
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_index AS i
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = 'workflow_executions'::regclass
            AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND a.attname = 'execution_id'
    ) THEN
        RAISE EXCEPTION 'Column workflow_executions.execution_id is not unique'
            USING HINT = 'Make it so first: CREATE UNIQUE INDEX CONCURRENTLY ON workflow_executions (execution_id);';
    END IF;
END
$$;
