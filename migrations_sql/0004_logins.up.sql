-- Who may log in here, and with which powers: in a table of ours, because an application may let its users edit their
-- own rows in `users`.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_logins (
    user_id      uuid PRIMARY KEY REFERENCES :schema.users (id) ON DELETE CASCADE,
    password     varchar(128),
    last_login   timestamptz,
    is_staff     boolean NOT NULL DEFAULT false,
    is_superuser boolean NOT NULL DEFAULT false
);
