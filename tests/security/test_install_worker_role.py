"""The owner migrates; worker and web log in as a role that owns nothing, with the application's rows guarded.

The role's rights are those that docs/operations.md prints.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.installation.app import ANN, App
from tests.installation.at_work import Installation
from tests.installation.server import Server, script
from tests.processes import web_server

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@pytest.fixture
def role(server: Server) -> Iterator[str]:
    """Its name; made by what the documentation prints, and dropped after the database is."""
    name = f"{server.prefix}_worker"
    server.admin(f"CREATE ROLE {name} LOGIN PASSWORD 'for-tests-only'")
    yield name
    server.admin(f"DROP ROLE {name}")


def documented(role: str) -> str:
    """What the documentation has the application's owner run, without the role itself."""
    (printed,) = re.findall(r"```sql\nCREATE ROLE sync_worker[^\n]*\n(.*?)```", _DOCUMENT.read_text(), re.DOTALL)
    return str(printed).replace("sync_worker", role)


def _installed(role: str, install: Callable[[str], Installation], application: tuple[str, ...]) -> Installation:
    # The trigger's function acts as the owner, whom FORCE would hide the workflows from.
    earlier = script(*application).replace("FORCE ROW LEVEL", "NO FORCE ROW LEVEL")
    installed = install(re.sub(r"INSERT INTO snowflake_configurations.*?;", "", earlier, flags=re.DOTALL))
    installed.more |= {"DATABASE_URL": installed.database.environment(role)["DATABASE_URL"]}
    installed.database.run(documented(role), installed.database.owner)
    return installed


@pytest.mark.parametrize(
    "application",
    [
        pytest.param(("application",), id="new"),
        pytest.param(("application", "documented"), id="earlier sync", marks=pytest.mark.long),
    ],
)
def test_worker_and_web_as_a_role_that_owns_nothing(
    role: str, install: Callable[[str], Installation], application: tuple[str, ...]
) -> None:
    installed = _installed(role, install, application)
    database = installed.database
    code, said = installed.manage("verify_sync_install")
    assert (code, "--worker-role" in said) == (1, True), said

    assert "Closed" not in database.migrate(worker_role=role)
    code, said = installed.manage("verify_sync_install")
    assert code == 0, said
    installed.destination(ANN)
    database.run("DELETE FROM workflow_executions")
    with App(database) as app:
        app.start("e")
        app.complete("e")
    code, said = installed.manage("run_sync_worker", "--once")
    assert code == 0, said
    assert installed.rows("SELECT snowflake_status, snowflake_row_count FROM workflow_executions") == [("completed", 1)]
    code, token = installed.manage("create_api_token", "ann@example.com", "--name", "t")
    assert code == 0, token
    with web_server(more=database.environment(role) | {"DEBUG": "true"}) as (port, _):
        ready = requests.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
        assert ready.json()["checks"]["database"]["ok"], ready.text
        assert ready.json()["checks"]["migrations"]["ok"], ready.text
        answer = requests.get(
            f"http://127.0.0.1:{port}/api/snowflake-sync/queue",
            headers={"Authorization": f"Bearer {token.split()[-1]}"},
            timeout=30,
        )
        assert [item["execution_id"] for item in answer.json()["items"]] == ["e"], answer.text
        login = requests.get(f"http://127.0.0.1:{port}/log-in", timeout=30)
        assert login.status_code == 200

    # What a later migration makes is given, too, without being asked for; and nobody complains of the role.
    database.run(f"REVOKE ALL ON snowflake_sync_sweep FROM {role}; DROP POLICY {role} ON snowflake_sync_sweep")
    database.migrate(verbosity=0)
    installed.more.clear()
    for environment in ({}, {"DATABASE_URL": database.environment(role)["DATABASE_URL"]}):
        code, said = installed.manage("verify_sync_install", **environment)
        assert code == 0, said
    # The log is the owner's: going back does what stands there.
    written = "has_table_privilege('{0}', 'snowflake_sync_install_log', 'INSERT, UPDATE, DELETE, TRUNCATE')"
    assert database.rows(f"SELECT {written.format(role)}") == [(False,)]


# Leaves no row of the only result that there is.
_RULE = """
INSERT INTO snowflake_sync_rule_versions (configuration_id, version, rules) VALUES ('{}', 1,
    '[{{"name": "r", "kind": "rows", "where": {{"column": "n", "operator": "gt", "value": 1}}}}]')
"""
_LET_GO_ON = "UPDATE snowflake_sync_destination_states SET breaker_state = 'closed', breaker_until = NULL"


def test_a_role_that_does_not_see_the_rules_loads_nothing(role: str, install: Callable[[str], Installation]) -> None:
    """It would take rules that it does not see for none, and load what they leave out."""
    installed = _installed(role, install, ("application",))
    database = installed.database
    assert "Closed" not in database.migrate(worker_role=role)
    destination = installed.destination(ANN).pk
    database.run("DELETE FROM workflow_executions; DELETE FROM snowflake_sync_inbox;" + _RULE.format(destination))
    with App(database) as app:
        app.start("e")
        app.complete("e")
    # Gone; and there, but for other destinations only.
    for hide in (
        f"DROP POLICY {role} ON snowflake_sync_rule_versions",
        f"CREATE POLICY {role} ON snowflake_sync_rule_versions TO {role} USING (configuration_id <> '{destination}')",
    ):
        database.run(f"{hide}; {_LET_GO_ON}")
        code, said = installed.manage("run_sync_worker", "--once")
        assert "all rows of snowflake_sync_rule_versions" in said
        assert installed.rows("SELECT snowflake_table_name FROM workflow_executions") == [(None,)]
        code, said = installed.manage("verify_sync_install")
        assert (code, "snowflake_sync_rule_versions" in said) == (1, True), said

    database.run(f"DROP POLICY {role} ON snowflake_sync_rule_versions; {_LET_GO_ON}")
    database.migrate(verbosity=0)
    code, said = installed.manage("run_sync_worker", "--once")
    assert code == 0, said
    assert installed.rows("SELECT snowflake_status, snowflake_row_count FROM workflow_executions") == [("completed", 0)]
