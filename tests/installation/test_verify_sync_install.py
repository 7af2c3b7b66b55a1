"""verify_sync_install sees each thing that is broken, and what it says to do mends it."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from migrations_sql import DIRECTORY, closing, pinned
from sync import queue
from sync.installation.finding import Finding
from sync.installation.verify import check_installation

pytestmark = pytest.mark.django_db

TRIGGER = "trigger_queue_universal_snowflake_sync"
FUNCTION = "queue_execution_for_universal_snowflake_sync"


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def failed() -> dict[str, Finding]:
    return {finding.name: finding for finding in check_installation() if not finding.ok}


def mend(remedy: str) -> None:
    """Does what the finding says: a pair of SQL run again, or a statement."""
    if pairs := re.findall(r"manage.py migrate --again (.*)", remedy):
        for pair in pairs[0].split():
            # As in a migration, but within the test's transaction.
            text = (DIRECTORY / f"{pair}.up.sql").read_text()
            run(text.replace("CONCURRENTLY ", "").replace(":schema", "public"))
        close()
    elif role := re.findall(r"manage.py migrate --worker-role (.*)", remedy):
        let_in(role[0])
    else:
        run(remedy.partition(" Or all at once")[0].replace("CONCURRENTLY ", ""))


def close() -> None:
    with pinned(connection) as schema, connection.cursor() as cursor:
        closing.close(cursor, schema)


def let_in(role: str) -> None:
    with pinned(connection) as schema, connection.cursor() as cursor:
        closing.let_in(cursor, schema, role)
    close()


def test_a_fresh_installation_is_as_it_should_be() -> None:
    assert failed() == {}


@pytest.mark.parametrize(
    ("broken", "name", "detail"),
    [
        (f"DROP TRIGGER {TRIGGER} ON workflow_executions", f"trigger {TRIGGER}", "is not there"),
        (f"ALTER TABLE workflow_executions DISABLE TRIGGER {TRIGGER}_insert", f"trigger {TRIGGER}_insert", "off"),
        (f"ALTER TABLE workflow_executions ENABLE REPLICA TRIGGER {TRIGGER}", f"trigger {TRIGGER}", "off"),
        (f"ALTER FUNCTION {FUNCTION} SECURITY INVOKER", "function", "is not SECURITY DEFINER"),
        (f"ALTER FUNCTION {FUNCTION} RESET search_path", "function", "has no search_path"),
        (f"ALTER FUNCTION {FUNCTION} RESET lock_timeout", "function", "has no lock_timeout"),
        (
            f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "function",
            "is not the one that was installed",
        ),
        ("CREATE TABLE heir () INHERITS (workflow_executions)", "table heir", "inherits from workflow_executions"),
        ("DROP VIEW snowflake_sync_failures", "view snowflake_sync_failures", "is not there"),
        ("DROP INDEX snowflake_sync_queue_routable_idx", "index snowflake_sync_queue_routable_idx", "is not there"),
        ("DROP INDEX snowflake_sync_queue_batch_idx", "index snowflake_sync_queue_batch_idx", "is not there"),
        (
            "DROP TRIGGER snowflake_sync_destination_changed ON snowflake_configurations",
            "trigger snowflake_sync_destination_changed",
            "is not there",
        ),
        *(
            (f"DROP TRIGGER {trigger} ON {table}", f"trigger {trigger}", "is not there")
            for trigger, table in (
                ("snowflake_sync_items_due", "snowflake_sync_queue"),
                ("snowflake_sync_item_due", "snowflake_sync_queue"),
                ("snowflake_sync_destination_ready", "snowflake_sync_destination_states"),
                ("snowflake_sync_interval_shortened", "snowflake_configurations"),
                ("snowflake_sync_refuse_worker", "snowflake_sync_workers"),
            )
        ),
        (
            "DROP TRIGGER snowflake_sync_refuse_update ON snowflake_sync_inbox",
            "trigger snowflake_sync_refuse_update",
            "is not there",
        ),
        (
            "ALTER TABLE snowflake_sync_inbox NO INHERIT snowflake_sync_queue",
            "inbox",
            "is no child of snowflake_sync_queue",
        ),
        (
            "ALTER TABLE snowflake_sync_queue ADD CONSTRAINT one UNIQUE (execution_id)",
            "snowflake_sync_queue's one",
            "forbids several destinations",
        ),
        (
            "CREATE UNIQUE INDEX one ON snowflake_sync_queue (execution_id, user_id)",
            "snowflake_sync_queue's one",
            "forbids several destinations",
        ),
        (
            "ALTER TABLE snowflake_sync_queue ADD CONSTRAINT few CHECK (status IN ('pending', 'failed'))",
            "snowflake_sync_queue's few",
            "does not know the status",
        ),
        (
            "ALTER TABLE snowflake_sync_queue DROP COLUMN generation",
            "column snowflake_sync_queue.generation",
            "is not there",
        ),
        (
            "ALTER TABLE workflow_executions ALTER result_total_rows TYPE text",
            "column workflow_executions.result_total_rows",
            "is of type text",
        ),
        (
            "ALTER TABLE workflow_executions ALTER started_at TYPE date",
            "column workflow_executions.started_at",
            "is of type date",
        ),
        (
            "ALTER TABLE workflow_executions ALTER snowflake_error_message TYPE varchar(100)",
            "column workflow_executions.snowflake_error_message",
            "is too narrow: character varying(100)",
        ),
    ],
)
def test_what_is_broken_is_seen_and_mended(broken: str, name: str, detail: str) -> None:
    run(broken)
    findings = failed()
    assert set(findings) == {name}
    assert detail in findings[name].detail
    remedy = findings[name].remedy
    if "TYPE integer" in remedy:
        remedy = remedy.replace(";", " USING NULL")
    mend(remedy)
    assert failed() == {}


@pytest.mark.parametrize(
    ("broken", "name", "remedy"),
    [
        ("DROP TABLE snowflake_sync_sweep", "rights", "FAILED"),
        ("DROP TABLE snowflake_sync_tables", "table snowflake_sync_tables", "backup"),
        (
            "DROP VIEW snowflake_sync_queue_summary; CREATE VIEW snowflake_sync_queue_summary AS SELECT 1 AS count",
            "column snowflake_sync_queue_summary.status",
            "Give the view another name",
        ),
        (
            f"""DROP TRIGGER {TRIGGER} ON workflow_executions;
            CREATE TRIGGER {TRIGGER} AFTER DELETE ON workflow_executions FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()""",
            f"trigger {TRIGGER}",
            "Drop it",
        ),
        ("ALTER TABLE snowflake_sync_queue ADD region text NOT NULL", "snowflake_sync_queue's region", "SET DEFAULT"),
        (
            "ALTER TABLE snowflake_sync_inbox ADD number bigint NOT NULL",
            "snowflake_sync_inbox's number",
            "ALTER TABLE snowflake_sync_inbox ALTER COLUMN number SET DEFAULT",
        ),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'snowflake_sync_queue_routed_key'::regclass",
            "index snowflake_sync_queue_routed_key",
            "REINDEX INDEX CONCURRENTLY snowflake_sync_queue_routed_key;",
        ),
        (
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'sync')",
            "migrations",
            "manage.py migrate",
        ),
    ],
)
def test_what_is_broken_is_seen(broken: str, name: str, remedy: str) -> None:
    run(broken)
    assert remedy in failed()[name].remedy


@pytest.fixture
def role() -> str:
    """A worker's role of its own, which may read the application's tables; gone with the test's transaction."""
    run("CREATE ROLE sync_worker")
    let_in("sync_worker")
    run("GRANT SELECT ON users, workflows, workflow_executions TO sync_worker")
    return "sync_worker"


