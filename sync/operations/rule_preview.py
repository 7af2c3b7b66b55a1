"""What rules would make of one execution, seen before anything is loaded. Nothing of it is stored or logged."""

from uuid import UUID

from accounts.models import SnowflakeConfiguration, User
from sync.models import WorkflowExecution
from sync.operations.rule_previewed import RulePreview
from sync.reporting import may_see_results
from sync.rules import RuleSet, latest

# Seconds that a preview takes, about.
PATIENCE = 5.0

_LARGE = ("execution_parameters", "result_columns", "result_rows")


def preview_rules(
    configuration: SnowflakeConfiguration,
    execution_id: str,
    rules: RuleSet | None = None,
    *,
    user: User | None = None,
    seconds: float = PATIENCE,
) -> RulePreview:
    """What these rules, or those in force, make of an execution of the destination's owner.

    `user`: who is going to see it; None: somebody who may see everything, as on the server. Statistics are over all
    rows, or, where that would take longer than about `seconds`, over the first ones, and say so.

    Raises WorkflowExecution.DoesNotExist, also where the execution is not the owner's or its results are not for
    `user` to see; `rules_unreadable`; TooSlowError where not even the first rows could be read. Do not call it in a
    transaction.
    """
    execution = _visible(execution_id, configuration.user_id, user)
    version = None if rules else latest(configuration.pk).version
    return RulePreview(execution.execution_id, _workflow_id(execution), version)


def _visible(execution_id: str, owner_id: UUID, user: User | None) -> WorkflowExecution:
    executions = WorkflowExecution.objects.select_related("workflow").defer(*_LARGE)
    execution = executions.get(execution_id=execution_id, workflow__user_id=owner_id)
    if user is not None and not may_see_results(user, execution):
        raise WorkflowExecution.DoesNotExist
    return execution


def _workflow_id(execution: WorkflowExecution) -> str:
    assert execution.workflow  # noqa: S101 - its owner was asked for
    return execution.workflow.workflow_id
