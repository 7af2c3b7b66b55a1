-- Who may log in here, and with which powers: in a table of ours, because an application may let its users edit their own
-- rows in `users`.
SELECT :schema.snowflake_sync_ensure_table('snowflake_sync_logins', $$
    user_id      uuid PRIMARY KEY REFERENCES :schema.users (id) ON DELETE CASCADE,
    password     varchar(128),
    last_login   timestamptz,
    is_staff     boolean NOT NULL DEFAULT false,
    is_superuser boolean NOT NULL DEFAULT false
$$);

-- An installation made before has them in columns of `users`.
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM :schema.snowflake_sync_install_log
        WHERE (action, kind, relation, name) = ('created', 'column', 'users', 'snowflake_sync_password')
    ) THEN
        RETURN;
    END IF;
    IF row_security_active(':schema.users') THEN
        RAISE EXCEPTION 'Row-level security hides rows of users, so that who may log in cannot be moved out of it'
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = format(
                'Until migrate has ended: ALTER ROLE %I BYPASSRLS; or ALTER TABLE :schema.users NO FORCE ROW LEVEL SECURITY;',
                current_user);
    END IF;
    INSERT INTO :schema.snowflake_sync_logins (user_id, password, last_login, is_staff, is_superuser)
    SELECT id, snowflake_sync_password, snowflake_sync_last_login, snowflake_sync_is_staff, snowflake_sync_is_superuser
    FROM :schema.users
    WHERE snowflake_sync_password IS NOT NULL OR snowflake_sync_is_staff OR snowflake_sync_is_superuser;
    ALTER TABLE :schema.users
        DROP COLUMN snowflake_sync_password,
        DROP COLUMN snowflake_sync_last_login,
        DROP COLUMN snowflake_sync_is_staff,
        DROP COLUMN snowflake_sync_is_superuser;
    DELETE FROM :schema.snowflake_sync_install_log
    WHERE action = 'created' AND kind = 'column' AND relation = 'users' AND name LIKE 'snowflake\_sync\_%';
END
$$;
