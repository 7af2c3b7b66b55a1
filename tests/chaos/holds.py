"""Holding workers at their steps in PostgreSQL, so that they can be killed in the middle of one."""

from tests.chaos.application import Owner
from tests.chaos.fleet import WorkerProcess
from tests.chaos.waiting import until
from tests.chaos.world import World

# While a row says so, whoever takes this step for an owner waits in it: in the statement itself, or in its COMMIT, and
# says so in its connection's name. A client that is killed meanwhile leaves a backend behind, which goes on to the end
# of what it was told.
_INSTALL = """
CREATE TABLE chaos_holds (owner uuid PRIMARY KEY, step text NOT NULL);

-- Reads one table or the other, since a test locks workflows.
CREATE FUNCTION chaos_owner(about jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    IF about ? 'configuration_id' THEN
        RETURN (SELECT user_id FROM snowflake_configurations WHERE id = (about ->> 'configuration_id')::uuid);
    END IF;
    RETURN (SELECT user_id FROM workflows WHERE id = (about ->> 'workflow_id')::uuid);
END
$$;

CREATE FUNCTION chaos_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    about jsonb := to_jsonb(NEW);
    waits text;
BEGIN
    SELECT format('%s: %s', split_part(current_setting('application_name'), ':', 1), hold.step) INTO waits
    FROM chaos_holds AS hold
    WHERE hold.step = TG_ARGV[0] AND hold.owner = chaos_owner(about);
    IF FOUND THEN
        PERFORM set_config('application_name', waits, false);
        WHILE EXISTS (SELECT FROM chaos_holds WHERE step = TG_ARGV[0]) LOOP
            PERFORM pg_sleep(0.02);
        END LOOP;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER chaos_route BEFORE INSERT ON snowflake_sync_queue FOR EACH ROW
    WHEN (NEW.configuration_id IS NOT NULL)
    EXECUTE FUNCTION chaos_hold('route');
CREATE TRIGGER chaos_claim BEFORE UPDATE ON snowflake_sync_queue FOR EACH ROW
    WHEN (OLD.status = 'pending' AND NEW.status = 'processing')
    EXECUTE FUNCTION chaos_hold('claim');
CREATE CONSTRAINT TRIGGER chaos_claimed AFTER UPDATE ON snowflake_sync_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'pending' AND NEW.status = 'processing')
    EXECUTE FUNCTION chaos_hold('claimed');
CREATE CONSTRAINT TRIGGER chaos_read AFTER UPDATE ON snowflake_sync_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'pending' AND NEW.status = 'processing')
    EXECUTE FUNCTION chaos_hold('read');
CREATE TRIGGER chaos_register BEFORE INSERT ON snowflake_sync_tables FOR EACH ROW
    EXECUTE FUNCTION chaos_hold('register');
CREATE TRIGGER chaos_note BEFORE UPDATE ON snowflake_sync_tables FOR EACH ROW EXECUTE FUNCTION chaos_hold('note');
CREATE TRIGGER chaos_finish BEFORE UPDATE ON snowflake_sync_queue FOR EACH ROW
    WHEN (OLD.status = 'processing' AND NEW.status = 'completed')
    EXECUTE FUNCTION chaos_hold('finish');
CREATE TRIGGER chaos_record BEFORE INSERT ON snowflake_sync_attempts FOR EACH ROW EXECUTE FUNCTION chaos_hold('record');
CREATE TRIGGER chaos_tell BEFORE UPDATE ON workflow_executions FOR EACH ROW
    WHEN (NEW.snowflake_status = 'completed')
    EXECUTE FUNCTION chaos_hold('tell');
CREATE CONSTRAINT TRIGGER chaos_finished AFTER UPDATE ON snowflake_sync_queue
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.status = 'processing' AND NEW.status = 'completed')
    EXECUTE FUNCTION chaos_hold('finished');
"""
_REMOVE = """
DROP FUNCTION chaos_hold() CASCADE;
DROP FUNCTION chaos_owner(jsonb);
DROP TABLE chaos_holds;
"""
_HELD = """
SELECT split_part(application_name, ': ', 2), split_part(application_name, ': ', 1) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event = 'PgSleep'
"""
_CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND split_part(application_name, ':', 1) = ANY(%s)
"""
_WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND split_part(application_name, ':', 1) = %s AND wait_event_type = 'Lock'
"""

# A worker's main thread takes the first, its loading threads the others. `claimed`, `finished`: in COMMIT.
MAIN = ("route", "claim", "claimed", "read")
LOADING = ("register", "note", "finish", "record", "tell", "finished")


def install(world: World) -> None:
    world.tell(_INSTALL)


def hold(world: World, step: str, owner: Owner) -> None:
    """From now on whoever takes this step for this owner waits."""
    world.tell("INSERT INTO chaos_holds VALUES (%s, %s)", (owner.user_id, step))


def held(world: World) -> dict[str, str]:
    """The steps at which somebody waits, and the worker's name."""
    return dict(world.rows(_HELD))


def release(world: World, *workers: WorkerProcess, but: str = "") -> None:
    """What these killed workers have told PostgreSQL to do goes on, to its end; one step may stay held."""
    world.tell("DELETE FROM chaos_holds WHERE step <> %s", (but,))
    names = [worker.name for worker in workers]
    until(lambda: not world.rows(_CONNECTED, (names,))[0][0], "the killed workers are gone from PostgreSQL")


def waits_for_a_lock(world: World, worker: WorkerProcess) -> bool:
    return bool(world.rows(_WAITS, (worker.name,))[0][0])


def remove(world: World) -> None:
    """As if nothing had been installed."""
    world.tell(_REMOVE)
