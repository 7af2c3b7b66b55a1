"""A value of a result that cannot be loaded shows on its owner's page, and nowhere else, however it fails."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2.errors
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken
from config.log_lines import OneLine
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from tests.web.admin.conftest import VIEW, client_of, operator
from tests.world import World

MARK = "4111111111111111"
FIELD = f"{MARK}x"
N = [("n", "integer")]
AT = '\n  File \'@"S"/f.csv.zst\', line 1, character 1\n  Row 1, column "T"["N":1]\n  If you would like to continue, …'


Prepare = Callable[[World, pytest.MonkeyPatch], object]


def refused(code: str, state: str, text: str) -> Prepare:
    """Snowflake's COPY says so."""
    return lambda world, _: world.snowflake.server.inject(
        "^COPY", "error", code=code, sqlstate=state, message=text, times=None
    )


def raised(error: Exception) -> Prepare:
    """Something in the worker does."""

    def fail(*_: object) -> None:
        raise error

    return lambda _, patched: patched.setattr("sync.results.staged_file.copy_rows", fail)


def nothing(_world: World, _patched: pytest.MonkeyPatch) -> None:
    pass


class InvalidError(psycopg2.errors.InvalidTextRepresentation):
    pgcode = "22P02"


WAYS: dict[str, tuple[list[tuple[str, str]], Any, Prepare]] = {
    "a number": (N, [{"n": 1}, {"n": FIELD}], nothing),
    "a decimal": ([("n", "decimal(5,2)")], [{"n": float(MARK)}], nothing),
    "too many digits": ([("n", "decimal")], [{"n": f"0.{'0' * 30}{MARK}"}], nothing),
    "a date": ([("n", "date")], [[FIELD]], nothing),
    "a time": ([("n", "time")], [[FIELD]], nothing),
    "a moment": ([("n", "timestamptz")], [[FIELD]], nothing),
    "a boolean": ([("n", "boolean")], [[FIELD]], nothing),
    "json": ([("n", "json")], [[int(MARK * 3)]], nothing),
    "a row": (N, [[1], FIELD], nothing),
    "another length": (N, [[1], [1, FIELD]], nothing),
    "an undeclared key": (N, [{"n": 1, "m": FIELD}], nothing),
    "no rows": (N, FIELD, nothing),
    "Snowflake, a number": (N, [[1]], refused("100038", "22018", f"Numeric value '{FIELD}' is not recognized{AT}")),
    "Snowflake, a text": (
        N,
        [[1]],
        refused("100078", "22000", f"String '{FIELD}' is too long{AT}"),
    ),
    "Snowflake, JSON": (N, [[1]], refused("100069", "22P02", f"Error parsing JSON: {FIELD}")),
    "Snowflake, unknown": (N, [[1]], refused("199999", "22018", f"Failed to cast '{FIELD}'")),
    "PostgreSQL": (N, [[1]], raised(InvalidError(f'invalid input syntax for type json: "{FIELD}"'))),
    "Python": (N, [[1]], raised(ValueError(f"could not convert string to float: '{FIELD}'"))),
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, as we ship it, and more of it."""
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    handler.setFormatter(OneLine("{levelname} {name} {message}", style="{"))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def told(execution: WorkflowExecution) -> str:
    """What is stored, but for the application's own columns."""
    rows = [list(model.objects.values()) for model in (SyncQueueItem, SyncAttempt, SyncTable)]
    execution.refresh_from_db()
    return f"{rows} {execution.snowflake_error_message}"


def seen_by_staff(item: SyncQueueItem) -> Iterator[tuple[str, str]]:
    """Everything that somebody sees who may look after items and not at results."""
    user = operator(*(power for power in VIEW if power != "view_workflowexecution"))
    client, caller = client_of(user), Client(headers={"Authorization": f"Bearer {ApiToken.objects.create(user)[1]}"})
    for path in (
        f"/runs/{item.execution_id}",
        "/",
        "/runs?status=failed",
        "/metrics",
        reverse("admin:sync_syncqueueitem_change", args=[item.pk]),
        reverse("admin:sync_syncqueueitem_changelist"),
        reverse("admin:sync_syncattempt_changelist"),
        *(reverse("admin:sync_syncattempt_change", args=[attempt.pk]) for attempt in item.attempts.all()),
        f"/api/snowflake-sync/execution/{item.execution_id}/sync-status",
        "/api/snowflake-sync/failed",
        "/api/snowflake-sync/queue",
    ):
        answer = (caller if path.startswith("/api") else client).get(path)
        assert answer.status_code == 200, path
        yield path, answer.content.decode()


@pytest.mark.parametrize("way", WAYS)
def test_it_is_nowhere(way: str, world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    columns, rows, prepare = WAYS[way]
    prepare(world, monkeypatch)
    execution = world.complete(columns, rows, result_total_rows=None)
    world.work()
    item = world.item(execution)
    assert item.error_code, "it did not fail"
    assert MARK not in told(execution)
    for path, content in seen_by_staff(item):
        assert MARK not in content, path
    assert item.execution_id in log.getvalue()
    assert MARK not in log.getvalue()


@pytest.mark.parametrize(
    "error",
    [InvalidError(f'invalid input syntax for type json: "{FIELD}"'), ValueError(f"could not convert '{FIELD}'")],
)
def test_a_page_that_fails_logs_where_and_no_value(
    error: Exception, world: World, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    execution = world.complete(N, [[1]])
    monkeypatch.setattr("sync.web.console.run.execution_sync", fail)
    client = client_of(world.user)
    client.raise_request_exception = False
    assert client.get(f"/runs/{execution.execution_id}").status_code == 500
    assert "Internal Server Error" in log.getvalue()
    assert type(error).__name__ in log.getvalue()
    assert MARK not in log.getvalue()


def test_the_owner_and_who_may_see_results_see_it_now(world: World) -> None:
    execution = world.complete([("m", "string"), ("the n", "integer")], [["a", 1], ["b", FIELD]])
    other = world.complete(N, [{"n": 1, "m": FIELD}])
    world.work()
    pages = [f"/runs/{execution.execution_id}", f"/runs/{other.execution_id}"]
    owner, staff = client_of(world.user), client_of(operator(*VIEW))
    for client, path in [(owner, pages[0]), (owner, pages[1]), *((staff, path) for path in pages)]:
        assert FIELD in client.get(path).content.decode(), path
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[["a", 1], ["b", "mended"]])
    assert "mended" in owner.get(pages[0]).content.decode()
    results: list[Any] = [[], None, "text", {"a": 1}]
    for gone in results:
        WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=gone)
        assert owner.get(pages[0]).status_code == 200


def test_a_row_that_the_application_s_table_refuses(world: World, log: io.StringIO) -> None:
    """PostgreSQL's DETAIL has all of it, results included."""
    execution = world.complete([("n", "string")], [[FIELD]])
    try:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE workflow_executions ADD CONSTRAINT never CHECK (snowflake_status IS NULL)")
        world.work()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE workflow_executions DROP CONSTRAINT never")
    assert world.item(execution).status == "completed"
    assert "does not take its snowflake_* columns: CheckViolation (23514) workflow_executions never" in log.getvalue()
    assert MARK not in log.getvalue()
