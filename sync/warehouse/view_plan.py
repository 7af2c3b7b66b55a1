"""What the views of a workflow are to show: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sync.snowflake.identifiers import OWN_COLUMNS, readable
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import LONGEST_VIEW, Chosen, ViewColumn, select, union

# Results that one view shows at most.
MOST = 200
# Differences of columns that the catalogue names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Result:
    """An execution's own table. `columns`: those that a view may name; None: of one that is too old to be shown.

    `is_released`: it is about to go, or to lose columns. `said`: what the catalogue says of it.
    """

    execution_id: str
    table: Table
    columns: tuple[ViewColumn, ...] | None
    computed_at: datetime
    is_released: bool = False
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """A table that several executions share, and when the last of the workflow's there was computed."""

    table: Table
    columns: tuple[ViewColumn, ...]
    computed_at: datetime
    by_many: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The queries of both views; None: there is nothing that it could show.

    `left_out`: by execution, why the view of all results is without it; None: it is not.
    """

    latest: str | None
    all: str | None
    left_out: dict[str, str | None] = field(default_factory=dict)


def plan_views(results: Sequence[Result], shared: Shared | None, catalogue: Table | None, workflow_id: str) -> Plan:
    """`results`: the workflow's, the latest first. In a shared table the catalogue alone knows which one that is."""
    if shared and not (results and results[0].computed_at > shared.computed_at):
        return _of_shared(shared, results, catalogue, workflow_id)
    latest = next((result for result in results if result.columns), None)
    parts, left_out = _parts(results)
    return Plan(
        select(latest.table, latest.columns) if latest and latest.columns else None,
        union(parts) if parts else None,
        left_out,
    )


def _of_shared(shared: Shared, results: Sequence[Result], catalogue: Table | None, workflow_id: str) -> Plan:
    key = OWN_COLUMNS[0]
    latest = of_all = None
    if catalogue:
        latest = select(shared.table, shared.columns, key, Chosen(catalogue, workflow_id, latest=True))
    if catalogue and shared.by_many:
        of_all = select(shared.table, shared.columns, key, Chosen(catalogue, workflow_id, latest=False))
    elif not shared.by_many:
        of_all = select(shared.table, shared.columns)
    elsewhere = f"It is in a table of its own, and the latest in {readable(shared.table.schema, shared.table.name)}"
    return Plan(latest, of_all, dict.fromkeys((result.execution_id for result in results), elsewhere))


def _parts(results: Sequence[Result]) -> tuple[list[str], dict[str, str | None]]:
    """What to select of each table that is shown, and why others are not; what is said of released ones stays."""
    first = next((result for result in results if result.columns and not result.is_released), None)
    parts: list[str] = []
    left_out: dict[str, str | None] = {}
    size = 0
    for result in results:
        if result.is_released or first is None:
            continue
        why = _why_not(result, first, len(parts))
        if why is None:
            part = select(result.table, first.columns or ())
            size += len(part.encode()) + len(union(("", "")))
            if size > LONGEST_VIEW:
                why = "The view would be longer than Snowflake takes"
            else:
                parts.append(part)
        left_out[result.execution_id] = why
    return parts, left_out


def _why_not(result: Result, first: Result, shown: int) -> str | None:
    if result.columns is None or shown >= MOST:
        return f"There are {MOST} later ones"
    there, wanted = ({column.name: column.type for column in one.columns or ()} for one in (result, first))
    different = [f"it lacks {readable(name)}" for name in wanted if name not in there]
    different += [f"it has {readable(name)}" for name in there if name not in wanted]
    different += [
        f"{readable(name)} is {there[name]} and not {type_}"
        for name, type_ in wanted.items()
        if there.get(name, type_) != type_
    ]
    more = f" and {len(different) - _NAMED} more" if different[_NAMED:] else ""
    return f"Its columns are not the latest's: {', '.join(different[:_NAMED])}{more}" if different else None
