-- The application's users. Nothing that gives a power here stands among them (see 0004_logins): a password or a
-- super-user flag of the application is never read, and never written.
SELECT :schema.snowflake_sync_ensure_table('users', $$
    id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
$$);
SELECT :schema.snowflake_sync_ensure_columns('users', $${
    {email, "text"},
    {name, "text"},
    {is_active, "boolean NOT NULL DEFAULT true"}
}$$::text[]);
