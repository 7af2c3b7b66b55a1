"""What loads have cost: by workflow, destination and day, in credits, and what would save."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, Workflow
from sync.reporting import costs
from sync.reporting.costs import Costs
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory

pytestmark = pytest.mark.django_db
Load = Callable[..., None]


@pytest.fixture
def noon() -> datetime:
    """Of yesterday, so that a day's loads are one day's."""
    return timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)


def load(
    destination: SnowflakeConfiguration,
    began: datetime,
    *,
    workflow: Workflow | None = None,
    seconds: float = 2.0,
    statements: int | None = 3,
    batch: int = 1,
    outcome: str = "completed",
) -> SyncQueueItem:
    item: SyncQueueItem = QueuedFactory.create(workflow=workflow or WorkflowFactory.create()).sync_items.get()
    SyncAttempt.objects.create(
        item=item,
        configuration=destination,
        outcome=outcome,
        started_at=began,
        finished_at=began + timedelta(seconds=seconds),
        statement_count=statements,
        batch_size=batch,
        byte_count=1000,
    )
    return item


def credits_of(found: Costs) -> float:
    """Seconds awake, to the tenth."""
    return round(found.credits * 3600, 1)


def test_what_is_sent_is_added_up_by_workflow_destination_and_day(noon: datetime) -> None:
    here, there = ConfigurationFactory.create_batch(2)
    first, second = WorkflowFactory.create_batch(2)
    for minutes in (0, 10):
        load(here, noon + timedelta(minutes=minutes), workflow=first)
    load(here, noon - timedelta(days=1), workflow=second, seconds=4)
    load(there, noon, workflow=second)
    load(here, noon, statements=None)  # it sent nothing
    load(here, noon - timedelta(days=40), workflow=first)
    found = costs(None)
    assert [(each.configuration, each.spent[:4]) for each in found.destinations] == [
        (here, (3, 9.0, 8.0, 3000)),
        (there, (1, 3.0, 2.0, 1000)),
    ]
    assert {each.workflow: each.spent[:3] for each in found.workflows} == {first: (2, 6.0, 4.0), second: (2, 6.0, 6.0)}
    assert [(each.day, each.spent.loads) for each in found.days] == [
        (noon.date(), 3),
        (noon.date() - timedelta(days=1), 1),
    ]
    assert found.spent[:4] == (4, 12.0, 10.0, 4000)
    assert not found.is_cut


def test_what_travels_together_shares_statements_and_time(noon: datetime) -> None:
    here, workflow = ConfigurationFactory.create(), WorkflowFactory.create()
    for _ in range(4):
        load(here, noon, workflow=workflow, seconds=8, statements=2, batch=4)
    assert costs(None).spent == (4, 2.0, 8.0, 4000, 1)


def test_what_is_taken_out_again_is_sent_and_is_no_load(noon: datetime) -> None:
    load(here := ConfigurationFactory.create(), noon)
    load(here, noon + timedelta(hours=1), outcome="removed")
    assert costs(None).spent[:2] + costs(None).spent[-1:] == (1, 6, 1)


def test_a_warehouse_is_awake_once_whoever_woke_it(noon: datetime) -> None:
    here = ConfigurationFactory.create(warehouse="loading")
    same = ConfigurationFactory.create(warehouse="LOADING", account_identifier=here.account_identifier)
    other = ConfigurationFactory.create(warehouse="OTHER", account_identifier=here.account_identifier)
    for each in (here, same, other):
        load(each, noon)
    found = costs(None)
    assert [round(each.credits * 3600, 1) for each in found.destinations] == [62.0] * 3
    assert credits_of(found) == 124.0
    assert credits_of(costs(here.user_id)) == 62.0
    assert credits_of(costs(None, destination_id=other.pk)) == 62.0
    assert credits_of(costs(here.user_id, destination_id=other.pk)) == 0.0
    assert credits_of(costs(UserFactory.create().pk)) == 0.0


def test_what_ran_over_midnight_is_each_days_with_its_part(noon: datetime) -> None:
    load(ConfigurationFactory.create(), noon - timedelta(hours=12, seconds=30), seconds=90)
    assert [round(each.credits * 3600) for each in costs(None).days] == [120, 30]


@pytest.mark.parametrize(("every", "saved"), [(60, True), (3600, False)])
def test_waiting_is_advised_where_it_saves(noon: datetime, every: int, saved: bool) -> None:
    here, workflow = ConfigurationFactory.create(layout="per_workflow"), WorkflowFactory.create()
    for number in range(8 * 3600 // every // 4):
        load(here, noon - timedelta(hours=2) + timedelta(seconds=number * every), workflow=workflow)
    (line,) = costs(None).destinations
    assert bool(line.advice) == saved
    if saved:
        assert [each.setting for each in line.advice] == ["min_interval"] * 3
        five, *_, hour = line.advice
        assert "would save about" in five.said
        # Two hours awake, against a window each five minutes.
        assert five.now > five.then * 1.5
        assert five.saves < hour.saves <= five.now
        SnowflakeConfiguration.objects.update(min_interval=timedelta(minutes=15))
        (line,) = costs(None).destinations
        assert [each.value for each in line.advice] == ["3600"]


def test_nothing_is_saved_where_others_keep_the_warehouse_awake(noon: datetime) -> None:
    here = ConfigurationFactory.create(layout="per_workflow", warehouse="LOADING")
    other = ConfigurationFactory.create(
        layout="per_workflow", warehouse="LOADING", account_identifier=here.account_identifier
    )
    load(other, noon - timedelta(hours=2), seconds=7200)
    for minutes in range(1, 118):
        load(here, noon - timedelta(hours=2) + timedelta(minutes=minutes))
    by_destination = {each.configuration: each.advice for each in costs(None).destinations}
    assert by_destination[here] == ()


def test_another_layout_is_advised_where_a_workflow_has_many_at_once(noon: datetime) -> None:
    here, workflow = ConfigurationFactory.create(), WorkflowFactory.create()
    for _ in range(20):
        load(here, noon, workflow=workflow)
    (line,) = costs(None).destinations
    (advice,) = line.advice
    assert (advice.setting, advice.value, advice.now > 10 * advice.then) == ("layout", "per_workflow", True)
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    assert costs(None).destinations[0].advice == ()


def test_what_there_is_too_much_of_is_said_to_be_cut(noon: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    here = ConfigurationFactory.create()
    for minutes in range(5):
        load(here, noon + timedelta(minutes=minutes))
    monkeypatch.setattr(sys.modules["sync.reporting.costs"], "LOOKED_AT", 3)
    found = costs(None)
    assert (found.is_cut, found.spent.loads, found.since) == (True, 3, noon + timedelta(minutes=2, seconds=2))