def test_what_the_worker_may_not_do(role: str) -> None:
    run(f"REVOKE SELECT ON users FROM {role}; GRANT SELECT (id, email, is_active) ON users TO {role}; SET ROLE {role}")
    findings = failed()
    run("RESET ROLE")
    assert "UPDATE on workflow_executions" in findings
    assert "SELECT on users" not in findings
    for finding in findings.values():
        mend(finding.remedy)
    run(f"SET ROLE {role}")
    assert failed() == {}
    run("RESET ROLE")


def test_what_the_worker_does_not_see(role: str) -> None:
    everything = "GRANT ALL ON ALL TABLES IN SCHEMA public TO {0}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {0}"
    run(everything.format(role))
    run("ALTER TABLE workflow_executions ENABLE ROW LEVEL SECURITY; ALTER TABLE workflows ENABLE ROW LEVEL SECURITY")
    run("CREATE POLICY a_few ON workflows USING (name = 'mine')")
    run(f"SET ROLE {role}")
    findings = failed()
    assert set(findings) == {"sight of workflow_executions", "sight of workflows"}
    run("RESET ROLE")
    for finding in findings.values():
        mend(finding.remedy.split("or: ")[1].replace("POLICY ", f"POLICY {finding.name.split()[-1]}_"))
    run(f"SET ROLE {role}")
    assert failed() == {}
    run("RESET ROLE; CREATE POLICY but_not ON workflows AS RESTRICTIVE USING (name <> 'secret')")
    run(f"SET ROLE {role}")
    assert set(failed()) == {"sight of workflows"}
    run("RESET ROLE")


