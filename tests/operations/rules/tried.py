"""Results, and documents of rules, for tests of what rules would do."""

from collections.abc import Mapping
from typing import Any

from sync.models import Workflow, WorkflowExecution
from sync.rules import RuleSet, read_rules
from tests.factories import ExecutionFactory


def complete(workflow: Workflow, columns: Mapping[str, str | None], rows: Any, **more: Any) -> WorkflowExecution:
    declared = [{"name": name, "type": type_} for name, type_ in columns.items()]
    return ExecutionFactory.create(workflow=workflow, result_columns=declared, result_rows=rows, **more)


def column(action: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"name": f"{action} it", "kind": "column", "action": action, "columns": list(columns)} | more


def rows(where: dict[str, Any], name: str = "rows") -> dict[str, Any]:
    return {"name": name, "kind": "rows", "where": where}


def draft(*rules: dict[str, Any]) -> RuleSet:
    return RuleSet(rules=read_rules(list(rules)))
