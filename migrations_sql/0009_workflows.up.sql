SELECT :schema.snowflake_sync_ensure_table('workflows', $$
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workflow_id text NOT NULL UNIQUE,
    name        text NOT NULL,
    user_id     uuid REFERENCES :schema.users (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
$$);
SELECT :schema.snowflake_sync_ensure_columns('workflows', $${
    {workflow_id, "text"},
    {name, "text"},
    {user_id, "uuid"}
}$$::text[]);
