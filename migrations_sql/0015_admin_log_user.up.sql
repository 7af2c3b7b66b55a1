-- Django's own key would keep the application from deleting a user who once used the admin.
DO $$
DECLARE
    django_key text;
BEGIN
    SELECT conname INTO django_key FROM pg_constraint
    WHERE conrelid = 'django_admin_log'::regclass AND contype = 'f' AND confrelid = 'users'::regclass;
    IF django_key IS NOT NULL THEN
        EXECUTE format('ALTER TABLE django_admin_log DROP CONSTRAINT %I', django_key);
    END IF;
    ALTER TABLE django_admin_log ADD CONSTRAINT snowflake_sync_admin_log_user_fkey
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
END
$$;
