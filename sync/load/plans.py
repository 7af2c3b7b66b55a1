"""What the rules make of each execution of a batch: by the one version that was read with the destination."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from accounts.models import SnowflakeConfiguration
from sync.destinations import key_of
from sync.errors import SyncError, failure
from sync.load.new_columns import known_columns
from sync.load.record import Record
from sync.models import WorkflowExecution
from sync.results import Examined, shown
from sync.rules import Plan, RuleSet, decided

# New columns that an error names.
_NAMED = 5
_STAR = "; allow, of one with * in its name"


class Plans:
    """The plan for each of these executions. What new columns are is settled once, before any result is read.

    `learns`: what turns out to be no new column is kept as known for good.
    """

    def __init__(
        self,
        configuration: SnowflakeConfiguration,
        rules: RuleSet,
        executions: Iterable[WorkflowExecution],
        *,
        learns: bool = True,
    ) -> None:
        self._configuration = configuration
        workflows = {execution.execution_id: _workflow_id(execution) for execution in executions}
        of_workflow = {workflow_id: rules.plan(workflow_id) for workflow_id in set(workflows.values())}
        self._workflows = workflows
        self._plans = {execution_id: of_workflow[workflow_id] for execution_id, workflow_id in workflows.items()}
        asked = {
            execution_id: workflow_id
            for execution_id, workflow_id in workflows.items()
            if of_workflow[workflow_id].new_columns != "allow"
        }
        self._known = known_columns(configuration, rules, asked, learns=learns) if asked else {}

    def of(self, execution_id: str) -> Plan:
        """What the rules make of the execution, whichever columns its result has."""
        return self._plans[execution_id]

    def applied(self, found: Examined, record: Record) -> Plan:
        """The plan for the result as it was found, without columns that are new. Raises new_column_held."""
        plan, new = self._plans[found.execution_id], self.new_columns(found)
        if new and plan.new_columns == "hold":
            raise self._held(found.execution_id, new)
        record.dropped_columns = new
        return replace(plan, dropped=frozenset(new)) if new else plan

    def new_columns(self, found: Examined) -> tuple[str, ...]:
        """The columns that are new, as far as a rule asks for them."""
        plan = self._plans[found.execution_id]
        is_result = found.status == "completed" and found.rows_type == "array"
        if plan.new_columns == "allow" or not is_result:
            return ()
        known = self._known[self._workflows[found.execution_id]]
        keys = dict.fromkeys(key for key in found.names if key is not None)
        return tuple(key for key in keys if key not in known and not decided(plan.columns, key))

    @cached_property
    def hash_key(self) -> bytes | None:
        """The key to hash values of these executions with, if any are. Raises hash_key_unreadable."""
        numbers = (plan.hash_key for plan in self._plans.values() if plan.hash_key is not None)
        number = next(numbers, None)
        return None if number is None else key_of(self._configuration.pk, number)

    def _held(self, execution_id: str, new: Sequence[str]) -> SyncError:
        columns = ", ".join(map(shown, new[:_NAMED])) + (f" and {len(new) - _NAMED} more" if new[_NAMED:] else "")
        workflow = shown(self._workflows[execution_id])
        starred = any("*" in key for key in new)
        return failure(
            "new_column_held",
            f"Execution {execution_id}: no earlier result of the workflow {workflow} had {columns}",
            remedy=f"Decide in the rules of the destination {self._configuration}, on its page Data, by the API or "
            f"with sync_rules: a rule that names the column (allow, drop, hash, ...{_STAR if starred else ''}). The "
            "execution then goes on by itself.",
        )


def _workflow_id(execution: WorkflowExecution) -> str:
    return execution.workflow.workflow_id if execution.workflow else ""
