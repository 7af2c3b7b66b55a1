"""What is owed: every execution's rows, to each of its owner's destinations; and what the queue says of it."""

from dataclasses import dataclass
from typing import Any

from tests.chaos.mischief import struck_for_good
from tests.chaos.world import World

# From the application's tables alone: whatever the queue has forgotten is missed here.
_OWED = """
SELECT
    execution.execution_id,
    execution.workflow_id::text,
    execution.result_columns,
    execution.result_rows,
    configuration.username,
    configuration.schema,
    item.id::text,
    item.status,
    item.error_code,
    item.error_message,
    item.retry_count,
    item.table_name,
    item.row_count
FROM workflow_executions AS execution
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
JOIN snowflake_configurations AS configuration ON configuration.user_id = workflow.user_id AND configuration.is_active
LEFT JOIN snowflake_sync_queue AS item
    ON item.execution_id = execution.execution_id AND item.configuration_id = configuration.id
WHERE execution.status = 'completed'
ORDER BY execution.execution_id, configuration.created_at, configuration.id
"""


@dataclass(frozen=True, eq=False)
class Debt:
    """An execution and one destination; the item's fields are None where there is none."""

    execution_id: str
    workflow: str
    columns: list[dict[str, str]]
    rows: list[Any]
    login: str
    schema: str
    item_id: str | None
    status: str | None
    error_code: str | None
    error_message: str | None
    retry_count: int | None
    table: str | None
    row_count: int | None

    def __str__(self) -> str:
        return f"{self.execution_id} at {self.login}"

    @property
    def own_name(self) -> str:
        """How the name of a table of its own ends."""
        return self.execution_id.upper().replace("-", "_")


def debts(world: World) -> list[Debt]:
    """Everything that is owed."""
    return [Debt(*row) for row in world.rows(_OWED)]


def gone_by(world: World, debt: Debt) -> str | None:
    """Why it is not in Snowflake in the end, as a code; None: it is to be there."""
    if debt.workflow in world.left_out:
        return "excluded_by_rule"
    return "past_retention" if debt.execution_id in world.past else None


def fails_rightly(world: World, found: list[Debt]) -> set[Debt]:
    """Those that failed, and may: a permanent fault was put into them."""
    struck = {(strike.user.upper(), strike.sql) for strike in struck_for_good(world.strikes())}
    return {
        debt
        for debt in found
        if debt.status == "failed"
        and (world.doomed.get(debt.execution_id) == debt.error_code or (_rejected(debt, struck)))
    }


def _rejected(debt: Debt, struck: set[tuple[str, str]]) -> bool:
    return debt.error_code == "load_rejected" and any(
        login == debt.login and debt.own_name in sql for login, sql in struck
    )
