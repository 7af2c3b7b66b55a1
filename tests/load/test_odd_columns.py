"""Whatever the application writes into its own columns: no list, page or answer closes by it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from tests.factories import ConfigurationFactory, QueuedFactory
from tests.long import first
from tests.world import World

TEXTS = ["", " ", "..", "a/b?c#d%2e", "a\r\nb\x1b[0m\x7f", "<b>&\"'</b>", "\u202eabc\u0130"]
MOMENTS = ["4714-11-24 00:00:00+00 BC", "0044-03-15 10:00:00+00 BC", "-infinity", "0001-01-01 00:00:00+00"]
MOMENTS += ["9999-12-31 23:30:00-10", "20107-05-10 00:00:00+00", "294276-12-31 23:59:59.999999+00", "infinity"]
JSON = ["null", '"text"', "0", "1e400", "9" * 5_000, "[]", "[[[]]]", "{}", '{"a": ' + "[" * 5_000 + "]" * 5_000 + "}"]
VALUES: dict[str, list[str | None]] = {
    "CharField": [*TEXTS, f"{'x' * 2_000}@example.com", None],
    "TextField": [*TEXTS, "x" * 2_000, None],
    "DateTimeField": [*MOMENTS, None],
    "JSONField": [*JSON, None],
    "IntegerField": ["-1", "2147483647", "-2147483648", None],
    "BooleanField": ["true", "false", None],
    "ForeignKey": [None],
}
# The columns of a table that are of one type have each value together.
FIELDS: dict[str, list[Any]] = {}
for model in (User, Workflow, WorkflowExecution):
    for field in model._meta.concrete_fields:
        if not (field.primary_key or str(field.column).startswith("snowflake_sync_")):
            alone = "" if field.get_internal_type() in ("DateTimeField", "JSONField") else f".{field.column}"
            FIELDS.setdefault(f"{model._meta.model_name}.{field.get_internal_type()}{alone}", []).append(field)
LISTS = [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]
LISTS += ["/", "/runs", "/runs?status=failed", "/metrics"]
LISTS += [f"/api/snowflake-sync/{name}" for name in ("stats", "failed", "queue", "queue?status=failed")]


def make(fields: Sequence[Any], value: str | None) -> SyncQueueItem:
    """A failed item, with the value in its execution's row, its workflow's, or its owner's."""
    is_key = fields[0].column == "execution_id"
    destination = ConfigurationFactory.create()
    execution = QueuedFactory.create(workflow__user=destination.user, **({"execution_id": value} if is_key else {}))
    item: SyncQueueItem = execution.sync_items.get()
    told = {"status": "failed", "error_code": "load_rejected", "error_message": "It was refused."}
    SyncQueueItem.objects.filter(pk=item.pk).update(configuration=destination, user=destination.user, **told)
    SyncAttempt.objects.create(item=item, configuration=destination, outcome="failed", timings={"extract": 1.5})
    if not is_key:
        model = fields[0].model
        key = {User: destination.user_id, Workflow: execution.workflow_id}.get(model, execution.pk)
        odd = ", ".join(f'"{field.column}" = %(value)s' for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {model._meta.db_table} SET {odd} WHERE id = %(key)s", {"value": value, "key": key})
    return item


def pages(item: SyncQueueItem, model: Any) -> list[str]:
    """Those that show what stands in the model's row: what owns it does not."""
    execution_id, key, workflow = WorkflowExecution.objects.values_list("execution_id", "pk", "workflow_id").get(
        sync_items=item
    )
    encoded = quote(execution_id, safe="")
    user, attempt = SyncQueueItem.objects.values_list("configuration__user_id", "attempts").get(pk=item.pk)
    found = {"syncqueueitem": item.pk, "syncattempt": attempt, "workflowexecution": key}
    found |= {} if model is WorkflowExecution else {"workflow": workflow}
    found |= {"user": user} if model is User else {}
    app = {"user": "accounts"}
    return [
        f"/runs/{encoded}",
        f"/api/snowflake-sync/execution/{encoded}/sync-status",
        *(reverse(f"admin:{app.get(name, 'sync')}_{name}_change", args=[pk]) for name, pk in found.items() if pk),
    ]


@pytest.fixture
def visit(db: None) -> Any:
    """Opens a page, or asks for it, as staff."""
    staff = User.objects.create_superuser("staff@example.com")
    caller = Client(headers={"Authorization": f"Bearer {ApiToken.objects.create(staff)[1]}"})
    client = Client()
    client.force_login(staff)

    def opened(path: str) -> None:
        assert (caller if path.startswith("/api") else client).get(path).status_code == 200, path

    return opened


@pytest.mark.parametrize("fields", first(9, FIELDS.values()), ids=FIELDS)
def test_no_list_and_no_page_closes(fields: Sequence[Any], visit: Any) -> None:
    values = VALUES[fields[0].get_internal_type()]
    is_key = fields[0].column == "execution_id"
    for field in [] if is_key else fields:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE {field.model._meta.db_table} ALTER "{field.column}" DROP NOT NULL')
    items = [make(fields, value) for value in values if not (is_key and value is None)]
    for path in [*LISTS, *(page for item in items for page in pages(item, fields[0].model))]:
        visit(path)


def test_no_batch_fails_by_it(world: World) -> None:
    """Of what does not decide whether an execution is loaded."""
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    odd: dict[str, Sequence[str | None]] = {
        "result_total_rows": ["-1", None],
        "execution_parameters": JSON,
        "snowflake_status": TEXTS,
    }
    odd |= dict.fromkeys(("created_at", "started_at", "completed_at", "updated_at"), MOMENTS)
    with connection.cursor() as cursor:
        for column, values in odd.items():
            for value in values:
                execution = world.complete([("n", "integer")], [[1]])
                sql = f'UPDATE workflow_executions SET "{column}" = %s WHERE id = %s'
                cursor.execute(sql, [value, execution.pk])
    worker = world.work()
    assert worker.outcomes["completed"] == sum(map(len, odd.values()))
    assert SyncAttempt.objects.filter(batch_size__gt=30).exists()
    SnowflakeConfiguration.objects.update(layout="per_execution")
    for moment in MOMENTS:
        execution = world.complete([("n", "integer")], [[1]])
        WorkflowExecution.objects.filter(pk=execution.pk).update(created_at=RawSQL("%s::timestamptz", [moment]))
        world.work()
        assert world.rows(execution) == [(1,)]
