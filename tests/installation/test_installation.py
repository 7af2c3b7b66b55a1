"""Installing on an empty database, on an application's, and on one with an earlier sync; going back; coming again."""

import re

import pytest
from django.apps import apps

from sync.installation.verify import check_installation
from sync.models import SyncFailure
from tests.installation.app import ANN, DOCUMENTED_CONFIGURATION, NOBODYS, App
from tests.installation.databases import NewDatabase
from tests.installation.server import Database, script
from tests.installation.snapshot import columns_of, snapshot

APPLICATION = script("application")
DOCUMENTED = script("application", "documented")
# Takes sync, admin, knox and accounts back, in the order of their dependencies.
DOWN = ("accounts", "zero")

# What the old function, its trigger, UNIQUE and CHECK were called by default, and what gave way for `user_id NULL`.
GIVES_WAY = {
    "function queue_execution_for_universal_snowflake_sync()",
    "trigger workflow_executions.trigger_queue_universal_snowflake_sync",
    "relation snowflake_sync_queue_execution_id_key",
    "constraint snowflake_sync_queue.snowflake_sync_queue_execution_id_key",
    "constraint snowflake_sync_queue.snowflake_sync_queue_status_check",
}


def missing_columns(database: Database) -> set[str]:
    """Columns of the models that are not there."""
    there = "SELECT table_name || '.' || column_name FROM information_schema.columns"
    names = {name for (name,) in database.rows(there)}
    models = [*apps.get_app_config("sync").get_models(), *apps.get_app_config("accounts").get_models()]
    wanted = {f"{m._meta.db_table}.{field.column}" for m in models for field in m._meta.concrete_fields}
    return wanted - names


def plain(dump: str) -> str:
    """PostgreSQL spells a varchar IN (…) in another way the second time that it reads it."""
    cast = re.compile(r"::(text|character varying)(\[\])?|[()]")
    return "\n".join(cast.sub("", line) if "ARRAY[" in line else line for line in dump.splitlines())


@pytest.mark.parametrize(
    "application",
    [
        pytest.param("", id="empty"),
        pytest.param(APPLICATION, id="application"),
        pytest.param(DOCUMENTED, id="documented", marks=pytest.mark.long),
    ],
)
def test_up_again_down_and_up(new_database: NewDatabase, application: str) -> None:
    database = new_database(application)
    before = database.dump()
    database.migrate(verbosity=0)
    installed = database.dump()
    assert not missing_columns(database)

    assert "No migrations to apply" in database.migrate()
    assert database.dump() == installed

    database.migrate(*DOWN, verbosity=0)
    assert plain(database.dump()) == plain(before)

    database.migrate(verbosity=0)
    assert plain(database.dump()) == plain(installed)


def test_nothing_of_the_applications_changes(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION)
    columns = columns_of(database)
    before = snapshot(database, columns)
    database.migrate(verbosity=0)
    assert before.missing_from(snapshot(database, columns)) == set()
    database.migrate(*DOWN, verbosity=0)
    assert before.missing_from(snapshot(database, columns)) == set()


def test_of_an_earlier_sync_only_what_is_in_the_way_changes(new_database: NewDatabase) -> None:
    database = new_database(DOCUMENTED)
    columns = columns_of(database)
    before = snapshot(database, columns)
    database.migrate(verbosity=0)
    assert before.missing_from(snapshot(database, columns)) == GIVES_WAY
    database.migrate(*DOWN, verbosity=0)
    # Made anew, so under another number: compared by its text in test_up_again_down_and_up.
    assert before.missing_from(snapshot(database, columns)) <= GIVES_WAY


@pytest.mark.parametrize("application", [APPLICATION, DOCUMENTED], ids=["application", "documented"])
def test_the_application_goes_on(new_database: NewDatabase, application: str) -> None:
    database = new_database(application, installed=True)
    with App(database) as app:
        app.start("new")
        app.progress("new")
        app.complete("new")
        app.start("nobody's", NOBODYS)
        app.complete("nobody's")
    with App(database, database.owner) as owner:
        owner.run(DOCUMENTED_CONFIGURATION, user=ANN)
    queued = "SELECT status, user_id::text, configuration_id FROM snowflake_sync_queue WHERE execution_id = "
    assert database.rows(queued + "'new'") == [("pending", ANN, None)]
    # The documented user_id is NOT NULL.
    assert (database.rows(queued + "'nobody''s'") == []) is (application is DOCUMENTED)
    active = """
        SELECT DISTINCT is_active, layout, breaker_state
        FROM snowflake_configurations JOIN snowflake_sync_destination_states ON configuration_id = id
    """
    assert database.rows(active) == [(True, "per_execution", "closed")]


def test_documented_statements_on_an_empty_database(new_database: NewDatabase) -> None:
    database = new_database(installed=True)
    database.run(f"INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com')", database.owner)
    with App(database, database.owner) as owner:
        owner.run(DOCUMENTED_CONFIGURATION, user=ANN)
    assert database.rows("SELECT count(*) FROM snowflake_configurations") == [(1,)]


def test_views_keep_their_readers(new_database: NewDatabase) -> None:
    database = new_database(DOCUMENTED)
    views = ("snowflake_sync_queue_summary", "snowflake_sync_failures", "failures_a_user")
    before = {view: database.rows(f"SELECT * FROM {view}", database.app) for view in views}
    database.migrate(verbosity=0)
    assert {view: sorted(database.rows(f"SELECT * FROM {view}", database.app)) for view in views} == {
        view: sorted(rows) for view, rows in before.items()
    }
    columns = {field.column for field in SyncFailure._meta.concrete_fields}
    named = "SELECT attname FROM pg_attribute WHERE attrelid = 'snowflake_sync_failures'::regclass AND attnum > 0"
    assert {name for (name,) in database.rows(named)} == columns


def test_a_user_who_used_the_admin_can_be_deleted(new_database: NewDatabase) -> None:
    database = new_database(APPLICATION, installed=True)
    database.run(
        f"""
        INSERT INTO django_admin_log (action_time, user_id, object_repr, action_flag, change_message)
        VALUES (now(), '{ANN}', '', 1, '');
        INSERT INTO snowflake_sync_api_tokens (digest, token_key, user_id) VALUES ('d', 'k', '{ANN}');
        INSERT INTO auth_group (id, name) VALUES (1, 'g');
        INSERT INTO snowflake_sync_user_groups (user_id, group_id) VALUES ('{ANN}', 1)
        """,
        database.owner,
    )
    with App(database) as app:
        assert app.run("DELETE FROM users WHERE id = %(id)s", id=ANN) == 1
    assert database.rows("SELECT count(*) FROM workflow_executions") == [(0,)]


def test_verify_sync_install_agrees(new_database: NewDatabase) -> None:
    """The owner is under FORCE ROW LEVEL SECURITY here, and the application's password is of no key of ours."""
    database = new_database(DOCUMENTED, installed=True)
    with database.as_django_database() as alias:
        failed = [finding.name for finding in check_installation(alias) if not finding.ok]
    assert failed == ["sight of workflow_executions", "sight of workflows", "secrets in plain text"]
    database.run(f"ALTER ROLE {database.owner} BYPASSRLS")
    try:
        with database.as_django_database() as alias:
            assert [finding.name for finding in check_installation(alias) if not finding.ok] == [
                "secrets in plain text"
            ]
    finally:
        database.run(f"ALTER ROLE {database.owner} NOBYPASSRLS")
