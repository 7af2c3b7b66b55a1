"""Who has migrated the database stands with what else was changed."""

from tests.installation.databases import NewDatabase
from tests.installation.server import Database


def entries(database: Database) -> list[str]:
    rows = database.rows("SELECT face, user_name, action, subject_kind, note FROM snowflake_sync_activity ORDER BY id")
    assert all(row[0] == "command" and row[1] and row[2:4] == ("migrated", "installation") for row in rows)
    return [str(row[4]).removesuffix(f" as role {database.owner}") for row in rows]


def test_each_run_that_changed_something_is_written_down(new_database: NewDatabase) -> None:
    database = new_database(installed=True)
    (first,) = entries(database)
    assert {"accounts.0001_snowflake_sync_users", "sync.0014_snowflake_sync_activity"} < set(first.split(", "))
    database.migrate()
    database.migrate(plan=True)
    assert entries(database) == [first]

    database.migrate(again=["0026_append", "0022_views"])
    assert entries(database)[1:] == ["again 0026_append, again 0022_views"]
    database.run(f"DELETE FROM snowflake_sync_activity; CREATE ROLE {database.owner}_let_in")
    try:
        database.migrate(worker_role=f"{database.owner}_let_in")
        assert entries(database) == [f"let in {database.owner}_let_in"]
    finally:
        database.run(f"DROP OWNED BY {database.owner}_let_in; DROP ROLE {database.owner}_let_in")

    database.migrate("sync", "0015")
    assert entries(database)[1].startswith("back from sync.00")
    database.migrate("sync", "0013")
    assert database.rows("SELECT to_regclass('snowflake_sync_activity') IS NULL") == [(True,)]
    database.migrate()
    assert entries(database)[0].startswith("sync.0014_snowflake_sync_activity, ")
