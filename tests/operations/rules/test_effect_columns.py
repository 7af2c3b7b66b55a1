"""Which results are loaded again when rules for columns change: those that have such columns."""

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, Workflow
from sync.operations import Loaded, count_effect, count_to_retry
from tests.operations.rules.test_effect import DROP, HASH, again, loaded, orders, put, statuses, where
from tests.queue.past import add, past

__all__ = ["orders", "where"]


def test_rules_for_columns_concern_results_that_have_them(orders: Workflow, where: SnowflakeConfiguration) -> None:
    def with_columns(columns: Any) -> SyncQueueItem:
        execution = past(orders, result_columns=columns)
        return add(execution, where, status="completed", row_count=1, updated_at=datetime.now(UTC) - timedelta(hours=1))

    kept = [with_columns([{"name": "id"}, {"name": "amount"}]) for _ in range(3)]
    known: list[Any] = [[{"name": "id"}], ["id"], [{"name": "NOTES"}]]
    unclear: list[Any] = [None, {}, [], [{"type": "text"}]]
    lacking, unknown = ([with_columns(columns) for columns in each] for each in (known, unclear))
    having = [with_columns(["id", "notes"]), with_columns([{"name": "notes"}])]
    waiting = add(past(orders, result_columns=["id"]), where, status="pending", row_count=1)
    put(
        where,
        {**HASH, "columns": ["notes", "e*mail"]},
        {**DROP, "columns": ["amount*"]},
        {**DROP, "columns": ["amount"]},
    )
    found = count_effect(Loaded(where.pk))
    assert (found.versions, found.earlier, found.waiting) == ({0: 12}, 9, 0)
    assert again(where).changed == 9
    assert set(statuses([*kept, *unknown, *having])) == {"pending"}
    assert statuses([*lacking, waiting]) == ["completed"] * 3 + ["pending"]


def test_what_is_compared_or_added_concerns_all_results(orders: Workflow, where: SnowflakeConfiguration) -> None:
    execution = past(orders, result_columns=["id"])
    add(execution, where, status="completed", row_count=1)
    for rule in (
        {"kind": "rows", "where": {"column": "notes", "operator": "null"}},
        {"kind": "add", "column": "a", "constant": 1},
        {"kind": "column", "action": "keep_only", "columns": ["notes"]},
        {"kind": "column", "action": "mask", "columns": ["*"]},
    ):
        put(where, rule)
        assert count_effect(Loaded(where.pk)).earlier == 1, rule


def test_what_waits_to_be_taken_out_is_not_on_its_way_again(orders: Workflow, where: SnowflakeConfiguration) -> None:
    for status in ("pending", "processing"):
        loaded(orders, where, status=status, is_to_be_removed=True)
    loaded(orders, where, status="pending")
    put(where, DROP)
    found = count_effect(Loaded(where.pk))
    assert (found.earlier, found.waiting, found.removing) == (0, 1, 2)
    assert [(one.waiting, one.removing) for one in found.workflows] == [(1, 2)]


ROWS: dict[str, Any] = {"kind": "rows", "where": {"column": "paid", "operator": "eq", "value": True}}


def test_what_failed_by_a_rule_that_has_changed_is_to_be_retried(
    orders: Workflow, where: SnowflakeConfiguration
) -> None:
    def fail(version: int, code: str = "rule_does_not_fit") -> None:
        item = add(past(orders, result_columns=["id"]), where, status="failed", error_code=code)
        for outcome, by in (("failed", 1), ("failed", version), ("refused", None)):
            SyncAttempt.objects.create(item=item, configuration=where, outcome=outcome, rules_version=by)

    for version in (1, 2):
        assert put(where, ROWS, *[DROP] * (version - 1)) == version
        fail(version)
    fail(2, "value_does_not_fit")
    assert count_effect(Loaded(where.pk)).to_retry == 0
    put(where, DROP)
    assert count_effect(Loaded(where.pk)).to_retry == count_to_retry(Loaded(where.pk)) == 2
    assert count_to_retry(Loaded(where.pk, workflow_ids=())) == 0
