"""The end state: what has to be true of PostgreSQL and Snowflake once the faults have stopped."""

from collections import Counter, defaultdict
from typing import Any

from sync.snowflake.identifiers import OWN_COLUMNS, qualified
from tests.chaos.catalogue import NAME, wrong_in_catalogues, wrong_in_views
from tests.chaos.debts import Debt, debts, fails_rightly, gone_by
from tests.chaos.leftovers import leftovers
from tests.chaos.results import TYPES, expected, shown
from tests.chaos.world import World

Row = dict[str, Any]
Place = tuple[str, str]

_STATES = """
SELECT item.status, count(*) FROM snowflake_sync_queue AS item
WHERE item.status IN ('pending', 'processing') OR item.configuration_id IS NULL
GROUP BY item.status
"""
_EXECUTIONS = """
SELECT execution_id, snowflake_status, snowflake_error_message, snowflake_schema_name, snowflake_table_name,
    snowflake_row_count, snowflake_uploaded_at
FROM workflow_executions
WHERE status = 'completed'
"""
_TABLES = """
SELECT TABLE_SCHEMA, TABLE_NAME FROM "{}".INFORMATION_SCHEMA.TABLES
WHERE TABLE_SCHEMA NOT IN ('INFORMATION_SCHEMA', 'PUBLIC') AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME <> '{}'
"""


def judge(world: World, *, used_up_share: float = 0.01) -> None:
    """Raises an AssertionError that says everything that is wrong.

    `used_up_share`: so many may have failed because the faults used up their retries; they are retried by
    hand, once, and have to complete then.
    """
    retried_by_hand(world, used_up_share)
    found = debts(world)
    lost = fails_rightly(world, found)
    problems = [*_of_the_queue(world, found, lost), *_of_the_tables(world, found), *_of_the_executions(world, found)]
    problems += [*wrong_in_catalogues(world, found), *wrong_in_views(world)]
    problems += leftovers(world)
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:40])


def retried_by_hand(world: World, share: float) -> None:
    """The retry by hand, through the queue's own function."""
    found = debts(world)
    rightly = fails_rightly(world, found)
    unlucky = [debt for debt in found if debt.status == "failed" and debt not in rightly]
    if not unlucky:
        return
    said = "\n".join(f"{debt}: {debt.error_message}" for debt in unlucky[:20])
    assert len(unlucky) <= max(1, share * len(found)), f"{len(unlucky)} of {len(found)} failed:\n{said}"
    ids = ", ".join(f"UUID('{debt.item_id}')" for debt in unlucky)
    retry = f"from uuid import UUID; from sync.queue import Change, change_items; change_items(Change.RETRY, [{ids}])"
    world.manage("shell", "-v", "0", "-c", retry)
    world.worker("--once").popen.wait(120)


def _of_the_queue(world: World, found: list[Debt], lost: set[Debt]) -> list[str]:
    problems = [f"the queue has {count} items that are {status} or not routed" for status, count in world.rows(_STATES)]
    for debt in found:
        if code := gone_by(world, debt):
            if (debt.status, debt.error_code, debt.table) != ("skipped", code, None):
                problems.append(f"{debt}, {code}, is {debt.status} ({debt.error_code}) in {debt.table}")
        elif debt.status != "completed" and debt not in lost:
            problems.append(f"{debt} is {debt.status} ({debt.error_message})")
        elif debt.status == "completed" and debt.execution_id in world.doomed:
            problems.append(f"{debt} is completed though it cannot be")
    return problems


def _of_the_tables(world: World, found: list[Debt]) -> list[str]:
    """Every table row for row, and no rows anywhere that nobody put there."""
    held = {place: _read(world, place) for place in _tables(world)}
    owed: defaultdict[Place, dict[str, Debt]] = defaultdict(dict)
    earlier: set[tuple[str, Place]] = set()  # what failed with a later result keeps its earlier rows
    for debt in found:
        if debt.status == "completed" and debt.table:
            owed[debt.schema, debt.table][debt.execution_id] = debt
        elif debt.table:
            earlier.add((debt.execution_id, (debt.schema, debt.table)))
    problems = [f"the table {place} is missing" for place in owed if place not in held]
    for place, rows in held.items():
        by_execution: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_execution[row[OWN_COLUMNS[0]]].append(row)
        strays = {id_ for id_ in by_execution.keys() - owed[place].keys() if (id_, place) not in earlier}
        problems += [f"{place} has rows of {stray}, which belong elsewhere or nowhere" for stray in strays]
        if any(gone_by(world, debt) and debt.own_name in place[1] for debt in found):
            problems.append(f"the table {place} is there still")
        if place[1].startswith("USS_"):
            problems.append(f"the temporary table {place} was left behind")
        for execution_id, debt in owed[place].items():
            problems += _differences(debt, by_execution[execution_id])
    return problems


def _tables(world: World) -> list[Place]:
    found = world.snowflake_rows(_TABLES.format(world.application.snowflake_database, NAME))
    return [(row["TABLE_SCHEMA"], row["TABLE_NAME"]) for row in found]


def _read(world: World, place: Place) -> list[Row]:
    table = qualified(world.application.snowflake_database, *place)
    return world.snowflake_rows(f"SELECT * FROM {table}")


def _differences(debt: Debt, rows: list[Row]) -> list[str]:
    numbers = sorted(row[OWN_COLUMNS[1]] for row in rows)
    wanted = expected(debt.columns, debt.rows)
    if numbers != list(range(1, len(wanted) + 1)):
        twice = [number for number, count in Counter(numbers).items() if count > 1]
        return [f"{debt}: {len(rows)} rows in place of {len(wanted)}, {len(twice)} of them more than once"]
    if debt.row_count != len(wanted):
        return [f"{debt}: the item says {debt.row_count} rows in place of {len(wanted)}"]
    problems = []
    for row, source in zip(sorted(rows, key=lambda row: int(row[OWN_COLUMNS[1]])), wanted, strict=True):
        values = {name: _value(name, value) for name, value in row.items() if name not in OWN_COLUMNS}
        if values != {name: source.get(name) for name in values} or not source.keys() <= values.keys():
            problems.append(f"{debt}, row {row[OWN_COLUMNS[1]]}: {values} in place of {source}")
    return problems[:3]


def _value(name: str, value: Any) -> Any:
    return shown(TYPES.get(name.lower(), "string"), value)


def _of_the_executions(world: World, found: list[Debt]) -> list[str]:
    """What an execution says of itself: the first destination's names, once all are done."""
    of: defaultdict[str, list[Debt]] = defaultdict(list)
    for debt in found:
        of[debt.execution_id].append(debt)
    problems = []
    for execution_id, status, *said, uploaded_at in world.rows(_EXECUTIONS):
        debts_ = of[execution_id]
        if gone_by(world, debts_[0]):
            right = [status, *said[1:], uploaded_at] == ["skipped", None, None, None, None]
        elif any(debt.status == "failed" for debt in debts_):
            right = status == "failed" and said[0]
        else:
            first = debts_[0]
            right = [status, *said] == ["completed", None, first.schema, first.table, len(first.rows)] and uploaded_at
        if not right:
            problems.append(f"{execution_id} says {[status, *said, uploaded_at]}")
    return problems
