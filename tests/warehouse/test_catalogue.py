"""What the catalogue says of executions, right after what it says has changed."""

import json
from datetime import UTC, datetime

import pytest

from sync.models import Workflow, WorkflowExecution
from sync.warehouse import publish_due
from sync.worker.aside import Aside
from tests.warehouse.conftest import Catalogued, run


def test_an_execution_has_a_row_right_after_a_run_of_the_worker(catalogued: Catalogued) -> None:
    done = catalogued.world.complete(
        [("A", "integer"), ("b c", "string")],
        [[1, "x"], [2, None]],
        completed_at=datetime(2026, 11, 28, 7, 30, tzinfo=UTC),
        execution_parameters={"campaign": 'Spring "?" \'é', "limit": 10, "nested": {"api_key": "k", "deep": [1.5]}},
    )
    bad = catalogued.world.complete([("A", "integer")], [["no number"]])
    catalogued.work()
    done.refresh_from_db()
    row = catalogued.row(
        done, "STATUS, WORKFLOW_ID, WORKFLOW_NAME, SCHEMA_NAME, TABLE_NAME, ROW_COUNT, SOURCE_ROW_COUNT"
    )
    workflow = catalogued.world.workflow
    assert row == {
        "STATUS": "completed",
        "WORKFLOW_ID": workflow.workflow_id,
        "WORKFLOW_NAME": "Campaign report",
        "SCHEMA_NAME": "PUBLIC",
        "TABLE_NAME": done.snowflake_table_name,
        "ROW_COUNT": 2,
        "SOURCE_ROW_COUNT": 2,
    }
    more = catalogued.row(done, "IS_COMPLETE, COMPUTED_AT, PARAMETERS, COLUMNS, ERROR_CODE")
    assert more["IS_COMPLETE"] is True
    assert more["COMPUTED_AT"] == datetime(2026, 11, 28, 7, 30, tzinfo=UTC)
    assert more["PARAMETERS"] == {"campaign": 'Spring "?" \'é', "limit": 10, "nested": {"deep": [1.5]}}
    assert [column["name"] for column in more["COLUMNS"]][:2] == ["A", "B_C"]
    assert more["ERROR_CODE"] is None
    failed = catalogued.row(bad, "STATUS, TABLE_NAME, ERROR_CODE, IS_COMPLETE")
    assert failed == {
        "STATUS": "failed",
        "TABLE_NAME": None,
        "ERROR_CODE": catalogued.world.item(bad).error_code,
        "IS_COMPLETE": None,
    }
    assert catalogued.waiting == 0
    assert catalogued.stored.error_code is None
    assert catalogued.stored.filled_at is not None


def test_many_of_one_run_take_one_statement_together(catalogued: Catalogued) -> None:
    catalogued.complete(40)
    catalogued.work()
    assert catalogued.statements() == ["CREATE", "MERGE"]
    assert len(catalogued.rows('"EXECUTION_ID"')) == 40
    catalogued.complete(40)
    catalogued.work()
    assert catalogued.statements() == ["CREATE", "MERGE", "MERGE"]
    tags = {each.tag for each in catalogued.world.snowflake.statements("MERGE")}
    assert [json.loads(tag)["work"] for tag in tags] == ["catalogue"]


def test_new_results_are_on_their_way_until_they_are_loaded(catalogued: Catalogued) -> None:
    (execution,) = catalogued.complete()
    catalogued.work()
    execution.result_rows = [["no number"]]
    execution.save(update_fields=["result_rows"])
    catalogued.complete()
    catalogued.work(max_retries=0)
    row = catalogued.row(execution, "STATUS, TABLE_NAME, IS_COMPLETE, ROW_COUNT")
    execution.refresh_from_db()
    assert row == {
        "STATUS": "failed",
        "TABLE_NAME": execution.snowflake_table_name,
        "IS_COMPLETE": False,
        "ROW_COUNT": 1,
    }


def test_nobody_wakes_a_warehouse(catalogued: Catalogued) -> None:
    bad = catalogued.world.complete([("A", "integer")], [["no number"]])
    catalogued.work(max_retries=0)
    assert (catalogued.statements(), catalogued.waiting) == ([], 1)
    run("UPDATE snowflake_sync_catalogue_changes SET awake = true, made_at = now() - interval '61 seconds'")
    catalogued.publish()
    assert catalogued.statements() == []
    catalogued.complete()
    catalogued.work()
    assert catalogued.row(bad) == {"STATUS": "failed"}


def test_a_worker_that_stays_writes_each_half_minute(catalogued: Catalogued, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogued.complete()
    catalogued.work()
    monkeypatch.setattr(Aside, "finish", lambda *_: None)
    catalogued.complete()
    catalogued.work()
    publish_due(catalogued.pool, lambda: None)
    assert catalogued.waiting == 1
    run("UPDATE snowflake_sync_catalogues SET published_at = now() - interval '31 seconds'")
    publish_due(catalogued.pool, lambda: None)
    assert catalogued.waiting == 0


def test_names_of_workflows_are_followed(catalogued: Catalogued) -> None:
    old, other = catalogued.complete(2)
    catalogued.work()
    Workflow.objects.filter(pk=catalogued.world.workflow.pk).update(name='It\'s "new" ?')
    (new,) = catalogued.complete()
    catalogued.work()
    assert {catalogued.row(one, "WORKFLOW_NAME")["WORKFLOW_NAME"] for one in (old, other, new)} == {'It\'s "new" ?'}
    assert catalogued.statements().count("UPDATE") == 1
    catalogued.complete()
    catalogued.work()
    assert catalogued.statements().count("UPDATE") == 1


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
def test_an_execution_that_is_deleted_keeps_its_row(catalogued: Catalogued, layout: str) -> None:
    catalogued.change(layout=layout)
    gone, stays = catalogued.complete(2)
    catalogued.work()
    WorkflowExecution.objects.filter(pk=gone.pk).delete()
    catalogued.complete()
    catalogued.work()
    row = catalogued.row(gone, "STATUS, TABLE_NAME, ROW_COUNT")
    assert row["STATUS"] == "completed"
    assert row["TABLE_NAME"] is not None
    assert catalogued.rows('"DELETED_AT" IS NOT NULL, "EXECUTION_ID"').count((True, gone.execution_id)) == 1
    assert catalogued.rows('"DELETED_AT" IS NOT NULL, "EXECUTION_ID"').count((False, stays.execution_id)) == 1
    merges = catalogued.statements().count("MERGE")
    catalogued.complete()
    catalogued.work()
    assert catalogued.statements().count("MERGE") == merges + 1
    again = catalogued.world.complete([("A", "integer")], [[7]], execution_id=gone.execution_id)
    catalogued.work()
    assert (False, again.execution_id) in catalogued.rows('"DELETED_AT" IS NOT NULL, "EXECUTION_ID"')
