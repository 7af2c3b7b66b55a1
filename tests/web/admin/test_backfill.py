"""Backfill by hand: a dry run that counts and changes nothing, then at most as many as were counted."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncActivity, SyncQueueItem, Workflow
from sync.operations import backfill as services
from sync.web.console import backfilling as page
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.queue.past import add, past
from tests.web.admin.conftest import BACKFILL, VIEW, Make, client_of, operator

BASE = "/admin/sync/workflowexecution/"
ADDRESS = "/backfill"

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
    assert go(helper, fields, context) == "1 run of 1 queued."
    assert queued() == {"lacking"}


def test_dates_limit_and_force(helper: Client, workflow: Workflow, make: Make) -> None:
    make(execution_id="there", status="completed")
    for day in (1, 2, 3):
        past(workflow, execution_id=f"day-{day}", created_at=f"2026-01-0{day}T12:00:00Z")
    user = str(workflow.user_id)
    assert counted(helper, {"user": user})["wanted"] == 3
    assert counted(helper, {"user": user, "first": "2026-01-02"})["wanted"] == 2
    assert counted(helper, {"user": user, "first": "2026-01-02", "last": "2026-01-02"})["wanted"] == 1
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
    assert go(helper, fields, context) == "1 run of 1 queued."
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
        "1 run of 2 queued; left alone: 1 run already in all active destinations; "
        "“again” (--force) loads them once more."
    )
    assert queued() == {kept.execution_id}


def test_a_count_that_was_not_made_here_is_not_believed(helper: Client, workflow: Workflow, make: Make) -> None:
    past(workflow, execution_id="a")
    make()
    helper.post(ADDRESS, {"step": "forged", "queue": "yes"})
    assert "a" not in queued()


OTHERS: dict[str, dict[str, str]] = {
    "runs": {"user": "{stranger}"},
    "days": {"last": "2999-01-01"},
    "all of them": {"limit": ""},
    "workflow": {"of": "{workflow}"},
    "again": {"force": "on"},
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_was_counted_confirms_nothing_else(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, other: str
) -> None:
    past(workflow, execution_id="a")
    stranger = ConfigurationFactory.create().user
    past(WorkflowFactory.create(user=stranger), execution_id="strangers")
    fields = {"user": str(workflow.user_id), "limit": "5"}
    step = str(counted(helper, fields)["step"])
    named = {"stranger": stranger.pk, "workflow": workflow.workflow_id}
    changed = fields | {name: value.format(**named) for name, value in OTHERS[other].items()}
    answer = helper.post(ADDRESS, changed | {"step": step, "queue": "yes"})
    assert "Nothing is queued: what was confirmed" in answer.content.decode()
    assert queued() == set()
    # What it asks then is what would be done.
    assert "queued." in go(helper, changed, answer.context)


def test_what_was_counted_for_somebody_else_or_long_ago_confirms_nothing(
    helper: Client, workflow: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(workflow, execution_id="a")
    fields = {"user": str(workflow.user_id)}
    step = str(counted(helper, fields)["step"])
    other = client_of(operator(*VIEW, BACKFILL, email="other@example.com"))
    confirmed = fields | {"step": step, "queue": "yes"}
    assert "for somebody or something else" in other.post(ADDRESS, confirmed).content.decode()
    with monkeypatch.context() as later:
        later.setattr("sync.web.console.backfill_step.LASTS", timedelta(seconds=-1))
        assert "more than an hour ago" in helper.post(ADDRESS, confirmed).content.decode()
    assert queued() == set()
    assert helper.post(ADDRESS, confirmed).status_code == 302
    assert queued() == {"a"}


@pytest.mark.parametrize("rights", [(*VIEW, BACKFILL), (*VIEW, BACKFILL, "view_snowflakeconfiguration")])
def test_it_says_to_which_destinations_they_go(
    workflow: Workflow, destination: SnowflakeConfiguration, rights: tuple[str, ...]
) -> None:
    """To whoever may see them; also where one came from one of them."""
    ConfigurationFactory.create(user=workflow.user, name="second warehouse")
    past(workflow)
    page = client_of(operator(*rights)).post(ADDRESS, {"user": str(workflow.user_id)}).content.decode()
    assert ("second warehouse" in page) == ("view_snowflakeconfiguration" in rights)
    assert workflow.user
    page = client_of(workflow.user).post(f"/destinations/{destination.pk}/backfill", {}).content.decode()
    assert "It goes to each destination that lacks it, not to this one alone" in page
    assert re.search(r'second warehouse</th><td class="right">1<', page)


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
    answer = helper.post(listed, data, follow=True)
    assert answer.context["scope"] == page.Scope(name, (row.pk,))
    assert f'name="{name}" value="{row.pk}"' in answer.content.decode()
    fields = {name: str(row.pk)}
    go(helper, fields, counted(helper, fields))
    assert queued() == {"wanted"}
    assert SyncActivity.objects.values_list("action", "count").get() == ("backfill", 1)


def test_dates_that_contradict_each_other(helper: Client) -> None:
    answer = helper.post(ADDRESS, {"first": "2026-02-01", "last": "2026-01-01"})
    assert "It has to be the same day" in answer.content.decode()
    assert answer.context["step"] is None


def test_who_may_not_gets_no_action(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    execution = past(workflow)
    reader = client_of(operator(*VIEW, "retry_syncqueueitem"))
    for listed in (BASE, "/admin/sync/workflow/", "/admin/accounts/user/", f"{BASE}{execution.pk}/change/"):
        shown = reader.get(listed)
        assert shown.status_code == 200
        assert "/backfill?" not in shown.content.decode()
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


def test_an_owner_backfills_march_and_nobody_elses(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    other = WorkflowFactory.create(user=workflow.user, name="Channel mix")
    stranger = ConfigurationFactory.create()
    for number, of in enumerate((workflow, workflow, other, WorkflowFactory.create(user=stranger.user))):
        past(of, execution_id=f"march-{number}", created_at=f"2026-03-{10 + number}T12:00:00Z")
    past(workflow, execution_id="april", created_at="2026-04-01T00:30:00Z")
    assert workflow.user
    client = client_of(workflow.user)
    address = f"/destinations/{destination.pk}/backfill"
    fields = {"first": "2026-03-01", "last": "2026-03-31"}
    shown = client.post(address, fields)
    assert [shown.context["wanted"], queued()] == [3, set()]
    step = shown.context["step"]
    assert step.days == [("2026-03-12", 1), ("2026-03-11", 1), ("2026-03-10", 1)]
    assert step.workflows == [(str(workflow), 2), (str(other), 1)]
    fields["of"] = other.workflow_id
    shown = client.post(address, fields)
    answer = client.post(address, fields | {"step": str(shown.context["step"]), "queue": "yes"})
    assert answer.headers["Location"] == f"/destinations/{destination.pk}"
    assert queued() == {"march-2"}
    assert client.post(f"/destinations/{stranger.pk}/backfill", fields).status_code == 404
    for scope in ({}, {"user": str(stranger.user_id)}, {"execution": "march-3"}):
        found = client.post(ADDRESS, scope).context
        assert found["wanted"] == (3 if not scope else 0)
        assert stranger.user.email not in client.get(ADDRESS, scope).content.decode()


def test_a_day_is_one_of_the_viewers_zone(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    past(workflow, execution_id="late", created_at="2026-03-31T22:30:00Z")
    assert workflow.user
    client = client_of(workflow.user)
    client.cookies["zone"] = "Europe/Berlin"
    address = f"/destinations/{destination.pk}/backfill"
    assert client.post(address, {"last": "2026-03-31"}).context["wanted"] == 0
    shown = client.post(address, {"first": "2026-04-01"}).context
    assert (shown["wanted"], shown["step"].days) == (1, [("2026-04-01", 1)])
    assert client.get(f"{address}?count=all").context["wanted"] == 1
    assert client.post(address, {"last": "9999-12-31"}).context["step"] is None
