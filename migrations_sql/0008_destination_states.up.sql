-- How a destination is doing: a row a configuration. Workers write it, and never a row of settings.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_destination_states (
    configuration_id uuid PRIMARY KEY REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    -- How often what decides how the destination is reached has changed. What somebody finds out with earlier settings
    -- says nothing of these.
    settings_version integer NOT NULL DEFAULT 0,
    breaker_state    text NOT NULL DEFAULT 'closed' CHECK (breaker_state IN ('closed', 'open')),
    breaker_until    timestamptz,
    breaker_code     text,
    breaker_reason   text,
    breaker_failures integer NOT NULL DEFAULT 0,
    -- Somebody is trying whether the destination lets them in, at most until then.
    trial_until      timestamptz,
    last_login_at    timestamptz,
    -- With a min_interval, what was due then is being loaded.
    window_opened_at timestamptz,
    -- When staged files that were left behind were last looked for.
    stage_swept_at   timestamptz,
    last_check_at    timestamptz,
    last_check       jsonb,
    -- Checks by hand whose log-in was refused, and when the first of them was.
    check_refusals   integer NOT NULL DEFAULT 0,
    check_refused_at timestamptz
) WITH (fillfactor = 75);

-- Whoever makes a destination, and by whatever means: a row for it. It never fails whoever makes it, nor holds them up:
-- a row that is missing, the sweep makes.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_destination() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_destination_states (configuration_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: it was not noted that there is destination % now: %', NEW.id, SQLERRM
        USING HINT = 'The sweep notes it within two minutes.';
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_destination() FROM PUBLIC;

-- Whoever changes how a destination is reached, and by whatever means: its pause is over unless somebody paused it by
-- hand, and neither what it proved before nor the checks that were refused count any longer. The change waits for
-- this, and fails where this does: credentials that nobody has tried would otherwise pass for proven ones, and a few
-- refused log-ins lock a user.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_destination_states AS state (configuration_id, settings_version)
    VALUES (NEW.id, 1)
    ON CONFLICT (configuration_id) DO UPDATE
    SET settings_version = state.settings_version + 1, last_login_at = NULL, trial_until = NULL, check_refusals = 0,
        check_refused_at = NULL;
    UPDATE :schema.snowflake_sync_destination_states
    SET breaker_state = 'closed', breaker_until = NULL, breaker_code = NULL, breaker_reason = NULL, breaker_failures = 0
    WHERE configuration_id = NEW.id AND breaker_code IS DISTINCT FROM 'paused_by_hand';
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_change() FROM PUBLIC;

CREATE OR REPLACE TRIGGER snowflake_sync_destination_made
    AFTER INSERT ON :schema.snowflake_configurations
    FOR EACH ROW
    EXECUTE FUNCTION :schema.snowflake_sync_note_destination();

-- The same secret, encrypted with another key, changes nothing of how a destination is reached: whoever does that
-- says so for the transaction (SET LOCAL snowflake_sync.same_secrets = 'on').
CREATE OR REPLACE TRIGGER snowflake_sync_destination_changed
    AFTER UPDATE ON :schema.snowflake_configurations
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
    EXECUTE FUNCTION :schema.snowflake_sync_note_change();

-- Of the destinations that were there before.
INSERT INTO :schema.snowflake_sync_destination_states (configuration_id)
SELECT id FROM :schema.snowflake_configurations
ON CONFLICT DO NOTHING;
