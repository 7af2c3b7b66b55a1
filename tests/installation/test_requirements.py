"""Where it cannot be installed it says why and what to do, all at once, and does nothing."""

import pytest
from django.core.management import CommandError

from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script

APPLICATION = script("application")
DOCUMENTED = script("application", "documented")


def refusal(database: Database) -> str:
    """What migrate says; nothing but Django's own tables may have come of it."""
    before = database.dump()
    with pytest.raises(CommandError) as refused:
        database.migrate(verbosity=0)
    assert database.dump() == before
    return str(refused.value)


# Without what depends on the key.
TABLES = APPLICATION[: APPLICATION.index("CREATE TABLE execution_logs")]
UNIQUE_INDEX = "CREATE UNIQUE INDEX workflow_executions_execution_id_unique ON workflow_executions (execution_id)"

CASES = {
    "integer users": (
        "CREATE TABLE users (id integer PRIMARY KEY, email text)",
        "Column users.id is of type integer. Change it to uuid.",
    ),
    "json results": (
        APPLICATION.replace("result_rows       jsonb", "result_rows json"),
        "Column workflow_executions.result_rows is of type json. Change it to jsonb.",
    ),
    "no unique execution_id": (
        TABLES.replace(UNIQUE_INDEX, ""),
        "Make it so: CREATE UNIQUE INDEX CONCURRENTLY ON workflow_executions (execution_id);",
    ),
    "partly unique execution_id": (
        TABLES.replace(UNIQUE_INDEX, f"{UNIQUE_INDEX} WHERE status <> 'failed'"),
        "Column workflow_executions.execution_id is not unique.",
    ),
    "partitioned by something else": (
        """CREATE TABLE workflow_executions (id uuid, execution_id text, status text, created_at timestamptz)
        PARTITION BY RANGE (created_at)""",
        "can only be made so if workflow_executions is partitioned by it, by hash or by range: CREATE UNIQUE INDEX ON",
    ),
    "a table that inherits": (
        f"{APPLICATION}; CREATE TABLE old_executions () INHERITS (workflow_executions)",
        "old_executions: inherits from workflow_executions, whose keys and triggers do not hold for its rows.",
    ),
    "a name of ours": (
        "CREATE TABLE snowflake_sync_sweep (id integer)",
        "snowflake_sync_sweep is there already. Give it another name.",
    ),
    "a view": ("CREATE VIEW users AS SELECT 1 AS id", "users is a view. Give it another name."),
    "no id": ("CREATE TABLE workflows (key uuid PRIMARY KEY)", "Table workflows has no column id. Add it."),
    "a queue that wants to know more": (
        DOCUMENTED + "ALTER TABLE snowflake_sync_queue ALTER retry_count DROP DEFAULT",
        "Column snowflake_sync_queue.retry_count has no default. Give it one:",
    ),
    "a key to UNIQUE (execution_id)": (
        DOCUMENTED + "CREATE TABLE notes (item varchar(255) REFERENCES snowflake_sync_queue (execution_id))",
        "Drop it: ALTER TABLE public.notes DROP CONSTRAINT notes_item_fkey;",
    ),
    "a view with less": (
        DOCUMENTED.replace("    AVG(retry_count) AS avg_retries\n", "    1 AS one\n"),
        "View snowflake_sync_queue_summary has no avg_retries.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_in_the_way(new_database: NewDatabase, case: str) -> None:
    application, said = CASES[case]
    assert said in refusal(new_database(application))


def test_tables_in_another_schema(new_database: NewDatabase) -> None:
    database = new_database("CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.users (id uuid PRIMARY KEY)")
    database.run(f"ALTER DATABASE {database.name} SET search_path = public, elsewhere")
    assert "Table users is in schema elsewhere, but new ones would go to public." in refusal(database)


def test_several_items_of_one_execution(new_database: NewDatabase) -> None:
    without_unique = DOCUMENTED.replace("ON DELETE CASCADE UNIQUE,", "ON DELETE CASCADE,")
    twice = """
        INSERT INTO snowflake_sync_queue (execution_id, user_id) SELECT execution_id, user_id FROM snowflake_sync_queue
    """
    assert "several items of one execution, 40 times" in refusal(new_database(without_unique + twice))


def test_somebody_elses_tables(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION)
    database.run("ALTER TABLE workflows OWNER TO CURRENT_USER")
    assert f"Run migrate as that role, or: GRANT {database.server['user']} TO {database.owner};" in refusal(database)


def test_everything_is_said_at_once(new_database: NewDatabase) -> None:
    application = "CREATE TABLE users (id int); CREATE TABLE workflows (id int, user_id int)"
    said = refusal(new_database(application))
    assert said.startswith("Universal Snowflake Sync cannot be installed in this database:\n")
    assert len(said.splitlines()) == 6


def test_what_was_put_right_installs(new_database: NewDatabase) -> None:
    database = new_database("CREATE TABLE users (id integer, email text)")
    refusal(database)
    database.run("ALTER TABLE users DROP id, ADD id uuid PRIMARY KEY DEFAULT gen_random_uuid()", database.owner)
    database.migrate(verbosity=0)
