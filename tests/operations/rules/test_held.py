"""What earlier rules have held goes on once they have changed: at once as far as there is time, the rest by workers."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem
from sync.operations import add_rule, change_rules
from sync.operations.rules import editing
from sync.queue import held as of_queue
from sync.queue import release_held
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.operations.rules.tried import column, rows
from tests.queue.past import add, past
from tests.queue.sessions import another_session

ADA = "ada@example.com"
HOLD: dict[str, Any] = {"name": "new ones", "kind": "new_columns", "policy": "hold"}
DROP = column("drop", "notes")


def destination() -> UUID:
    """One whose rules hold new columns."""
    configuration: SnowflakeConfiguration = ConfigurationFactory.create()
    change_rules(configuration.pk, [HOLD], author=ADA, expected_version=0)
    return configuration.pk


def failed(where: UUID, code: str = "new_column_held") -> SyncQueueItem:
    configuration = SnowflakeConfiguration.objects.get(pk=where)
    execution = past(WorkflowFactory.create(user=configuration.user))
    item = add(execution, configuration, status="failed", error_code=code)
    SyncAttempt.objects.create(item=item, outcome="failed", rules_version=1)
    return item


@pytest.mark.django_db
def test_what_earlier_rules_have_held_goes_on() -> None:
    where = destination()
    held, other = failed(where), failed(where, "rule_does_not_fit")
    SyncAttempt.objects.create(item=held, outcome="refused", rules_version=None)
    changed = change_rules(where, [DROP], author=ADA, expected_version=1)
    assert (changed.released, changed.more_held) == (1, False)
    assert changed.goes_on.endswith("looked at again: 1.")
    assert dict(SyncQueueItem.objects.values_list("pk", "status")) == {held.pk: "pending", other.pk: "failed"}
    again = add_rule(where, rows({"column": "state", "operator": "null"}), author=ADA)
    assert (again.released, again.goes_on) == (0, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [5.0, 0.2])
def test_what_cannot_go_on_in_time_is_left_to_workers(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds what says by which rules it was held, for longer than a lock, or the statement, may take."""
    monkeypatch.setattr(editing, "RELEASING", seconds)
    where = destination()
    failed(where)
    with another_session("LOCK TABLE snowflake_sync_attempts IN ACCESS EXCLUSIVE MODE"):
        changed = change_rules(where, [DROP], author=ADA, expected_version=1)
        with pytest.raises(OperationalError):
            release_held()
    assert (changed.rules.version, changed.released, changed.more_held) == (2, 0, True)
    assert changed.goes_on.endswith("looked at again: 0. Workers look at the rest.")
    assert release_held() == (1, True)


@pytest.mark.django_db
def test_no_page_begins_after_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    where = destination()
    for _ in range(3):
        failed(where)
    change = {"author": ADA, "expected_version": 1, "lets_go": False}
    made = change_rules(where, [DROP], **change)  # type: ignore[arg-type]
    monkeypatch.setattr(of_queue, "_PAGE", 1)
    assert release_held(where, seconds=0) == (0, False)
    # The first page is the last one for which there is time.
    times = iter([0.0, 1.0, 1.0, 6.0])
    monkeypatch.setattr(of_queue, "time", SimpleNamespace(monotonic=lambda: next(times)))
    changed = editing.let_go(where, made)
    monkeypatch.undo()
    assert (changed.released, changed.more_held) == (1, True)
    assert release_held() == (2, True)
