"""Earlier syncs differ: what is in the way gives way whatever it is called, and everything comes back."""

import uuid

import pytest

from tests.installation.app import ANN, App
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script
from tests.installation.test_installation import DOWN, plain
from tests.long import first

DOCUMENTED = script("application", "documented")
UNIQUE = "ON DELETE CASCADE UNIQUE,"
CHECK = "CHECK (status IN ('pending', 'processing', 'completed', 'failed'))"
UPSERT = "ON CONFLICT (execution_id) DO UPDATE SET status = 'pending', retry_count = 0, updated_at = NOW();"
TRIGGER = "AFTER UPDATE OF status ON workflow_executions"
NULLABLE = {"user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,\n    status": "user_id UUID,\n    status"}

VARIANTS = {
    "names": NULLABLE
    | {UNIQUE: "ON DELETE CASCADE CONSTRAINT one_item UNIQUE,", CHECK: f'CONSTRAINT "Known?" {CHECK}'},
    "unique-index": {
        UNIQUE: "ON DELETE CASCADE,",
        ") WITH (fillfactor = 90);": "); CREATE UNIQUE INDEX one_item ON snowflake_sync_queue (execution_id);",
        UPSERT: "ON CONFLICT (execution_id) DO NOTHING;",
        TRIGGER: "AFTER INSERT OR UPDATE ON workflow_executions",
    },
    "narrower-unique": NULLABLE
    | {
        UNIQUE: "ON DELETE CASCADE, UNIQUE (user_id, execution_id),",
        ") WITH (fillfactor = 90);": """);
            CREATE UNIQUE INDEX one_open ON snowflake_sync_queue (execution_id)
                WHERE status IN ('pending', 'processing');
        """,
        UPSERT: "ON CONFLICT (user_id, execution_id) DO UPDATE SET status = 'pending';",
    },
    "more-of-everything": {
        CHECK: """CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
            priority integer NOT NULL DEFAULT 0, CHECK (status <> 'completed' OR retry_count >= 0)""",
        "u.email AS user_email": "u.email AS user_email, q.priority + 1 AS rank",
        "EXECUTE FUNCTION queue_execution_for_universal_snowflake_sync();": """
            EXECUTE FUNCTION queue_execution_for_universal_snowflake_sync();
        ALTER TABLE workflow_executions ENABLE ALWAYS TRIGGER trigger_queue_universal_snowflake_sync;
        CREATE TRIGGER one_more AFTER INSERT ON workflow_executions
            FOR EACH ROW EXECUTE FUNCTION queue_execution_for_universal_snowflake_sync();
        CREATE CONSTRAINT TRIGGER trigger_queue_universal_snowflake_sync_insert AFTER INSERT ON workflow_executions
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION touch();
        ALTER TABLE workflow_executions DISABLE TRIGGER trigger_queue_universal_snowflake_sync_insert;""",
        "COMMENT ON FUNCTION": "REVOKE ALL ON FUNCTION queue_execution_for_universal_snowflake_sync() FROM PUBLIC;"
        "GRANT ALL ON FUNCTION queue_execution_for_universal_snowflake_sync() TO :app; COMMENT ON FUNCTION",
    },
    "identity": {CHECK: f"{CHECK}, number bigint GENERATED ALWAYS AS IDENTITY"},
    "own-trigger": {
        ") WITH (fillfactor = 90);": """) WITH (fillfactor = 90);
        CREATE TABLE audit (item_id uuid NOT NULL, at timestamptz DEFAULT now());
        CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql
            AS $f$ BEGIN INSERT INTO audit (item_id) VALUES (NEW.id); RETURN NULL; END $f$;
        CREATE TRIGGER audit AFTER INSERT ON snowflake_sync_queue FOR EACH ROW EXECUTE FUNCTION audit();""",
    },
    "fewer-columns": {
        "retry_count INTEGER NOT NULL DEFAULT 0,": "",
        "    error_message TEXT,\n    created_at": "    created_at",
    },
}
# Without the views and rows that name the columns.
SHORT = DOCUMENTED[: DOCUMENTED.index("CREATE OR REPLACE VIEW")].replace(
    UPSERT, "ON CONFLICT (execution_id) DO NOTHING;"
)


def variant(name: str) -> str:
    text = SHORT if name == "fewer-columns" else DOCUMENTED
    for old, new in VARIANTS[name].items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def take_several_destinations(database: Database) -> None:
    """What no earlier queue allows: an execution at two destinations, one of them skipped."""
    for status in ("pending", "skipped"):
        configuration = str(uuid.uuid4())
        database.run(
            f"""
            INSERT INTO snowflake_configurations
                (id, user_id, account_identifier, warehouse, database, schema, username)
            VALUES ('{configuration}', '{ANN}', 'a', 'b', 'c', 'd', 'e');
            INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, status)
            VALUES ('new', '{ANN}', '{configuration}', '{status}')
            """
        )


@pytest.mark.parametrize("name", first(4, VARIANTS))
def test_an_earlier_sync_gives_way_and_comes_back(new_database: NewDatabase, name: str) -> None:
    database = new_database(variant(name))
    before = database.dump()
    database.migrate(verbosity=0)
    with App(database) as app:
        app.start("new")
        app.complete("new")
        assert not app.warnings
    assert database.rows("SELECT status FROM snowflake_sync_queue WHERE execution_id = 'new'") == [("pending",)]
    take_several_destinations(database)

    database.migrate(*DOWN, verbosity=0)
    assert plain(database.dump()) == plain(before)
    assert database.rows("SELECT status FROM snowflake_sync_queue WHERE execution_id = 'new'") == [("pending",)]


def test_a_status_of_theirs_is_still_theirs(new_database: NewDatabase) -> None:
    database = new_database(variant("more-of-everything"))
    database.migrate(verbosity=0)
    database.run("UPDATE snowflake_sync_queue SET status = 'cancelled' WHERE status = 'failed'", database.owner)
    with pytest.raises(Exception, match="snowflake_sync_queue_status_known"):
        database.run("UPDATE snowflake_sync_queue SET status = 'unheard of'", database.owner)


def test_a_trigger_of_theirs_that_is_off_does_not_keep_ours_off(new_database: NewDatabase) -> None:
    off = "ALTER TABLE workflow_executions DISABLE TRIGGER trigger_queue_universal_snowflake_sync;"
    database = new_database(DOCUMENTED + off)
    database.migrate(verbosity=0)
    enabled = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'trigger_queue_universal_snowflake_sync'"
    assert database.rows(enabled) == [("O",)]
    database.migrate(*DOWN, verbosity=0)
    assert database.rows(enabled) == [("D",)]


def test_a_function_of_somebody_elses_acts_with_our_rights(new_database: NewDatabase) -> None:
    database = new_database(DOCUMENTED)
    owner = "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'queue_execution_for_universal_snowflake_sync'"
    database.run(f"ALTER FUNCTION queue_execution_for_universal_snowflake_sync() OWNER TO {database.app}")
    database.run(f"GRANT {database.app} TO {database.owner}; GRANT CREATE ON SCHEMA public TO {database.app}")
    try:
        database.migrate(verbosity=0)
        assert database.rows(owner) == [(database.owner,)]
        database.migrate(*DOWN, verbosity=0)
        assert database.rows(owner) == [(database.app,)]
    finally:
        database.run(f"REVOKE {database.app} FROM {database.owner}")
