-- Django's own key would keep the application from deleting a user who once used the admin.
DO $$
DECLARE
    former_key text;
BEGIN
    SELECT conname INTO former_key FROM pg_constraint
    WHERE conrelid = ':schema.django_admin_log'::regclass AND contype = 'f' AND confrelid = ':schema.users'::regclass;
    IF former_key IS NOT NULL THEN
        EXECUTE format('ALTER TABLE :schema.django_admin_log DROP CONSTRAINT %I', former_key);
    END IF;
    ALTER TABLE :schema.django_admin_log ADD CONSTRAINT snowflake_sync_admin_log_user_fkey
        FOREIGN KEY (user_id) REFERENCES :schema.users (id) ON DELETE CASCADE;
END
$$;
