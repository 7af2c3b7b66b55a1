"""Executions that finish, as the application's would."""

import itertools
import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from sandbox.demo.people import People, workflow_of
from sandbox.samples import SampleExecution, sample_executions
from sync.models import WorkflowExecution


def complete_samples(people: People, count: int) -> int:
    """Completes `count` sample executions, owned by the users in turn; how many."""
    for user, sample in zip(_turns(people), sample_executions(count, with_bad=True), strict=False):
        complete(start(people, user, sample), sample)
    return count


def trickle(people: People, seed: int) -> Iterator[WorkflowExecution]:
    """Completes one more with each step, for ever."""
    samples = itertools.chain.from_iterable(
        sample_executions(60, seed=seed + offset, with_bad=True) for offset in itertools.count()
    )
    for user, sample in zip(_turns(people), samples, strict=False):
        yield complete(start(people, user, sample), sample)


def start(people: People, user: int, sample: SampleExecution) -> WorkflowExecution:
    """An execution that is running."""
    began = timezone.now() - timedelta(days=sample.days_ago)
    return WorkflowExecution.objects.create(
        execution_id=str(uuid.uuid4()),
        workflow=workflow_of(people.users[user], sample.workflow_name),
        status="running",
        created_at=began,
        started_at=began,
    )


def complete(execution: WorkflowExecution, sample: SampleExecution) -> WorkflowExecution:
    """It finishes; the trigger queues it."""
    execution.status = "completed"
    execution.result_columns = sample.result_columns
    execution.result_rows = sample.result_rows
    execution.result_total_rows = None if sample.result_rows is None else len(sample.result_rows)
    execution.completed_at = timezone.now() - timedelta(days=sample.days_ago)
    execution.save()
    return execution


def _turns(people: People) -> Iterator[int]:
    """Every eighth belongs to the user without a destination, the others to the rest in turn."""
    with_destination = itertools.cycle(range(len(people.users) - 1))
    for number in itertools.count(1):
        yield len(people.users) - 1 if number % 8 == 0 else next(with_destination)
