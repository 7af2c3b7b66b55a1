-- The application's users. What this project needs of its own has names of its own: a password or a super-user flag
-- of the application is never read, and never written.
SELECT snowflake_sync_ensure_table('users', $$
    id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
$$);
SELECT snowflake_sync_ensure_columns('users', $${
    {email, "text"},
    {name, "text"},
    {is_active, "boolean NOT NULL DEFAULT true"},
    {snowflake_sync_password, "text"},
    {snowflake_sync_last_login, "timestamptz"},
    {snowflake_sync_is_staff, "boolean NOT NULL DEFAULT false"},
    {snowflake_sync_is_superuser, "boolean NOT NULL DEFAULT false"}
}$$);
