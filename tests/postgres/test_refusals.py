"""Whose fault it is that PostgreSQL refuses a statement, asked of PostgreSQL itself."""

import pytest
from django.db import Error, connection, transaction

from sync.postgres.refusals import explained, is_passing, refusal

_REFUSALS = [
    ("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(1)", "statement_ended"),
    ("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)", "statement_ended"),
    ("SELECT result FROM workflow_executions", "database_changed"),
    ("SELECT FROM executions", "database_changed"),
    ("SELECT FROM theirs.workflow_executions", "database_changed"),
    ("SELECT coalesce(execution_id, 1) FROM workflow_executions", "database_changed"),
    ("SELECT now()::jsonb", "database_changed"),
    ("SET LOCAL ROLE pg_monitor; SELECT FROM workflow_executions", "database_changed"),
    ("SET LOCAL transaction_read_only = on; DELETE FROM workflow_executions", "database_unavailable"),
    ("SELECT pg_terminate_backend(pg_backend_pid())", "database_unavailable"),
    ("SELECT 1 / 0", None),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sql", "code"), _REFUSALS)
def test_it_is_told_by_its_code(sql: str, code: str | None) -> None:
    with pytest.raises(Error) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    found = refusal("Execution e-1", refused.value)
    assert (found and found.code) == code
    assert found is None or found.happened.startswith("Execution e-1: ")
    assert is_passing(refused.value) == (code in ("statement_ended", "database_unavailable"))
    if code == "database_changed":
        assert "verify_sync_install" in (explained(refused.value) or "")
    connection.close()
