"""Backfill against a model: whatever is there, each execution gets what it lacks."""

import random
from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, WorkflowExecution
from sync.operations import backfill as services
from sync.operations.backfill import backfill_executions
from sync.queue.backfill import BackfillFilter
from sync.rules import latest, matches
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.long import first
from tests.queue.past import UPLOADED, add, counted, past, state
from tests.queue.rules import put_rules

EVERYTHING = BackfillFilter()


def random_world(rng: random.Random, now: datetime) -> None:
    """Owners with destinations that are on and off, executions in any state, and items in any state that there is."""
    codes: dict[str, list[str | None]] = {
        "failed": ["no_results"],
        "skipped": ["destination_inactive", "skipped_by_hand", "excluded_by_rule", "not_completed"],
    }
    workflows = []
    for _ in range(3):
        user = UserFactory.create()
        for _ in range(rng.randrange(4)):
            layout = rng.choice(["per_execution", "per_workflow"])
            configuration = ConfigurationFactory.create(user=user, is_active=rng.random() < 0.7, layout=layout)
            if rng.random() < 0.4:
                put_rules(configuration, {"workflow": rng.choice(["*", "noisy*", "*calm"])})
        workflows += [WorkflowFactory.create(user=user, workflow_id=f"{kind} {user}") for kind in ("noisy", "calm")]
    workflows.append(WorkflowFactory.create(user=None))
    for _ in range(40):
        workflow = rng.choice(workflows)
        execution = past(
            workflow,
            status=rng.choice(["completed", "completed", "completed", "running"]),
            **rng.choice([{}, {"snowflake_status": "completed"}, UPLOADED]),
        )
        unrouted = rng.choice([None, None, None, "pending", "failed", "skipped", "completed"])
        if unrouted and workflow.user:
            add(execution, None, status=unrouted, error_code="no_destination" if unrouted == "skipped" else None)
        for configuration in SnowflakeConfiguration.objects.filter(user=workflow.user_id):
            if rng.random() < 0.6:
                status = rng.choice(["pending", "processing", "completed", "completed", "failed", "skipped"])
                add(execution, configuration, status=status, error_code=rng.choice(codes.get(status, [None])))


def expected(execution: WorkflowExecution, *, force: bool) -> str:
    """What is to become of an execution, one rule after the other."""
    owner = execution.workflow.user_id if execution.workflow else None
    items = list(execution.sync_items.all())
    # What waits in the inbox goes before the execution's item without a destination, if it has one.
    homeless = sorted((item for item in items if item.configuration_id is None), key=lambda i: i.status != "pending")
    unrouted = next(iter(homeless), None)
    at = {item.configuration_id: item for item in items}
    active = [c.pk for c in SnowflakeConfiguration.objects.filter(user=owner, is_active=True)] if owner else []
    lacks = [c for c in active if c not in at or (at[c].status == "skipped" and at[c].error_code != "skipped_by_hand")]
    excluded = [c for c in active if excludes(c, execution)]
    whole = bool(active) and excluded == active
    uploaded = execution.snowflake_table_name is not None
    there = {at[c].status for c in active if c in at}
    rules: list[tuple[bool, str]] = [
        (execution.status != "completed", "not_completed"),
        (owner is None, "no_owner"),
        (unrouted is not None and unrouted.status == "pending", "waiting"),
        (force and whole, "excluded"),
        (force, "queued"),
        (unrouted is not None and unrouted.status == "failed", "failed"),
        (unrouted is not None and unrouted.status == "completed" and uploaded, "uploaded"),
        (unrouted is not None and unrouted.status == "completed" and not whole, "queued"),
        (not items and uploaded, "uploaded"),
        (not items and not whole, "queued"),
        (not active, "no_destination"),
        (unrouted is not None and not whole, "queued"),
        (unrouted is not None, "excluded"),
        (bool(set(lacks) - set(excluded)), "queued"),
        (bool(set(excluded) - set(at)), "excluded"),
        ("failed" in there, "failed"),
        (bool(there & {"pending", "processing"}), "waiting"),
        ("skipped_by_hand" in {at[c].error_code for c in active if c in at}, "skipped_by_hand"),
        (bool(excluded), "excluded"),
    ]
    return next((verdict for applies, verdict in rules if applies), "there")


def excludes(configuration_id: UUID, execution: WorkflowExecution) -> bool:
    workflow = execution.workflow
    return any(workflow and matches(rule.workflow, workflow.workflow_id) for rule in latest(configuration_id).scope)


def untouchable() -> set[tuple[Any, ...]]:
    """Loaded, under way, failed, or skipped by hand; not what an earlier service only said to have completed."""
    items = SyncQueueItem.objects.exclude(status="skipped") | SyncQueueItem.objects.filter(error_code="skipped_by_hand")
    items = items.exclude(configuration=None, status="completed", execution__snowflake_table_name=None)
    return set(items.values_list("pk", "status", "generation", "updated_at"))


@pytest.mark.parametrize("seed", first(3, range(8)))
@pytest.mark.parametrize("force", [False, True])
def test_whatever_is_there_each_execution_gets_what_it_lacks(
    db: None, now: datetime, monkeypatch: pytest.MonkeyPatch, seed: int, force: bool
) -> None:
    monkeypatch.setattr(services, "PAGE", 7)
    random_world(random.Random(seed), now)
    before, kept = state(), untouchable()
    verdicts = {e: expected(e, force=force) for e in WorkflowExecution.objects.select_related("workflow")}
    dry = backfill_executions(EVERYTHING, force=force, dry_run=True, now=now)
    assert state() == before
    assert counted(dry) == Counter(verdicts.values())
    assert backfill_executions(EVERYTHING, force=force, now=now) == dry
    if not force:
        assert untouchable() >= kept
    after = {e: expected(e, force=False) for e in verdicts}
    assert all(after[e] != "queued" for e in verdicts)
    done = {"queued", "excluded"} if force else {"queued"}
    assert all(after[e] == verdict for e, verdict in verdicts.items() if verdict not in done)
    assert backfill_executions(EVERYTHING, force=force, now=now).queued == 0
