"""retry and backfill, and how often one may ask."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from sync.models import SyncQueueItem
from sync.web.api import views
from tests.factories import QueuedFactory
from tests.web.api.callers import problem
from tests.web.api.conftest import BASE, Caller, Owned, caller_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_failed_item_is_queued_again_once(ada: Owned) -> None:
    answer = ada.caller.post(f"retry/{ada.item.pk}")
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert ada.execution.execution_id in answer.json()["message"]
    ada.item.refresh_from_db()
    assert ada.item.status == "pending"
    again = ada.caller.post(f"retry/{ada.item.pk}")
    document = problem(again)
    assert (again.status_code, document["code"]) == (409, "not_retried")
    assert "is pending" in document["detail"]


@pytest.mark.parametrize("by", ["ids", "execution_ids"])
def test_many_are_retried_as_they_are_named(ada: Owned, bob: Owned, by: str) -> None:
    (other,) = ada.more(1, user=ada.user, status="failed")
    named = {"ids": [str(ada.item.pk), str(bob.item.pk)]}
    if by == "execution_ids":
        named = {"execution_ids": [ada.execution.execution_id, bob.execution.execution_id]}
    counted = ada.caller.post("retry", {**named, "dry_run": True}).json()
    assert (counted["wanted"], counted["changed"]) == (1, 0)
    done = ada.caller.post("retry", named).json()
    assert (done["wanted"], done["changed"], done["others"], done["finished"]) == (1, 1, {}, True)
    again = ada.caller.post("retry", named).json()
    assert (again["changed"], again["others"]) == (0, {"pending": 1})
    skipped = ada.caller.post("skip", named).json()
    assert skipped["changed"] == 1
    for item, status in ((ada.item, "skipped"), (bob.item, "failed"), (other, "failed")):
        item.refresh_from_db()
        assert item.status == status


def test_what_is_loaded_is_loaded_again(ada: Owned) -> None:
    SyncQueueItem.objects.filter(pk=ada.item.pk).update(status="completed", error_code=None)
    assert ada.caller.post("load-again", {"ids": [str(ada.item.pk)]}).json()["changed"] == 1
    ada.item.refresh_from_db()
    assert (ada.item.status, ada.item.generation) == ("pending", 2)


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": ["x"]}, {"id": "x"}, {"ids": ["x"] * 1001}])
def test_nothing_named_is_nothing_done(ada: Owned, body: dict[str, object]) -> None:
    for act in ("retry", "skip", "load-again"):
        assert ada.caller.post(act, body).status_code == 400
    ada.item.refresh_from_db()
    assert ada.item.status == "failed"


def past(owned: Owned, count: int, **fields: object) -> None:
    """Executions that completed before there was a trigger."""
    for execution in QueuedFactory.create_batch(count, workflow=owned.workflow, **fields):
        SyncQueueItem.objects.filter(execution=execution).delete()


def test_backfill_without_a_body_is_safe_to_repeat(ada: Owned, bob: Owned) -> None:
    past(ada, 3)
    past(bob, 2)
    first = ada.caller.post("backfill").json()
    assert (first["message"], first["queued_count"], first["finished"]) == ("3 executions queued.", 3, True)
    assert first["left_alone"] == {"failed": 1}
    again = ada.caller.post("backfill").json()
    assert (again["message"], again["queued_count"]) == ("0 executions queued.", 0)
    assert SyncQueueItem.objects.filter(user=bob.user).count() == 1


def test_what_a_backfill_is_about(ada: Owned, bob: Owned, staff: Caller) -> None:
    past(ada, 2, created_at=datetime(2026, 1, 5, tzinfo=UTC))
    past(ada, 3, created_at=datetime(2026, 2, 5, tzinfo=UTC))
    dry = {"dry_run": True}
    assert ada.caller.post("backfill", dry).json()["message"] == "5 executions would be queued."
    assert ada.caller.post("backfill", dry | {"since": "2026-02-01"}).json()["queued_count"] == 3
    assert ada.caller.post("backfill", dry | {"until": "2026-02-01T00:00:00Z"}).json()["queued_count"] == 2
    assert ada.caller.post("backfill", dry | {"workflow": ada.workflow.workflow_id}).json()["queued_count"] == 5
    assert ada.caller.post("backfill", dry | {"force": True}).json()["queued_count"] == 6
    assert staff.post("backfill", dry | {"user": bob.user.email}).json()["queued_count"] == 0
    assert staff.post("backfill", dry | {"user": str(ada.user.pk)}).json()["queued_count"] == 5
    assert not SyncQueueItem.objects.filter(status="pending").exists()
    limited = ada.caller.post("backfill", {"limit": 4}).json()
    assert (limited["queued_count"], limited["finished"]) == (4, False)
    rest = ada.caller.post("backfill", {"after": limited["position"]}).json()
    assert (rest["queued_count"], rest["finished"]) == (1, True)


@pytest.mark.parametrize("field", ["workflow", "user"])
def test_somebody_elses_is_as_if_it_were_not_there(ada: Owned, bob: Owned, field: str) -> None:
    asked = {"workflow": bob.workflow.workflow_id, "user": bob.user.email}[field]
    others, nobodys = (ada.caller.post("backfill", {field: value}) for value in (asked, "nobody@example.com"))
    assert others.status_code == 404
    assert problem(others) == problem(nobodys)


def test_a_long_backfill_says_where_to_go_on(ada: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    past(ada, 3)
    monkeypatch.setattr(views, "BACKFILL_SECONDS", -1.0)
    monkeypatch.setattr("sync.operations.backfill.PAGE", 2)
    found, after = [], ""
    for _ in range(10):
        answer = ada.caller.post("backfill", {"after": after}).json()
        found.append(answer["queued_count"])
        if answer["finished"]:
            break
        assert answer["message"].endswith("go on after position.")
        after = answer["position"]
    assert sum(found) == 3
    assert len(found) > 1


def test_whoever_asks_too_often_is_told_when_to_come_back(ada: Owned, bob: Owned, settings: Settings) -> None:
    settings.API_RATES = {"retry": "2/min", "backfill": "1/hour"}
    second = caller_of(ada.user)
    assert [caller.post(f"retry/{ada.item.pk}").status_code for caller in (ada.caller, second)] == [200, 409]
    refused = second.post(f"retry/{ada.item.pk}")
    assert (refused.status_code, problem(refused)["code"]) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert bob.caller.post(f"retry/{bob.item.pk}").status_code == 200
    assert [ada.caller.post("backfill").status_code for _ in range(2)] == [200, 429]
    assert ada.caller.get("stats").status_code == 200


def test_the_count_begins_again_when_the_time_is_over(ada: Owned, settings: Settings) -> None:
    from accounts.models import ApiUsage  # noqa: PLC0415

    settings.API_RATES = {"backfill": "1/min"}
    assert [ada.caller.post("backfill").status_code for _ in range(2)] == [200, 429]
    ApiUsage.objects.update(since=datetime.now(UTC) - timedelta(seconds=61))
    assert [ada.caller.post("backfill").status_code for _ in range(2)] == [200, 429]


def test_without_a_rate_one_may_ask_as_often_as_one_likes(ada: Owned, settings: Settings) -> None:
    settings.API_RATES = {"retry": ""}
    assert {ada.caller.ask("POST", f"{BASE}/retry/{ada.item.pk}").status_code for _ in range(30)} == {200, 409}
