"""Retry and skip, from the admin's list to the console: exactly what was confirmed, and only by those who may."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sync import queue
from sync.models import SyncActivity, SyncQueueItem, Workflow
from sync.operations import change
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.queue.past import add, past
from tests.queue.sessions import another_session
from tests.web.admin.conftest import RETRY, VIEW, Make, client_of, operator

LIST = "/admin/sync/syncqueueitem/"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def helper(transactional_db: None) -> Client:
    """Somebody who may retry."""
    return client_of(operator(*VIEW, RETRY))


def statuses() -> dict[str, str]:
    return {item.execution_id: item.status for item in SyncQueueItem.objects.all()}


def confirm(client: Client, address: str) -> dict[str, Any]:
    """What a confirmation page's form would send."""
    answer = client.get(f"/{address}")
    assert answer.status_code == 200
    preview = answer.context["preview"]
    fields: dict[str, Any] = {}
    for name, value in answer.context["selection"].fields:
        fields.setdefault(name, []).append(value)
    return fields | {"as_of": preview.as_of.isoformat(), "wanted": preview.wanted}


def told(client: Client, address: str, fields: dict[str, Any]) -> str:
    """Carries it out; the message that the next page shows."""
    answer = client.post(f"/{address}", fields, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def test_all_that_match_are_retried_and_no_others(helper: Client, make: Make) -> None:
    for number in range(3):
        make(execution_id=f"match-{number}", status="failed", error_code="no_results", retry_count=3)
    make(execution_id="other-code", status="failed", error_code="table_not_ours")
    make(execution_id="other-status", status="completed")
    page = helper.get("/retry?status=failed&error_code=no_results").content.decode()
    assert ">Retry 3 runs</button>" in page
    fields = confirm(helper, "retry?status=failed&error_code=no_results")
    assert told(helper, "retry", fields) == "3 of 3 runs are waiting again."
    assert statuses() == {
        **{f"match-{number}": "pending" for number in range(3)},
        "other-code": "failed",
        "other-status": "completed",
    }


def test_what_changed_in_between_is_left_alone_and_told(helper: Client, make: Make) -> None:
    items = [make(execution_id=f"item-{number}", status="failed", error_code="no_results") for number in range(3)]
    fields = confirm(helper, "retry?status=failed")
    # One is retried by somebody else and fails anew; one fails that had not been counted.
    queue.change_items(queue.Change.RETRY, [items[0].pk])
    SyncQueueItem.objects.filter(pk=items[0].pk).update(status="failed", updated_at=timezone.now())
    make(execution_id="later", status="failed", error_code="no_results")
    assert told(helper, "retry", fields) == (
        "2 of 3 runs are waiting again; 1 run left alone: changed since they were counted."
    )
    assert statuses() == {"item-0": "failed", "item-1": "pending", "item-2": "pending", "later": "failed"}


def test_never_more_than_was_confirmed(helper: Client, make: Make) -> None:
    for number in range(3):
        make(execution_id=f"item-{number}", status="failed")
    fields = confirm(helper, "retry?status=failed") | {"wanted": 2}
    told(helper, "retry", fields)
    assert sorted(statuses().values()) == ["failed", "pending", "pending"]


def test_a_processing_item_is_refused_with_the_reason(helper: Client, make: Make) -> None:
    item = make(status="processing")
    answer = helper.get(f"/retry?item={item.pk}")
    page = answer.content.decode()
    assert "There is nothing to retry." in page
    assert "being loaded by a worker at this moment" in page
    assert 'name="as_of"' not in page
    fields = {"item": [str(item.pk)], "as_of": timezone.now().isoformat(), "wanted": 1}
    assert "0 of 1 run is waiting again; 1 run left alone" in told(helper, "retry", fields)
    assert statuses() == {item.execution_id: "processing"}


def test_the_selected_ones_through_the_lists_action(helper: Client, make: Make) -> None:
    chosen = [make(status="failed"), make(status="skipped", error_code="skipped_by_hand"), make(status="completed")]
    make(execution_id="not-chosen", status="failed")
    data = {"action": "retry_selected", "_selected_action": [str(item.pk) for item in chosen], "index": "0"}
    answer = helper.post(LIST, data, follow=True)
    assert answer.request["PATH_INFO"] == "/retry"
    assert "3 ticked runs, each in one destination" in answer.content.decode()
    assert answer.context["preview"].wanted == 2
    assert "1 run loaded already" in answer.content.decode()
    preview = answer.context["preview"]
    fields = {
        "item": [value for _, value in answer.context["selection"].fields],
        "as_of": preview.as_of.isoformat(),
        "wanted": preview.wanted,
    }
    assert told(helper, "retry", fields) == "2 of 2 runs are waiting again."
    assert sorted(statuses().values()) == ["completed", "failed", "pending", "pending"]
    assert statuses()["not-chosen"] == "failed"


def test_a_ticked_one_is_not_retried_at_another_destination(helper: Client, make: Make) -> None:
    item = make(execution_id="twice", status="failed")
    second = ConfigurationFactory.create(user=item.user, name="Second")
    other = add(item.execution, second, status="failed")
    assert told(helper, "retry", confirm(helper, f"retry?item={item.pk}")) == "1 of 1 run is waiting again."
    other.refresh_from_db()
    assert other.status == "failed"


def test_nobody_retries_somebody_elses_by_its_id(make: Make) -> None:
    item = make(status="failed")
    assert item.user
    owner = client_of(item.user)
    assert owner.get(f"/retry?item={item.pk}").context["preview"].wanted == 1
    fields = {"item": [str(item.pk)], "as_of": timezone.now().isoformat(), "wanted": 1}
    stranger = client_of(UserFactory.create())
    assert stranger.get(f"/retry?item={item.pk}").context["preview"].wanted == 0
    stranger.post("/retry", fields)
    assert statuses()[item.execution_id] == "failed"


def test_what_has_no_owner_is_left_alone_and_told(helper: Client, make: Make) -> None:
    nobodys = add(past(WorkflowFactory.create(user=None)), None, status="failed", error_code="no_owner")
    make(execution_id="owned", status="failed")
    answer = helper.get("/retry?status=failed")
    assert answer.context["preview"].wanted == 1
    assert "1 run without owner" in answer.content.decode()
    told(helper, "retry", confirm(helper, "retry?status=failed"))
    assert statuses() == {nobodys.execution_id: "failed", "owned": "pending"}


def test_skipping_what_waits_and_what_failed(helper: Client, make: Make) -> None:
    items = [make(execution_id=status, status=status) for status in ("pending", "failed", "processing", "completed")]
    asked = "&".join(f"item={item.pk}" for item in items)
    assert told(helper, "skip", confirm(helper, f"skip?{asked}")) == "2 of 2 runs are left out."
    assert statuses() == {
        "pending": "skipped",
        "failed": "skipped",
        "processing": "processing",
        "completed": "completed",
    }
    assert SyncQueueItem.objects.get(execution__execution_id="pending").error_code == "skipped_by_hand"


def test_what_somebody_holds_is_told(helper: Client, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.operations.progress.AGAIN_AFTER", ())
    item = make(status="failed")
    fields = confirm(helper, "retry?status=failed")
    with another_session("SELECT FROM snowflake_sync_queue WHERE id = %s FOR UPDATE", str(item.pk)):
        assert "1 run left alone: held by somebody else" in told(helper, "retry", fields)
    assert statuses() == {item.execution_id: "failed"}


def test_when_the_time_is_over_one_is_asked_to_go_on(
    helper: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "PAGE", 2)
    monkeypatch.setattr("sync.web.console.confirmation.DOING", 0.0)
    for number in range(5):
        make(execution_id=f"item-{number}", status="failed")
    fields = confirm(helper, "retry?status=failed")
    answer = helper.post("/retry", fields)
    assert list(map(str, answer.context["messages"])) == [
        "2 of 5 runs are waiting again; 3 runs not reached in the time."
    ]
    for left in (3, 1):
        after, preview = answer.context["after"], answer.context["preview"]
        assert preview.wanted == left
        fields |= {"wanted": left, "after_at": after.at.isoformat(), "after_id": str(after.id)}
        answer = helper.post("/retry", fields)
    assert answer.status_code == 302
    assert set(statuses().values()) == {"pending"}


def test_it_is_recorded_once(helper: Client, make: Make) -> None:
    items = [make(status="failed") for _ in range(3)]
    told(helper, "retry", confirm(helper, "retry?status=failed&user=ann@example.com"))
    entry = SyncActivity.objects.get()
    assert (entry.action, entry.face, entry.user_name) == ("retry", "console", "operator@example.com")
    assert (entry.subject_kind, entry.subject_name, entry.count) == ("user", "ann@example.com", 3)
    told(helper, "skip", confirm(helper, f"skip?item={items[0].pk}"))
    assert SyncActivity.objects.latest("id").subject_id == items[0].execution_id


@pytest.mark.parametrize("verb", ["retry", "skip"])
def test_who_may_only_look_gets_no_action(make: Make, verb: str) -> None:
    item = make(status="failed")
    reader = client_of(operator(*VIEW))
    for page in (LIST, f"{LIST}{item.pk}/change/"):
        shown = reader.get(page).content.decode()
        assert f"{verb}/" not in shown
        assert f"{verb}_selected" not in shown
    assert reader.get(f"/{verb}?status=failed").status_code == 403
    fields = {"item": [str(item.pk)], "as_of": timezone.now().isoformat(), "wanted": 1}
    assert reader.post(f"/{verb}", fields).status_code == 403
    reader.post(LIST, {"action": f"{verb}_selected", "_selected_action": [str(item.pk)], "index": "0"})
    assert statuses() == {item.execution_id: "failed"}
    assert not SyncActivity.objects.exists()


def test_a_filter_that_is_not_understood_changes_nothing(helper: Client, make: Make, workflow: Workflow) -> None:
    make(execution_id="item", status="failed")
    answer = helper.get("/retry?user=nobody@example.com")
    assert "There is no user nobody@example.com." in answer.content.decode()
    fields = {"user": "nobody@example.com", "as_of": timezone.now().isoformat(), "wanted": 1}
    helper.post("/retry", fields)
    assert statuses() == {"item": "failed"}


@pytest.mark.parametrize("verb", ["retry", "skip"])
@pytest.mark.parametrize("chosen_by", ["status", "item"])
def test_a_parameter_that_is_not_known_changes_nothing(helper: Client, make: Make, verb: str, chosen_by: str) -> None:
    make(execution_id="item", status="failed")
    asked = {"status": "failed", "item": str(SyncQueueItem.objects.get().pk)}[chosen_by]
    fields = {chosen_by: asked, "error": "no_results"}
    page = helper.get(f"/{verb}", fields).content.decode()
    assert "There is no parameter error." in page
    helper.post(f"/{verb}", fields | {"as_of": timezone.now().isoformat(), "wanted": 1})
    assert statuses() == {"item": "failed"}
