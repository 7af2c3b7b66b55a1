-- Whoever changes how a destination is reached, and by whatever means: its pause is over unless somebody paused it by
-- hand, and neither what it proved before nor the checks that were refused count any longer.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_destination_changed() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.breaker_code IS DISTINCT FROM 'paused_by_hand' THEN
        NEW.breaker_state := 'closed';
        NEW.breaker_until := NULL;
        NEW.breaker_code := NULL;
        NEW.breaker_reason := NULL;
        NEW.breaker_failures := 0;
    END IF;
    NEW.last_login_at := NULL;
    NEW.trial_until := NULL;
    NEW.settings_version := OLD.settings_version + 1;
    NEW.check_refusals := 0;
    NEW.check_refused_at := NULL;
    RETURN NEW;
END
$$;

-- The same secret, encrypted with another key, changes nothing of how a destination is reached: whoever does that
-- says so for the transaction (SET LOCAL snowflake_sync.same_secrets = 'on').
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
        OR (
            (
                OLD.password_encrypted IS DISTINCT FROM NEW.password_encrypted
                OR OLD.private_key_encrypted IS DISTINCT FROM NEW.private_key_encrypted
                OR OLD.token_encrypted IS DISTINCT FROM NEW.token_encrypted
            )
            AND current_setting('snowflake_sync.same_secrets', true) IS DISTINCT FROM 'on'
        )
    )
    EXECUTE FUNCTION :schema.snowflake_sync_destination_changed();
