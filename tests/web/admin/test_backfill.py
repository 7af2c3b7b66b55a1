"""Backfill by hand: a dry run that counts and changes nothing, then at most as many as were counted."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncActivity, SyncQueueItem, Workflow
from sync.operations import backfill as services
from sync.web.admin import backfill as page
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.queue.past import add, past
from tests.web.admin.conftest import BACKFILL, VIEW, Make, client_of, operator

BASE = "/admin/sync/workflowexecution/"
ADDRESS = f"{BASE}backfill/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def helper(transactional_db: None) -> Client:
    return client_of(operator(*VIEW, BACKFILL))


def queued() -> set[str]:
    return {item.execution_id for item in SyncQueueItem.objects.filter(status="pending")}


def counted(client: Client, fields: dict[str, Any]) -> Any:
    """The context after the dry run."""
    answer = client.post(ADDRESS, fields)
    assert answer.status_code == 200
    return answer.context


def go(client: Client, fields: dict[str, Any], context: Any) -> str:
    answer = client.post(ADDRESS, fields | {"step": str(context["step"]), "queue": "yes"}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


def test_the_dry_run_counts_and_changes_nothing(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, make: Make
) -> None:
    past(workflow, execution_id="lacking")
    make(execution_id="there", status="completed")
    make(execution_id="failed", status="failed")
    fields = {"workflow": str(workflow.pk)}
    context = counted(helper, fields)
    assert context["wanted"] == 1
    assert [line.split(" ")[2].strip(":") for line in context["left_alone"]] == ["already", "failed"]
    assert queued() == set()
    assert go(helper, fields, context) == "1 execution of 1 queued."
    assert queued() == {"lacking"}


def test_dates_limit_and_force(helper: Client, workflow: Workflow, make: Make) -> None:
    make(execution_id="there", status="completed")
    for day in (1, 2, 3):
        past(workflow, execution_id=f"day-{day}", created_at=f"2026-01-0{day}T12:00:00Z")
    user = str(workflow.user_id)
    assert counted(helper, {"user": user})["wanted"] == 3
    assert counted(helper, {"user": user, "since": "2026-01-02"})["wanted"] == 2
    assert counted(helper, {"user": user, "since": "2026-01-02", "until": "2026-01-03"})["wanted"] == 1
    assert counted(helper, {"user": user, "force": "on"})["wanted"] == 4
    limited = counted(helper, {"user": user, "limit": "2"})
    assert (limited["wanted"], limited["at_limit"]) == (2, True)
    go(helper, {"user": user, "limit": "2"}, limited)
    assert queued() == {"day-1", "day-2"}


def test_only_what_is_in_scope(helper: Client, workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    past(workflow, execution_id="in-scope")
    other = past(WorkflowFactory.create(user=workflow.user), execution_id="same-user")
    stranger = ConfigurationFactory.create()
    past(WorkflowFactory.create(user=stranger.user), execution_id="stranger")
    assert counted(helper, {"workflow": str(workflow.pk)})["wanted"] == 1
    assert counted(helper, {"user": str(workflow.user_id)})["wanted"] == 2
    assert counted(helper, {})["wanted"] == 3
    fields = {"execution": str(other.pk)}
    go(helper, fields, counted(helper, fields))
    assert queued() == {"same-user"}


def test_never_more_than_was_counted(helper: Client, workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    past(workflow, execution_id="b")
    fields = {"workflow": str(workflow.pk)}
    context = counted(helper, fields)
    past(workflow, execution_id="a")
    assert go(helper, fields, context) == "1 execution of 1 queued."
    assert len(queued()) == 1


def test_what_changed_in_between_is_told(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    gone, kept = past(workflow, execution_id="gone"), past(workflow, execution_id="kept")
    fields = {"workflow": str(workflow.pk)}
    context = counted(helper, fields)
    assert context["wanted"] == 2
    add(gone, destination, status="completed")
    assert go(helper, fields, context) == (
        "1 execution of 2 queued; left alone: 1 execution already in all active destinations; "
        "“again” (--force) loads them once more."
    )
    assert queued() == {kept.execution_id}


def test_a_count_that_was_not_made_here_is_not_believed(helper: Client, workflow: Workflow, make: Make) -> None:
    past(workflow, execution_id="a")
    make()
    helper.post(ADDRESS, {"step": "forged", "queue": "yes"})
    assert "a" not in queued()


def test_counting_and_queueing_go_on_when_the_time_is_over(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "DOING", 0.0)
    monkeypatch.setattr(services, "PAGE", 2)
    for number in range(5):
        past(workflow, execution_id=f"execution-{number}")
    fields = {"workflow": str(workflow.pk)}
    context = counted(helper, fields)
    assert (context["wanted"], context["uncounted"]) == (2, True)
    for wanted, uncounted in ((4, True), (5, False)):
        context = counted(helper, fields | {"step": str(context["step"]), "on": "yes"})
        assert (context["wanted"], context["uncounted"]) == (wanted, uncounted)
    answer = helper.post(ADDRESS, fields | {"step": str(context["step"]), "queue": "yes"})
    assert (answer.context["going_on"], answer.context["wanted"]) == (True, 3)
    answer = helper.post(ADDRESS, fields | {"step": str(answer.context["step"]), "queue": "yes"})
    assert answer.context["wanted"] == 1
    assert helper.post(ADDRESS, fields | {"step": str(answer.context["step"]), "queue": "yes"}).status_code == 302
    assert len(queued()) == 5


@pytest.mark.parametrize("name", ["execution", "workflow", "user"])
def test_the_lists_actions_lead_there(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, name: str
) -> None:
    execution = past(workflow, execution_id="wanted")
    past(WorkflowFactory.create(user=ConfigurationFactory.create().user), execution_id="not-wanted")
    row = {"execution": execution, "workflow": workflow, "user": workflow.user}[name]
    assert row is not None
    listed = {"execution": BASE, "workflow": "/admin/sync/workflow/", "user": "/admin/accounts/user/"}[name]
    data = {"action": "backfill_selected", "_selected_action": [str(row.pk)], "index": "0"}
    answer = helper.post(listed, data)
    assert answer.context["scope"] == page.Scope(name, (row.pk,))
    assert f'name="{name}" value="{row.pk}"' in answer.content.decode()
    fields = {name: str(row.pk)}
    go(helper, fields, counted(helper, fields))
    assert queued() == {"wanted"}
    assert SyncActivity.objects.values_list("action", "count").get() == ("backfill", 1)


def test_dates_that_contradict_each_other(helper: Client) -> None:
    answer = helper.post(ADDRESS, {"since": "2026-02-01", "until": "2026-01-01"})
    assert "It has to be after" in answer.content.decode()
    assert answer.context["step"] is None


def test_who_may_not_gets_no_action(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    execution = past(workflow)
    reader = client_of(operator(*VIEW, "retry_syncqueueitem"))
    for listed in (BASE, "/admin/sync/workflow/", "/admin/accounts/user/", f"{BASE}{execution.pk}/change/"):
        shown = reader.get(listed)
        assert shown.status_code == 200
        assert "backfill/" not in shown.content.decode()
        assert "backfill_selected" not in shown.content.decode()
    assert reader.get(ADDRESS).status_code == 403
    assert reader.post(ADDRESS, {}).status_code == 403
    reader.post(BASE, {"action": "backfill_selected", "_selected_action": [str(execution.pk)], "index": "0"})
    assert queued() == set()


@pytest.mark.parametrize("other", ["code", "workflow"])
def test_a_parameter_that_is_not_known_queues_nothing(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, other: str
) -> None:
    past(workflow, execution_id="lacking")
    fields = {"user": str(workflow.user_id)}
    step = str(counted(helper, fields)["step"])
    fields[other] = str(workflow.pk)
    for answer in (
        helper.get(ADDRESS, fields, follow=True),
        helper.post(ADDRESS, fields | {"step": step, "queue": "yes"}, follow=True),
    ):
        said = " ".join(str(message) for message in answer.context["messages"])
        assert f"There is no parameter {other}. Nothing is queued" in said
    assert queued() == set()
