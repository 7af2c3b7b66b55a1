"""/api/snowflake/configurations/{id}/rules/…: what is loaded is counted, then exactly that is done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync.models import SyncQueueItem
from sync.web.api import rules_effect
from sync.web.api.rules_preview import Preview, PreviewedRows, PreviewStatistics, RuleEffect
from tests.queue.past import add, past
from tests.web.api.conftest import Owned
from tests.web.api.rules import DROP, PAID, Rules


@pytest.fixture
def rules(ada: Owned) -> Rules:
    return Rules(ada)


def loaded(owned: Owned, number: int, version: int | None = None, **fields: Any) -> list[SyncQueueItem]:
    """Items that were loaded an hour ago by this version."""
    ago = datetime.now(UTC) - timedelta(hours=1)
    fields = {"status": "completed", "row_count": 1, "updated_at": ago, "rules_version": version} | fields
    return [
        add(past(owned.workflow, result_columns=["notes", "email"]), owned.configuration, **fields)
        for _ in range(number)
    ]


def test_what_is_loaded_is_counted_then_loaded_again_never_more_than_confirmed(ada: Owned, rules: Rules) -> None:
    loaded(ada, 3)
    rules.put(0, DROP)
    loaded(ada, 2, 1)
    loaded(ada, 1, None, status="failed")
    status, effect = rules("GET", "/effect")
    numbers: dict[str, Any] = {"versions": [{"version": 0, "count": 3}, {"version": 1, "count": 2}]}
    numbers |= {"earlier": 3, "excluded": 0, "waiting": 0, "failed": 1, "removing": 0}
    workflow = {"workflow_id": ada.workflow.workflow_id, "workflow_name": "Campaign report", **numbers}
    assert (status, effect.pop("as_of") > "2026") == (200, True)
    assert effect == {"version": 1, "to_retry": 0, **numbers, "workflows": [workflow]}
    assert rules("GET", "/effect?until=2020-01-01")[1]["earlier"] == 0
    status, counted = rules("POST", "/reload")
    assert (status, counted["message"]) == (200, "3 executions would be loaded again.")
    assert counted["workflows"] == [
        {"workflow_id": ada.workflow.workflow_id, "workflow_name": "Campaign report", "count": 3}
    ]
    assert (counted["dry_run"], counted["version"], counted["count"], counted["finished"]) == (True, 1, 3, True)
    assert not SyncQueueItem.objects.filter(status="pending").exists()
    confirmed = {"dry_run": False, "version": 1, "as_of": counted["as_of"], "count": 2}
    status, done = rules("POST", "/reload", confirmed)
    assert (status, done["count"], done["message"]) == (200, 2, "2 executions queued to be loaded again.")
    assert SyncQueueItem.objects.filter(status="pending").count() == 2
    effect = rules("GET", f"/effect?workflow={ada.workflow.workflow_id}")[1]
    assert (effect["earlier"], effect["waiting"]) == (1, 2)
    rules.put(1, PAID)
    status, answer = rules("POST", "/reload", confirmed)
    assert (status, answer["code"]) == (409, "rules_changed")
    assert answer["what_to_do"].startswith("Count again")


@pytest.mark.django_db(transaction=True)
def test_a_preview_answers_what_the_schema_says(ada: Owned, rules: Rules) -> None:
    status, answer = rules("POST", "/preview", {"execution_id": ada.execution.execution_id, "rules": [DROP]})
    assert (status, answer["version"], answer["excluded_by"]) == (200, None, None)
    for said, kind in (
        (answer, Preview),
        (answer["effects"][0], RuleEffect),
        (answer["statistics"], PreviewStatistics),
        (answer["after"], PreviewedRows),
    ):
        assert said.keys() == kind().fields.keys()


def test_what_is_excluded_by_now_is_taken_out_once_that_is_confirmed(ada: Owned, rules: Rules) -> None:
    loaded(ada, 3, table_name="EXEC")
    excluding = {"kind": "scope", "name": "quiet", "action": "exclude", "workflow": ada.workflow.workflow_id}
    rules.put(0, excluding)
    effect = rules("GET", "/effect")[1]
    assert (effect["earlier"], effect["excluded"]) == (0, 3)
    status, counted = rules("POST", "/removal")
    assert (status, counted["message"]) == (200, "3 executions would be taken out of Snowflake.")
    assert (counted["count"], counted["tables"], counted["rows"]) == (3, 0, 3)
    assert not SyncQueueItem.objects.filter(is_to_be_removed=True).exists()
    status, done = rules("POST", "/removal", {"dry_run": False, "version": 1, "as_of": counted["as_of"], "count": 2})
    assert (status, done["count"], done["left"], done["tables"]) == (200, 2, 0, None)
    assert SyncQueueItem.objects.filter(is_to_be_removed=True).count() == 2
    rules.put(1)
    late = {"dry_run": False, "version": 1, "as_of": counted["as_of"], "count": 1}
    assert rules("POST", "/removal", late)[0] == 409


def test_what_is_not_excluded_any_more_comes_back_once_that_is_confirmed(ada: Owned, rules: Rules) -> None:
    loaded(ada, 3, status="skipped", error_code="excluded_by_rule")
    excluding = {"kind": "scope", "name": "quiet", "action": "exclude", "workflow": ada.workflow.workflow_id}
    rules.put(0, excluding)
    assert rules("POST", "/return")[1]["count"] == 0
    rules.put(1)
    status, counted = rules("POST", "/return")
    assert (status, counted["count"], counted["version"]) == (200, 3, 2)
    assert counted["message"] == "3 executions would be queued."
    assert not SyncQueueItem.objects.filter(status="pending").exists()
    status, done = rules("POST", "/return", {"dry_run": False, "version": 2, "as_of": counted["as_of"], "count": 2})
    assert (status, done["count"], done["message"]) == (200, 2, "2 executions queued.")
    assert SyncQueueItem.objects.filter(status="pending").count() == 2
    late = {"dry_run": False, "version": 1, "as_of": counted["as_of"], "count": 1}
    assert rules("POST", "/return", late)[0] == 409


@pytest.mark.parametrize("path", ["/reload", "/return", "/removal"])
def test_what_cannot_be_counted_in_time_is_not_counted_for_ever(
    ada: Owned, rules: Rules, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    rules.put(0, {"kind": "scope", "name": "quiet", "action": "exclude", "workflow": ada.workflow.workflow_id})
    monkeypatch.setattr(rules_effect, "SECONDS", 0.0)
    status, answer = rules("POST", path)
    assert (status, answer["code"]) == (503, "too_slow")


def test_a_request_works_for_some_seconds_and_says_where_to_go_on(
    ada: Owned, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(ada, 5)
    rules.put(0, DROP)
    as_of = rules("POST", "/reload")[1]["as_of"]
    monkeypatch.setattr(rules_effect, "SECONDS", 0.0)
    monkeypatch.setattr("sync.operations.rules.effect.PAGE", 2)
    sent: dict[str, Any] = {"dry_run": False, "version": 1, "as_of": as_of, "count": 5}
    done = 0
    for left in (3, 1, 0):
        status, answer = rules("POST", "/reload", sent)
        assert (status, answer["left"], answer["finished"]) == (200, left, not left)
        done += answer["count"]
        sent |= {"count": answer["left"], "after": answer["position"]}
    assert done == 5


def test_what_was_loaded_after_it_was_counted_is_not_done_in_place_of_what_was(ada: Owned, rules: Rules) -> None:
    (first,) = loaded(ada, 1)
    rules.put(0, DROP)
    counted = rules("POST", "/reload")[1]
    as_of = datetime.fromisoformat(counted["as_of"])
    loaded(ada, 1, updated_at=as_of + timedelta(microseconds=1), created_at=as_of - timedelta(days=9))
    confirmed = {"dry_run": False, "version": 1, "as_of": counted["as_of"], "count": 1}
    assert rules("POST", "/reload", confirmed)[1]["count"] == 1
    assert SyncQueueItem.objects.get(status="pending") == first
