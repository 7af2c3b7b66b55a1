"""backfill_syncs, retry_failed_syncs and prune_sync_history, as an operator meets them."""

import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from sync.management import progress
from sync.management.progress import progress_told
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import backfill as services
from sync.queue import Change, change_items, route
from sync.queue.backfill import backfill_page
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.past import UPLOADED
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def user(db: None) -> User:
    return UserFactory.create(email="ada@example.com")


@pytest.fixture
def workflow(user: User) -> Workflow:
    return WorkflowFactory.create(user=user, workflow_id="campaigns")


def past(workflow: Workflow, created_at: datetime | None = None, **fields: Any) -> WorkflowExecution:
    """An execution that the trigger did not see."""
    execution = ExecutionFactory.create(workflow=workflow, **fields)
    SyncQueueItem.objects.filter(execution=execution).delete()
    if created_at:
        WorkflowExecution.objects.filter(pk=execution.pk).update(created_at=created_at)
    return execution


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_new_destination_gets_the_past_and_the_old_one_nothing_twice(world: World) -> None:
    executions = [world.complete([("n", "integer")], [[number]]) for number in range(3)]
    world.work()
    world.snowflake.rows(f"CREATE SCHEMA {world.snowflake.database}.SECOND")
    second = ConfigurationFactory.create(user=world.user, database=world.snowflake.database, schema="SECOND")
    assert said("backfill_syncs", "--user", world.user.email, "--dry-run") == "Runs that would be queued: 3\n"
    assert said("backfill_syncs", "--user", world.user.email) == "Runs queued: 3\n"
    world.work()
    assert "3 already in all active destinations" in said("backfill_syncs")
    items = SyncQueueItem.objects.all()
    assert {(item.status, item.generation, item.attempts.count()) for item in items} == {("completed", 1, 1)}
    for execution in executions:
        item = SyncQueueItem.objects.get(execution=execution, configuration=second)
        table = f'{world.snowflake.database}.{item.schema_name}."{item.table_name}"'
        rows = world.snowflake.rows(f"SELECT * FROM {table}")
        assert [row[:-3] for row in rows] == world.rows(execution)
        assert item.schema_name == "SECOND"


def test_since_and_until_are_utc_unless_they_name_a_zone(workflow: Workflow) -> None:
    for hour in (0, 12, 23):
        past(workflow, datetime(2026, 1, 31, hour, tzinfo=UTC))
    past(workflow, datetime(2026, 2, 1, tzinfo=UTC))

    def queued(*arguments: str) -> int:
        found = re.match(r"Runs that would be queued: (\d+)", said("backfill_syncs", "--dry-run", *arguments))
        assert found
        return int(found[1])

    assert queued("--since", "2026-01-31", "--until", "2026-02-01") == 3
    assert queued("--since", "2026-01-31T12:00") == 3
    assert queued("--since", "2026-01-31T12:00:00+00:00", "--until", "2026-02-01") == 2
    assert queued("--until", "2026-01-31T14:00+02:00") == 1
    assert queued("--since", "2026-02-01T00:00-01:00") == 0


def test_what_was_left_alone_is_said(user: User, workflow: Workflow) -> None:
    destination = ConfigurationFactory.create(user=user)
    for status in ("completed", "pending", "failed"):
        SyncQueueItem.objects.create(execution=past(workflow), configuration=destination, user=user, status=status)
    past(workflow, **UPLOADED)
    past(WorkflowFactory.create(user=None))
    past(workflow)
    expected = [
        "Runs queued: 1",
        "Left alone: 1 already in all active destinations; “again” (--force) loads them once more",
        "Left alone: 1 already waiting for a worker",
        "Left alone: 1 failed: retry their items (retry_failed_syncs), or queue them again",
        "Left alone: 1 uploaded by the application or an earlier service; “again” (--force) loads them once more",
        "Left alone: 1 without owner: give their workflows one (workflows.user_id)",
    ]
    assert said("backfill_syncs").splitlines() == expected
    assert said("backfill_syncs", "--force").splitlines()[0] == "Runs queued: 4"


@pytest.mark.parametrize("name", ["campaigns", "id"])
def test_one_workflow(workflow: Workflow, name: str) -> None:
    past(workflow)
    past(WorkflowFactory.create())
    value = workflow.workflow_id if name == "campaigns" else str(workflow.pk)
    assert said("backfill_syncs", "--workflow", value, "--user", str(workflow.user_id)) == "Runs queued: 1\n"


def test_a_limit(workflow: Workflow) -> None:
    for _ in range(3):
        past(workflow)
    assert said("backfill_syncs", "--limit", "2") == "Runs queued: 2\nThe limit was reached; there may be more.\n"
    assert said("backfill_syncs", "--limit", "2").splitlines()[0] == "Runs queued: 1"