def test_a_worker_that_does_not_see_the_turns(role: str) -> None:
    run(f"GRANT UPDATE ON workflow_executions TO {role}")
    run("CREATE POLICY but_not ON snowflake_sync_turns AS RESTRICTIVE USING (false)")
    run(f"SET ROLE {role}")
    assert set(failed()) == {"sight of snowflake_sync_turns"}
    run("RESET ROLE")


def test_a_worker_that_reads_destinations_and_cannot_lock_them(role: str) -> None:
    """Routing would be refused, or find no destination."""
    run(f"GRANT UPDATE ON workflow_executions TO {role}")
    run(f"REVOKE INSERT, UPDATE, DELETE ON snowflake_configurations FROM {role}; SET ROLE {role}")
    assert set(failed()) == {"UPDATE on snowflake_configurations"}
    run(f"RESET ROLE; GRANT UPDATE (updated_at) ON snowflake_configurations TO {role}; SET ROLE {role}")
    assert failed() == {}
    queue.route()
    run(f"RESET ROLE; DROP POLICY {role} ON snowflake_configurations")
    run(f"CREATE POLICY reads ON snowflake_configurations FOR SELECT TO {role} USING (true); SET ROLE {role}")
    assert set(failed()) == {"sight of snowflake_configurations"}
    run("RESET ROLE")


def test_what_the_function_may_not_do(role: str) -> None:
    run(f"GRANT CREATE ON SCHEMA public TO {role}; ALTER FUNCTION {FUNCTION} OWNER TO {role}")
    run(f"REVOKE CREATE ON SCHEMA public FROM {role}")
    run(f"ALTER TABLE workflows ENABLE ROW LEVEL SECURITY; REVOKE INSERT ON snowflake_sync_inbox FROM {role}")
    assert failed()["function's rights"].detail == (
        f"{role}, with whose rights it acts, lacks INSERT on snowflake_sync_inbox"
    )
    (sight,) = [f.detail for f in check_installation() if f.name == "function's sight"]
    assert sight.startswith(f"row-level security of snowflake_sync_inbox, workflows applies to {role}: ")


def test_an_owner_that_is_compulsory_is_told() -> None:
    run("ALTER TABLE snowflake_sync_queue ALTER user_id SET NOT NULL")
    assert failed() == {}
    assert [f.name for f in check_installation() if "NOT NULL" in f.detail] == ["snowflake_sync_queue's user_id"]


def test_the_command(capsys: Any) -> None:
    printed = StringIO()
    call_command("verify_sync_install", stdout=printed)
    assert all(line.startswith("ok      ") for line in printed.getvalue().splitlines())
    run(f"DROP TRIGGER {TRIGGER} ON workflow_executions")
    printed = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_sync_install", stdout=printed, no_color=True)
    assert f"FAILED  trigger {TRIGGER}: is not there\n        As the tables' owner" in printed.getvalue()

    printed = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_sync_install", "--json", stdout=printed)
    answer = json.loads(printed.getvalue())
    assert answer["ok"] is False
    assert {"name", "ok", "detail", "remedy"} == set(answer["findings"][0])


def test_transactions_that_see_only_what_was_there_when_they_began() -> None:
    run("SET LOCAL default_transaction_isolation = 'serializable'")
    finding = failed()["isolation"]
    assert (finding.detail, finding.remedy.split()[:2]) == ("transactions are serializable", ["ALTER", "ROLE"])


def test_a_server_that_takes_no_writes() -> None:
    run("SET TRANSACTION READ ONLY")
    finding = failed()["writes"]
    assert finding.detail == "the server takes none"
    assert "default_transaction_read_only" in finding.remedy
