"""What is past a destination's retention is taken out of Snowflake by a worker, and nothing else is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.db import connection

from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import (
    PrunePreview,
    Retention,
    backfill_executions,
    preview_prune,
    prune_results,
    retry_failed_sync,
    set_retention,
)
from sync.postgres import database_now
from sync.queue import Attempt, BackfillFilter, Change, Claim, Finish, Outcome, change_items
from sync.worker import attempt
from tests.load.excluded import NEW, attempts, complete, complete_again, layout, noisy, rescue_all, tables, there
from tests.world import World

__all__ = ["noisy"]

LAST_TWO = Retention("last", 2)


def loaded(world: World, count: int, workflow: Workflow | None = None) -> list[WorkflowExecution]:
    """Loaded one after the other, the oldest first."""
    made = []
    for _ in range(count):
        made.append(complete(world, workflow or world.workflow))
        world.work()
    return made


def keep(world: World, wanted: Retention | None, workflow: Workflow | None = None) -> None:
    set_retention(world.configuration, workflow, wanted)


def ask(world: World, workflow: Workflow | None = None) -> int:
    id_ = workflow.pk if workflow else None
    preview = preview_prune(world.configuration.pk, id_)
    wanted = preview.total("results")
    done = prune_results(world.configuration.pk, id_, as_of=preview.as_of, wanted=wanted)
    assert done.changed == wanted
    return wanted


def counts(preview: PrunePreview) -> tuple[int, ...]:
    return tuple(preview.total(what) for what in ("results", "tables", "rows", "only_copies", "kept"))


def state(world: World, execution: WorkflowExecution) -> tuple[str, str | None, str | None]:
    item = world.item(execution)
    return item.status, item.error_code, item.table_name


def results() -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_id, asked_generation FROM snowflake_sync_results")
        return dict(cursor.fetchall())


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_the_last_results_stay_and_the_rest_goes(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    old, *kept = loaded(world, 3)
    others = loaded(world, 1, noisy)
    keep(world, LAST_TWO)
    assert counts(preview_prune(world.configuration.pk)) == (
        (1, 1, 0, 0, 0) if way == "per_execution" else (1, 0, 2, 0, 0)
    )
    assert ask(world) == 1
    world.work()
    assert there(world) == {one.execution_id: 2 for one in [*kept, *others]}
    assert tables(world) == (3 if way == "per_execution" else 2)
    assert state(world, old) == ("skipped", "past_retention", None)
    assert attempts(old) == ["completed", "removed"]
    assert set(results()) == {one.execution_id for one in [*kept, *others]}
    assert "the last 2 of the workflow's results" in str(world.item(old).error_message)
    # Neither the sweep nor a destination that is switched off and on brings it back.
    for is_active in (False, True):
        type(world.configuration).objects.update(is_active=is_active)
        world.work(sweep_interval=0.0)
    assert state(world, old) == ("skipped", "past_retention", None)


def test_days_count_from_the_load_and_a_workflow_has_its_own(world: World, noisy: Workflow) -> None:
    old, young = loaded(world, 2)
    other = loaded(world, 1, noisy)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE snowflake_sync_results SET loaded_at = loaded_at - interval '8 days' WHERE execution_id <> %s",
            [young.execution_id],
        )
    keep(world, Retention("days", 7))
    keep(world, Retention("all"), noisy)
    assert ask(world) == 1
    world.work()
    assert set(there(world)) == {young.execution_id, other.execution_id}
    keep(world, None, noisy)
    assert ask(world, noisy) == 1
    world.work()
    assert set(there(world)) == {young.execution_id}
    # By hand it comes back, and counts from then on.
    assert retry_failed_sync(world.item(old).pk)[0]
    backfill_executions(BackfillFilter(workflow_ids=(noisy.pk,)))
    world.work()
    assert set(there(world)) == {one.execution_id for one in (old, young, other)}
    assert counts(preview_prune(world.configuration.pk)) == (0, 0, 0, 0, 0)


def test_what_the_application_has_no_more_stays_unless_that_is_said(world: World) -> None:
    emptied, shortened, deleted, _ = loaded(world, 4)
    WorkflowExecution.objects.filter(pk=emptied.pk).update(result_rows=None)
    WorkflowExecution.objects.filter(pk=shortened.pk).update(result_rows=NEW)
    # What the trigger has queued for it is not what this is about.
    SyncQueueItem.objects.filter(configuration=None).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_sync_inbox")
    WorkflowExecution.objects.filter(pk=deleted.pk).delete()
    keep(world, Retention("last", 1))
    assert counts(preview_prune(world.configuration.pk)) == (0, 0, 0, 0, 3)
    assert ask(world) == 0
    keep(world, Retention("last", 1, only_copies=True))
    assert counts(preview_prune(world.configuration.pk)) == (3, 3, 0, 3, 0)


def test_new_results_are_loaded_and_not_taken_out(world: World) -> None:
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    assert ask(world) == 1
    complete_again(old, [["c", 3], ["d", 4], ["e", 5]])
    world.work()
    assert world.rows(old) == [("c", 3), ("d", 4), ("e", 5)]
    assert results()[old.execution_id] is None


@dataclass
class Ends:
    """The ends of a worker's claims: `meanwhile` comes in between, once. `claim`: the last."""

    meanwhile: Callable[[], None] | None = None
    claim: Claim | None = None

    def __call__(self, endings: list[Finish]) -> list[str | None]:
        self.claim = endings[0].claim
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return queue.finish(endings)

    def land_late(self, item: SyncQueueItem | None = None) -> None:
        """Another worker's load of the same execution, or of another item, whose claim was lost."""
        assert self.claim
        lost = replace(self.claim, item_id=item.pk if item else self.claim.item_id, claim_token=0)
        queue.finish([queue.endings.completed(lost, Outcome("S", "T", 2), Attempt(load_sent=True))])


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Ends:
    ends = Ends()
    monkeypatch.setattr(attempt, "finish", ends)
    return ends


