-- As pair 0019 has them.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_destination_changed() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.breaker_state := 'closed';
    NEW.breaker_until := NULL;
    NEW.breaker_code := NULL;
    NEW.breaker_reason := NULL;
    NEW.breaker_failures := 0;
    NEW.last_login_at := NULL;
    NEW.trial_until := NULL;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER snowflake_sync_destination_changed
    BEFORE UPDATE ON :schema.snowflake_configurations
    FOR EACH ROW
    WHEN (
        (NOT OLD.is_active AND NEW.is_active)
        OR OLD.account_identifier IS DISTINCT FROM NEW.account_identifier
        OR OLD.warehouse IS DISTINCT FROM NEW.warehouse
        OR OLD.database IS DISTINCT FROM NEW.database
        OR OLD.schema IS DISTINCT FROM NEW.schema
        OR OLD.role IS DISTINCT FROM NEW.role
        OR OLD.username IS DISTINCT FROM NEW.username
        OR OLD.auth_method IS DISTINCT FROM NEW.auth_method
        OR OLD.password_encrypted IS DISTINCT FROM NEW.password_encrypted
        OR OLD.private_key_encrypted IS DISTINCT FROM NEW.private_key_encrypted
        OR OLD.token_encrypted IS DISTINCT FROM NEW.token_encrypted
    )
    EXECUTE FUNCTION :schema.snowflake_sync_destination_changed();

SELECT :schema.snowflake_sync_remove_columns(
    'snowflake_configurations',
    '{private_key_slot, next_private_key_encrypted, settings_version, check_refusals, check_refused_at}'::text[]
);
