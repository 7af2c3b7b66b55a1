"""Scope: which executions the rules of their destinations exclude."""

from collections.abc import Sequence
from uuid import UUID

from sync.models import WorkflowExecution
from sync.rules import ScopeRule, matches, of_version


def excluded_now(configuration_id: UUID, version: int, execution_ids: Sequence[str]) -> dict[str, str]:
    """Of these executions, those that a version of the rules excludes, and the rule that does."""
    scope = of_version(configuration_id, version).scope
    if any(rule.when for rule in scope):
        raise NotImplementedError("conditions of scope rules")
    executions = WorkflowExecution.objects.filter(execution_id__in=list(execution_ids))
    found = executions.values_list("execution_id", "workflow__workflow_id")
    decided = {execution_id: _excludes(scope, workflow_id) for execution_id, workflow_id in found}
    return {execution_id: rule for execution_id, rule in decided.items() if rule}


def _excludes(scope: Sequence[ScopeRule], workflow_id: str) -> str:
    first = next((rule for rule in scope if matches(rule.workflow, workflow_id)), None)
    if first:
        return first.name if first.action == "exclude" else ""
    return "only what is included" if any(rule.action == "include" for rule in scope) else ""
