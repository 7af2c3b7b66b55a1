"""What tests of scope rules share: rules in force, and executions to decide about."""

from typing import Any

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, SyncRuleVersion, WorkflowExecution
from sync.rules import documents, latest, read_rules


def put_rules(configuration: SnowflakeConfiguration | None, *rules: dict[str, Any]) -> int:
    """Makes these the rules in force, each a scope rule that excludes unless it says otherwise. Their version."""
    assert configuration
    named = [{"name": f"rule {n}", "kind": "scope", "action": "exclude", **rule} for n, rule in enumerate(rules, 1)]
    version = latest(configuration.pk).version + 1
    SyncRuleVersion.objects.create(
        configuration=configuration, version=version, rules=documents(read_rules(named)), author="a test"
    )
    return version


def exclusions(configuration: SnowflakeConfiguration, *executions: WorkflowExecution) -> list[str | None]:
    """What the rules in force say of each execution."""
    said = queue.excluded_now(
        configuration.pk, latest(configuration.pk).version, [execution.execution_id for execution in executions]
    )
    return [said.get(execution.execution_id) for execution in executions]


def said_of(execution: WorkflowExecution) -> dict[str, tuple[str, str | None, str | None]]:
    """Status, code and message of its items, by the destination's name."""
    items = SyncQueueItem.objects.filter(execution=execution, configuration__isnull=False)
    rows = items.values_list("configuration__name", "status", "error_code", "error_message")
    return {name: (status, code, message) for name, status, code, message in rows}
