"""Installed, used and removed where everybody gets all rights on every new table: nobody gets at ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError

from sync.installation.finding import Finding
from sync.installation.verify import check_installation
from tests.installation.app import ANN
from tests.installation.server import Database, Server
from tests.installation.test_installation import DOWN
from tests.security.supabase import EARLIER, OPEN_ROLES, Supabase, supabase

OURS = """
SELECT c.relname, c.relkind FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
    AND c.relname NOT IN ('users', 'workflows', 'workflow_executions')
"""


@pytest.fixture
def project(server: Server, django_db_blocker: Any) -> Iterator[Supabase]:
    with django_db_blocker.unblock(), supabase(server, installed=True) as made:
        yield made


def findings(project: Supabase) -> dict[str, Finding]:
    with project.database.as_django_database() as alias:
        return {finding.name: finding for finding in check_installation(alias) if not finding.ok}


@pytest.mark.parametrize("role", OPEN_ROLES)
def test_each_attack(project: Supabase, role: str) -> None:
    for attack in (
        f"INSERT INTO snowflake_sync_api_tokens (digest, token_key, user_id) VALUES ('d', 'k', '{ANN}')",
        f"INSERT INTO snowflake_sync_logins (user_id, is_staff, is_superuser) VALUES ('{ANN}', true, true)",
        "SELECT * FROM django_session",
        "INSERT INTO auth_group (name) VALUES ('mine')",
        "DELETE FROM django_migrations",
        """INSERT INTO snowflake_sync_install_log (action, kind, relation, name, definition)
        VALUES ('displaced', 'trigger', 'workflow_executions', 'x', 'DROP TABLE users')""",
        "SELECT user_email FROM snowflake_sync_failures",
        "SELECT * FROM snowflake_sync_queue_summary",
        "UPDATE snowflake_configurations SET account_identifier = 'mine'",
        "SELECT nextval('snowflake_sync_claim_token_seq')",
        "SELECT setval('snowflake_sync_workers_id_seq', 1)",
        "TRUNCATE snowflake_sync_history",
        "SELECT snowflake_sync_ensure_table('a', 'b int')",
        "SELECT snowflake_sync_restore_displaced('trigger', 'workflow_executions')",
    ):
        project.refuses(role, attack)
    # Every kind of right, on everything that we made.
    relations = project.database.rows(OURS)
    assert len(relations) > 35
    rights = {"S": "has_sequence_privilege('{}', '{}', 'SELECT, UPDATE, USAGE')"}
    every = "has_table_privilege('{}', '{}', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
    checks = [rights.get(kind, every).format(project.role(role), name) for name, kind in relations]
    assert set(project.database.rows(f"SELECT {', '.join(checks)}")[0]) == {False}


def test_rows_are_hidden_also_from_a_role_that_is_granted_everything_later(project: Supabase) -> None:
    project.database.run(f"INSERT INTO snowflake_sync_logins (user_id) VALUES ('{ANN}')", project.database.owner)
    everything = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {0}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {0}"
    project.database.run(everything.format(project.role("anon")), project.database.owner)
    assert project.act("anon", "SELECT * FROM snowflake_sync_logins") == []
    assert project.act("anon", "SELECT * FROM snowflake_sync_failures") == []
    project.refuses(
        "anon", f"INSERT INTO snowflake_sync_api_tokens (digest, token_key, user_id) VALUES ('d', 'k', '{ANN}')"
    )


def test_the_way_back_leaves_the_database_as_it_was(server: Server, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), supabase(server) as project:
        before = project.database.whole_dump()
        project.database.migrate(verbosity=0)
        assert findings(project) == {}
        with_an_item = "UPDATE workflow_executions SET status = 'completed'"
        project.database.run(
            f"INSERT INTO workflow_executions (execution_id, status) VALUES ('e', 'running'); {with_an_item}",
            project.database.owner,
        )
        assert project.database.rows("SELECT execution_id FROM snowflake_sync_queue") == [("e",)]
        project.database.run("DELETE FROM workflow_executions", project.database.owner)
        project.database.migrate(*DOWN, verbosity=0)
        assert project.database.whole_dump() == before


def test_a_function_of_an_earlier_sync_comes_back_with_its_rights(server: Server, django_db_blocker: Any) -> None:
    text = EARLIER.replace(":app", f"{server.prefix}_app")
    with django_db_blocker.unblock(), supabase(server, text) as project:
        rights = "SELECT proacl::text[] FROM pg_proc WHERE proname LIKE 'queue_execution%'"
        before = sorted(project.database.rows(rights)[0][0])
        project.database.migrate(verbosity=0)
        assert len(project.database.rows(rights)[0][0]) == 1
        project.database.migrate(*DOWN, verbosity=0)
        assert sorted(project.database.rows(rights)[0][0]) == before


def test_an_installation_that_is_open_is_named_and_closed(project: Supabase) -> None:
    anon = project.role("anon")
    project.database.run(
        f"""
        GRANT ALL ON ALL TABLES IN SCHEMA public TO {anon};
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {anon};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
        GRANT SELECT (digest) ON snowflake_sync_api_tokens TO {project.role("authenticated")};
        ALTER TABLE snowflake_sync_logins DISABLE ROW LEVEL SECURITY;
        ALTER VIEW snowflake_sync_failures RESET (security_invoker)
        """,
        project.database.owner,
    )
    found = findings(project)
    assert "REVOKE ALL ON TABLE public.django_session FROM" in found["access to public.django_session"].remedy
    assert anon in found["access to public.snowflake_sync_install_log"].detail
    assert {f"access to public.{name}" for name, _ in project.database.rows(OURS)} <= set(found)
    assert "PUBLIC" in found["access to public.snowflake_sync_log_displaced(text,text,text,text)"].detail

    printed = project.database.migrate()
    assert f"Closed public.django_session ({anon}: " in printed.replace('"', "")
    # What stood in the log while others could write to it is not believed.
    assert set(findings(project)) == {"install log"}
    for role in OPEN_ROLES:
        project.refuses(role, "SELECT * FROM snowflake_sync_logins")
    with pytest.raises(CommandError, match=r"Others could write to public\.snowflake_sync_install_log"):
        project.database.migrate(*DOWN, verbosity=0)
    project.database.run("COMMENT ON TABLE snowflake_sync_install_log IS NULL", project.database.owner)
    assert findings(project) == {}
    project.database.migrate(*DOWN, verbosity=0)


def test_a_role_that_is_not_there_cannot_be_let_in(project: Supabase) -> None:
    with pytest.raises(CommandError, match="There is no role nobody_of_this_name"):
        project.database.migrate(verbosity=0, worker_role="nobody_of_this_name")


def test_what_others_wrote_into_an_open_log_is_not_done(project: Supabase) -> None:
    anon = project.role("anon")
    log = "snowflake_sync_install_log"
    project.database.run(
        f"GRANT ALL ON {log} TO {anon}; ALTER TABLE {log} DISABLE ROW LEVEL SECURITY", project.database.owner
    )
    project.act(
        "anon",
        f"""INSERT INTO {log} (action, kind, relation, name, definition) VALUES
        ('created', 'table', 'users', 'users', NULL),
        ('displaced', 'trigger', 'workflow_executions', 'x', 'DROP TABLE users')""",
    )
    for _ in range(2):
        with pytest.raises(CommandError, match="Look at every row"):
            project.database.migrate(*DOWN, verbosity=0)
    project.database.migrate(verbosity=0)
    # Nor is the application's table taken for ours: its grants stay.
    assert project.act("anon", "SELECT * FROM users") == []
    assert project.database.rows("SELECT count(*) FROM users") == [(1,)]


@pytest.mark.parametrize("before", [(), ("accounts", "0001_snowflake_sync_users")], ids=["new", "begun before"])
def test_what_the_owner_grants_on_the_application_s_tables_stays(
    server: Server, django_db_blocker: Any, before: tuple[str, ...]
) -> None:
    """Where there were none, and the application's role gets all rights on every new table."""
    with django_db_blocker.unblock():
        database = server.new("")
        default = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT ALL ON TABLES TO {}"
        database.run(default.format(database.owner, database.app))
        database.migrate(*before, verbosity=0)
        if before:
            database.run(f"GRANT ALL ON users TO {database.app}", database.owner)
            database.migrate(verbosity=0)
        assert _may_read(database) == {False}
        database.run(f"GRANT ALL ON users, workflows, workflow_executions TO {database.app}", database.owner)
        database.migrate(verbosity=0)
        assert _may_read(database) == {True}
        server.drop(database)


def _may_read(database: Database) -> set[bool]:
    names = "unnest('{users, workflows, workflow_executions}'::text[])"
    return {
        may
        for (may,) in database.rows(
            f"SELECT has_table_privilege('{database.app}', name, 'SELECT') FROM {names} AS name"
        )
    }
