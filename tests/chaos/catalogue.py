"""What the catalogues and views in Snowflake have to say in the end, of each execution and each workflow."""

from collections import Counter
from typing import Any

from snowflake.connector.errors import ProgrammingError

from sync.snowflake.identifiers import qualified
from tests.chaos.debts import Debt
from tests.chaos.world import World

NAME = "SYNC_EXECUTIONS"

_WRITTEN = "SELECT EXECUTION_ID, STATUS, SCHEMA_NAME, TABLE_NAME, ROW_COUNT FROM {}"
_STATES = """
SELECT state.breaker_state, state.breaker_code, state.breaker_until, state.last_login_at, catalogue.token,
    catalogue.next_at, catalogue.busy_until, catalogue.error_message, (
        SELECT count(*) FROM snowflake_sync_catalogue_changes AS change
        WHERE change.configuration_id = configuration.id
    ) AS changes
FROM snowflake_configurations AS configuration
JOIN snowflake_sync_destination_states AS state ON state.configuration_id = configuration.id
LEFT JOIN snowflake_sync_catalogues AS catalogue ON catalogue.configuration_id = configuration.id
WHERE configuration.schema = %s
"""
# The execution that the view of a workflow's latest result is to show, where all of it has been loaded or taken out.
_LATEST = """
SELECT DISTINCT ON (made.configuration_id, made.workflow_id)
    made.schema_name, made.latest_name, item.execution_id, item.row_count
FROM snowflake_sync_views AS made
JOIN workflow_executions AS execution ON execution.workflow_id = made.workflow_id
JOIN snowflake_sync_queue AS item
    ON item.execution_id = execution.execution_id AND item.configuration_id = made.configuration_id
        AND item.status = 'completed'
WHERE made.latest_hash IS NOT NULL AND NOT EXISTS (
    SELECT FROM snowflake_sync_queue AS other
    JOIN workflow_executions AS another ON another.execution_id = other.execution_id
    WHERE another.workflow_id = made.workflow_id AND other.configuration_id = made.configuration_id
        AND other.status NOT IN ('completed', 'skipped')
)
ORDER BY made.configuration_id, made.workflow_id, execution.completed_at DESC, execution.execution_id DESC
"""


def wrong_in_catalogues(world: World, found: list[Debt]) -> list[str]:
    """A line for each row that is missing, there twice, or other than the queue's item."""
    problems: list[str] = []
    for schema in {debt.schema for debt in found}:
        try:
            written = _written(world, schema)
        except ProgrammingError as error:
            problems.append(
                f"the catalogue of {schema}: {error.msg}; its destinations: {world.rows(_STATES, [schema])}"
            )
            continue
        times = Counter(row["EXECUTION_ID"] for row in written)
        problems += [f"the catalogue of {schema} has {one} {many} times" for one, many in times.items() if many > 1]
        says = {row["EXECUTION_ID"]: row for row in written}
        problems += [_compared(debt, says.get(debt.execution_id)) for debt in found if debt.schema == schema]
    return [problem for problem in problems if problem]


def _written(world: World, schema: str) -> list[dict[str, Any]]:
    return world.snowflake_rows(_WRITTEN.format(qualified(world.application.snowflake_database, schema, NAME)))


def _compared(debt: Debt, row: dict[str, Any] | None) -> str:
    if row is None:
        return f"{debt} is not in the catalogue"
    wanted = (debt.status, debt.table, debt.row_count)
    said = (row["STATUS"], row["TABLE_NAME"], row["ROW_COUNT"])
    removed = debt.status == "skipped" and said == ("removed", None, None)
    return "" if said == wanted or removed else f"{debt} is {wanted}, and the catalogue says {said}"


def wrong_in_views(world: World) -> list[str]:
    """A line for each view of a latest result that shows another, or less of it."""
    problems = []
    for schema, name, execution_id, rows in world.rows(_LATEST):
        view = qualified(world.application.snowflake_database, schema, name)
        shown = Counter(row["_EXECUTION_ID"] for row in world.snowflake_rows(f'SELECT "_EXECUTION_ID" FROM {view}'))
        if shown != Counter({execution_id: rows} if rows else {}):
            problems.append(f"{view} shows {dict(shown)} in place of {rows} rows of {execution_id}")
    return problems
