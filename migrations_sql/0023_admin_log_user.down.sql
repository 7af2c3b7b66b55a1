ALTER TABLE :schema.django_admin_log DROP CONSTRAINT IF EXISTS snowflake_sync_admin_log_user_fkey;
ALTER TABLE :schema.django_admin_log ADD CONSTRAINT django_admin_log_user_id_fk_users_id
    FOREIGN KEY (user_id) REFERENCES :schema.users (id) DEFERRABLE INITIALLY DEFERRED;
