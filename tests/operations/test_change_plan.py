"""How PostgreSQL counts what a change by hand is for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sync.models import SyncQueueItem, Workflow
from sync.operations.change import preview_change
from sync.queue import Change, ItemFilter
from tests.factories import ConfigurationFactory, QueuedFactory

INDEX = "snowflake_sync_queue_failed_at_idx"


@pytest.mark.parametrize("change", [Change.RETRY, Change.SKIP])
def test_failures_are_counted_by_an_index_that_has_all_of_them(workflow: Workflow, change: Change) -> None:
    destination = ConfigurationFactory.create(user=workflow.user)
    QueuedFactory.create(workflow=workflow, snowflake_status="failed")
    SyncQueueItem.objects.update(
        configuration=destination, user=workflow.user, status="failed", error_code="no_results"
    )
    with CaptureQueriesContext(connection) as asked:
        assert preview_change(change, ItemFilter(statuses=("failed",))).wanted == 1
    (counts,) = (query["sql"] for query in asked if "COUNT(" in query["sql"])
    # Of one row each way costs the same: with one index left, the planner can but use it or read the table.
    others = """
        SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index
        WHERE indrelid = 'snowflake_sync_queue'::regclass AND NOT indisprimary AND indexrelid <> %s::regclass
    """
    with connection.cursor() as cursor:
        cursor.execute(others, [INDEX])
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX {cursor.fetchone()[0]}")
        cursor.execute(f"SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; EXPLAIN {counts}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Index Only Scan using {INDEX}" in plan
