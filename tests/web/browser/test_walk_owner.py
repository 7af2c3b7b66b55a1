"""Somebody who owns data: from results that wait for an account to a backfill of March, by what the pages say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from sync import queue
from sync.models import SyncQueueItem, WorkflowExecution
from tests.factories import ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.past import past
from tests.web.browser.site import Site
from tests.web.browser.walking import WAYS, Walk
from tests.world import World

MARCH, APRIL = datetime(2026, 3, 10, 12, tzinfo=UTC), datetime(2026, 4, 2, 12, tzinfo=UTC)
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]


@pytest.mark.parametrize("way", WAYS)
def test_an_owner_of_data(site: Site, world: World, way: dict[str, Any]) -> None:
    ada = UserFactory.create(email="ada@example.com")
    flow = WorkflowFactory.create(user=ada, name="Campaign performance")
    waits = ExecutionFactory.create(workflow=flow, result_rows=RIGHT)
    queue.route()
    queue.register_worker("a-host", 1, 5)
    walk = Walk(site.open("/", user=ada, **way), way["scripts"])
    walk.reads("1 result waits for a destination that is on.")
    walk.sees("owner without an account")
    _connects(walk, world)
    world.work()
    queue.register_worker("a-host", 1, 5)
    _finds_the_table_of_yesterday(walk, waits)
    wrong = ExecutionFactory.create(workflow=flow, result_rows=WRONG)
    world.work()
    _understands_a_failure(walk, wrong)
    world.work()
    assert world.rows(wrong) == [("Spring", 17)]
    _pauses(walk)
    lacking = [past(flow, created_at=moment) for moment in (MARCH, MARCH, APRIL)]
    _loads_march(walk)
    # Not what a worker's sweep would find besides.
    assert [SyncQueueItem.objects.filter(execution=each).count() for each in lacking] == [1, 1, 0]


def _connects(walk: Walk, world: World) -> None:
    """The SQL is the one thing that is pasted, into Snowflake."""
    with walk.within(10):
        walk.link("Connect Snowflake")
        walk.fills(Account_identifier="myorg-myaccount", Database=world.snowflake.database)
        walk.button("Next: let it in")
        walk.reads("Set up", "Undo")
        walk.sees("owner lets it in")
        walk.link("Next: check it")
        walk.button("Check now")
        walk.reads("Everything works")
    walk.sees("owner connected")


def _finds_the_table_of_yesterday(walk: Walk, run: WorkflowExecution) -> None:
    walk.page.goto("/")
    with walk.within(2):
        walk.link("Runs")
        SyncQueueItem.objects.filter(execution=run).update(created_at=timezone.now() - timedelta(days=1))
        walk.link("Yesterday")
    run.refresh_from_db()
    walk.reads("Campaign performance", str(run.snowflake_table_name)[-18:])
    walk.sees("owner runs of yesterday")


def _understands_a_failure(walk: Walk, wrong: WorkflowExecution) -> None:
    walk.page.goto("/")
    with walk.within(3):
        with walk.within(2):
            walk.link("See why")
            walk.reads("the value does not fit", "It is now: many", "What to do:")
        walk.sees("owner failure")
        WorkflowExecution.objects.filter(pk=wrong.pk).update(result_rows=RIGHT)
        SyncQueueItem.objects.filter(execution=wrong, configuration=None).delete()
        walk.button("Retry")
    walk.reads("is queued again")


def _pauses(walk: Walk) -> None:
    walk.page.goto("/")
    with walk.within(3):
        walk.link("myorg-myaccount")
        walk.open("Pause")
        walk.button("Pause")
    walk.reads("Paused by ada@example.com")
    walk.sees("owner paused")
    walk.button("Resume")


def _loads_march(walk: Walk) -> None:
    walk.page.goto("/")
    with walk.within(6):
        walk.link("myorg-myaccount")
        walk.link("Backfill")
        walk.fills(From="2026-03-01", To="2026-03-31")
        walk.button("Count (dry run)")
        walk.reads("2 runs would be queued.")
        walk.sees("owner counts March")
        walk.button("Queue 2 runs")
    walk.reads("2 runs of 2 queued.")