@pytest.mark.parametrize("landed_late", [False, True])
@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_new_results_that_come_while_it_is_taken_out_are_loaded(
    world: World, ends: Ends, way: str, landed_late: bool
) -> None:
    """Before its worker says that it is out; and where it is taken out once more, since an earlier load landed late."""
    layout(world, way)
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    if landed_late:
        world.work()
        ends.land_late()
        assert world.item(old).is_to_be_removed

    def come() -> None:
        complete_again(old, [["c", 3], ["d", 4], ["e", 5]])
        queue.route()

    ends.meanwhile = come
    world.work()
    assert there(world)[old.execution_id] == 3
    assert state(world, old)[:2] == ("completed", None)
    assert attempts(old)[-2:] == ["removed", "completed"]


def test_what_lands_late_while_it_is_taken_out_is_taken_out_too(world: World, ends: Ends) -> None:
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    ends.meanwhile = ends.land_late
    world.work()
    assert old.execution_id not in there(world)
    assert state(world, old) == ("skipped", "past_retention", None)
    assert attempts(old) == ["completed", "refused", "removed", "removed"]


def test_what_lands_late_of_an_id_that_came_anew_is_loaded(world: World, ends: Ends) -> None:
    """The earlier execution of that id was to be taken out, and was deleted before a worker came to it."""
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    WorkflowExecution.objects.filter(pk=old.pk).delete()
    new = complete(world, world.workflow, [["c", 3], ["d", 4], ["e", 5]], execution_id=old.execution_id)
    queue.route()
    ends.land_late(world.item(new))
    world.work()
    assert there(world)[new.execution_id] == 3
    assert state(world, new)[:2] == ("completed", None)


def test_what_is_kept_after_all_stays_loaded(world: World) -> None:
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    keep(world, None)
    world.work()
    assert there(world)[old.execution_id] == 2
    assert not world.item(old).is_to_be_removed


def test_what_is_loaded_again_does_not_push_newer_results_out(world: World) -> None:
    """The last ones are those that were computed last: the newest stays, whenever an old one was retried."""
    old, middle, newest = loaded(world, 3)
    complete_again(old)
    world.work()
    keep(world, Retention("last", 1))
    assert ask(world) == 2
    world.work()
    assert set(there(world)) == {newest.execution_id}
    assert [state(world, one)[1] for one in (old, middle)] == ["past_retention"] * 2


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_a_removal_whose_end_was_lost_is_done_once_more(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    layout(world, way)
    old, young = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    monkeypatch.setattr(attempt, "finish", lambda ended: [None] * len(ended))
    world.work()
    monkeypatch.undo()
    assert set(there(world)) == {young.execution_id}
    rescue_all()
    SyncQueueItem.objects.update(run_after=database_now() - timedelta(seconds=1))
    world.work()
    assert state(world, old) == ("skipped", "past_retention", None)
    assert set(there(world)) == {young.execution_id}
    assert list(SyncAttempt.objects.filter(item__execution=old).values_list("outcome", flat=True)) == [
        *("completed", "rescued", "removed")
    ]


def test_what_was_skipped_by_hand_meanwhile_is_left_alone(world: World) -> None:
    old, _ = loaded(world, 2)
    keep(world, Retention("last", 1))
    ask(world)
    change_items(Change.SKIP, [world.item(old).pk])
    world.work()
    assert old.execution_id in there(world)
    assert counts(preview_prune(world.configuration.pk)) == (0, 0, 0, 0, 0)