REFUSED = [
    (["backfill_syncs", "--user", "nobody@example.com"], "Check the address"),
    (["backfill_syncs", "--user", "6b1e7c62-0000-4000-8000-000000000000"], "verify_sync_install"),
    (["backfill_syncs", "--workflow", "nothing"], "Check the id"),
    (["backfill_syncs", "--since", "2026-02-01", "--until", "2026-02-01"], "before --until"),
    (["retry_failed_syncs", "--error-code", "no_result"], "Did you mean no_results"),
    (["retry_failed_syncs", "--error-code", "§"], "There are: "),
    (["retry_failed_syncs", "--workflow", "nothing"], "Check the id"),
]


@pytest.mark.parametrize(("arguments", "what_to_do"), REFUSED)
@pytest.mark.django_db
def test_what_cannot_be_meant_is_refused_with_what_to_do(arguments: list[str], what_to_do: str) -> None:
    with pytest.raises(CommandError, match=re.escape(what_to_do)) as refused:
        call_command(*arguments)
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "what_to_do"),
    [
        (["backfill_syncs", "--since", "yesterday"], "Write a date, 2026-01-31"),
        (["backfill_syncs", "--until", "2026-02-30"], "Write a date, 2026-01-31"),
        (["backfill_syncs", "--limit", "0"], "whole number of at least 1"),
        (["prune_sync_history", "--older-than", "0"], "whole number of at least 1"),
        (["prune_sync_history", "--older-than", "99999"], "hundred years"),
    ],
)
def test_a_value_that_is_not_understood_exits_2(arguments: list[str], what_to_do: str) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert what_to_do in ended.stderr


def test_broken_off_and_run_again(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    for _ in range(8):
        past(workflow)
    asked: list[Any] = []

    def interrupted(*arguments: Any, **named: Any) -> Any:
        asked.append(named)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return backfill_page(*arguments, **named)

    monkeypatch.setattr(services, "backfill_page", interrupted)
    with pytest.raises(CommandError, match="run it again for the rest") as ended:
        call_command("backfill_syncs")
    assert ended.value.returncode == 130
    assert SyncQueueItem.objects.count() == 3
    assert said("backfill_syncs").splitlines()[0] == "Runs queued: 5"
    assert SyncQueueItem.objects.count() == 8


def test_retrying_by_error_code_and_user(user: User, workflow: Workflow) -> None:
    for owner, code in ((user, "no_results"), (user, "table_not_ours"), (UserFactory.create(), "no_results")):
        execution = past(WorkflowFactory.create(user=owner))
        SyncQueueItem.objects.create(execution=execution, user=owner, status="failed", error_code=code)
    ExecutionFactory.create(workflow=WorkflowFactory.create(user=None))
    route()
    arguments = ["retry_failed_syncs", "--user", user.email, "--error-code", "no_results"]
    assert said(*arguments, "--dry-run") == "Runs that would be waiting again: 1\n"
    assert said(*arguments) == "Runs that are waiting again: 1\n"
    rest = "Runs that are waiting again: 2\nLeft alone: 1 without owner: give their workflows one (workflows.user_id)\n"
    assert said("retry_failed_syncs") == rest
    change_items(Change.SKIP, SyncQueueItem.objects.filter(user=user).values_list("pk", flat=True))
    assert said("retry_failed_syncs").splitlines()[0] == "Runs that are waiting again: 0"
    assert said("retry_failed_syncs", "--error-code", "skipped_by_hand") == "Runs that are waiting again: 2\n"


def test_pruning(workflow: Workflow) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    route()
    item = SyncQueueItem.objects.get(execution=execution)
    SyncQueueItem.objects.update(status="completed")
    for days in (120, 100, 20, 10):
        SyncAttempt.objects.create(
            item=item, outcome="retry", finished_at=datetime.now(UTC) - timedelta(days=days, hours=1)
        )
    rest = "Entries of activity, older than a year, {0}deleted: 0\nAlerts that are over {0}deleted: 0; messages: 0\n"
    assert said("prune_sync_history") == "Attempts deleted: 2\nWorkers deleted: 0\n" + rest.format("")
    dry = said("prune_sync_history", "--older-than", "15", "--dry-run")
    counted = "Attempts that would be deleted: 1\nWorkers that would be deleted: 0\n"
    assert dry == counted + rest.format("that would be ")
    assert item.attempts.count() == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr(progress, "BAR_EVERY", 0)
    with progress_told("executions looked at", 1) as tell:
        tell(250_000, 1_000_000)
        tell(1_000_000, 1_000_000)
    first, last = out.getvalue().split("\r")[1:]
    assert first == "███████" + "░" * 23 + " 250,000 of 1,000,000 executions looked at\x1b[K"
    assert last == "█" * 30 + " 1,000,000 of 1,000,000 executions looked at\x1b[K\n"


@pytest.mark.parametrize(("every", "verbosity", "said"), [(0, 1, "5 of 10 items looked at\n"), (5, 1, ""), (0, 0, "")])
def test_plain_lines_elsewhere(monkeypatch: pytest.MonkeyPatch, every: int, verbosity: int, said: str) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr(progress, "LINE_EVERY", every)
    with progress_told("items looked at", verbosity) as tell:
        tell(5, 10)
    assert out.getvalue() == said
