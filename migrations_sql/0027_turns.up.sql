-- Whose turn it is: a row a destination that may have something due. It stands in line, with a `turn`, or sleeps until
-- `due_at`. Whoever makes an item due, or a destination ready, appends a row that sleeps until then, in the same
-- transaction: a plain INSERT, which waits for nobody and makes nobody wait. Only workers move and remove rows. All of it
-- can be made again from the items, and the sweep does so.
-- A row is never updated: it is replaced. So an index leads to one version of it, also while an old snapshot somewhere
-- keeps the others.
CREATE TABLE IF NOT EXISTS :schema.snowflake_sync_turns (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    configuration_id uuid NOT NULL,
    due_at           timestamptz NOT NULL,
    -- Of the items without a batch key, none is due that became so before.
    scan_start       timestamptz NOT NULL DEFAULT '-infinity',
    -- In line: the destination's owner, and the round in which it is served. A round has one turn for each user.
    user_id          uuid,
    turn             bigint,
    -- The batch key that was served last.
    batch_key        text
);
-- Who is next.
CREATE INDEX IF NOT EXISTS snowflake_sync_turns_line_idx
    ON :schema.snowflake_sync_turns (turn, id) WHERE turn IS NOT NULL;
-- Where a destination stands, and where the last of a user's does.
CREATE INDEX IF NOT EXISTS snowflake_sync_turns_destination_idx
    ON :schema.snowflake_sync_turns (configuration_id, turn) WHERE turn IS NOT NULL;
CREATE INDEX IF NOT EXISTS snowflake_sync_turns_user_idx
    ON :schema.snowflake_sync_turns (user_id, turn) WHERE turn IS NOT NULL;
-- Who wakes next.
CREATE INDEX IF NOT EXISTS snowflake_sync_turns_asleep_idx
    ON :schema.snowflake_sync_turns (due_at, id) WHERE turn IS NULL;

-- due_at is not before now: workers remember up to when they have woken everybody. Whoever makes an item due fails with
-- this, rather than wait for long for whoever has locked all turns: an item without a turn would wait for the sweep.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_items_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
BEGIN
    INSERT INTO :schema.snowflake_sync_turns (configuration_id, due_at, scan_start)
    SELECT item.configuration_id, greatest(min(item.run_after), clock_timestamp()), min(item.run_after)
    FROM inserted AS item
    WHERE item.status = 'pending' AND item.configuration_id IS NOT NULL
    GROUP BY item.configuration_id;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_items_due() FROM PUBLIC;

CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_item_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
-- The table was small when this was planned.
SET enable_seqscan = off
AS $$
DECLARE
    now CONSTANT timestamptz := clock_timestamp();
    noted timestamptz;
BEGIN
    -- Of what a transaction makes due at once, its first row tells of all: a large UPDATE by hand appends one a second and
    -- destination, and another if its items come in another order.
    IF NEW.run_after <= now THEN
        SELECT min(turns.scan_start) INTO noted
        FROM :schema.snowflake_sync_turns AS turns
        WHERE turns.configuration_id = NEW.configuration_id AND turns.turn IS NULL
            AND turns.due_at BETWEEN now - interval '1 second' AND now
            AND turns.xmin = pg_current_xact_id()::xid;
        IF noted <= NEW.run_after THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO :schema.snowflake_sync_turns (configuration_id, due_at, scan_start)
    VALUES (
        NEW.configuration_id, greatest(NEW.run_after, now),
        CASE WHEN noted IS NULL THEN NEW.run_after ELSE '-infinity' END
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_item_due() FROM PUBLIC;

-- It never fails whoever changes a destination, and never holds them up for longer than lock_timeout: a turn that is
-- missing, the sweep makes.
CREATE OR REPLACE FUNCTION :schema.snowflake_sync_note_ready() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    destination uuid;
BEGIN
    IF TG_TABLE_NAME = 'snowflake_configurations' THEN
        destination := NEW.id;
    ELSE
        destination := NEW.configuration_id;
    END IF;
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
    IF current_setting('snowflake_sync.unready', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    INSERT INTO :schema.snowflake_sync_turns (configuration_id, due_at) VALUES (destination, clock_timestamp());
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    PERFORM set_config('snowflake_sync.unready', pg_current_xact_id()::text, true);
    RAISE WARNING 'Universal Snowflake Sync: it was not noted that destination % may have work now: %',
        destination, SQLERRM
        USING HINT = 'The sweep notes it within two minutes, also of what else is changed in this transaction.';
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION :schema.snowflake_sync_note_ready() FROM PUBLIC;

CREATE OR REPLACE TRIGGER snowflake_sync_items_due
    AFTER INSERT ON :schema.snowflake_sync_queue
    REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT
    EXECUTE FUNCTION :schema.snowflake_sync_note_items_due();

-- Row by row, since claims and completions then pay for no more than the condition.
CREATE OR REPLACE TRIGGER snowflake_sync_item_due
    AFTER UPDATE ON :schema.snowflake_sync_queue
    FOR EACH ROW
    WHEN (
        NEW.status = 'pending' AND NEW.configuration_id IS NOT NULL AND (
            OLD.status <> 'pending'
            OR NEW.run_after < OLD.run_after
            OR NEW.configuration_id IS DISTINCT FROM OLD.configuration_id
            OR NEW.batch_key IS DISTINCT FROM OLD.batch_key
        )
    )
    EXECUTE FUNCTION :schema.snowflake_sync_note_item_due();

-- A pause or a trial ended early, it logged in for the first time, or it was changed or switched on.
CREATE OR REPLACE TRIGGER snowflake_sync_destination_ready
    AFTER UPDATE ON :schema.snowflake_sync_destination_states
    FOR EACH ROW
    WHEN (
        NEW.settings_version <> OLD.settings_version
        OR (NEW.breaker_state = 'closed' AND OLD.breaker_state <> 'closed')
        OR NEW.breaker_until IS DISTINCT FROM OLD.breaker_until
        OR (NEW.trial_until IS NULL AND OLD.trial_until IS NOT NULL)
        OR (NEW.last_login_at IS NOT NULL AND OLD.last_login_at IS NULL)
    )
    EXECUTE FUNCTION :schema.snowflake_sync_note_ready();

-- What waits for a window need not wait for as long.
CREATE OR REPLACE TRIGGER snowflake_sync_interval_shortened
    AFTER UPDATE ON :schema.snowflake_configurations
    FOR EACH ROW
    WHEN (NEW.min_interval < OLD.min_interval)
    EXECUTE FUNCTION :schema.snowflake_sync_note_ready();

-- Whoever waits already.
INSERT INTO :schema.snowflake_sync_turns (configuration_id, due_at)
SELECT id, now() FROM :schema.snowflake_configurations;
