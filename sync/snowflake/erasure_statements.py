# ruff: noqa: S608 -- names are quoted and values escaped
"""The text of the statements that erase for good, for the role that loads and for an administrator."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS, literal, quote
from sync.snowflake.statements import MARK, Table

# Ids in one DELETE.
AT_ONCE = 1_000


class ToErase(NamedTuple):
    """A table that goes, or, if executions are named, their rows in it."""

    table: Table
    executions: Sequence[str] | None = None


def end_time_travel(table: Table) -> str:
    """What is dropped or deleted from now on cannot be had back by Time Travel, unless the account's
    MIN_DATA_RETENTION_TIME_IN_DAYS asks for more. A permanent table's Fail-safe of seven days stays:
    docs.snowflake.com/en/user-guide/data-time-travel and .../data-failsafe; .../sql-reference/sql/alter-table.
    """
    return f"ALTER TABLE {table} SET DATA_RETENTION_TIME_IN_DAYS = 0"


def deletions(table: Table, execution_ids: Sequence[str]) -> list[str]:
    """DELETE for the rows of these executions, a thousand at once."""
    return [
        statements.delete_executions(table, OWN_COLUMNS[0], execution_ids[start : start + AT_ONCE])
        for start in range(0, len(execution_ids), AT_ONCE)
    ]


def for_administrator(destination_id: object, things: Iterable[ToErase]) -> list[str]:
    """A script for what no credentials lead to. The first statement of each schema lists what bears our mark there,
    views, too: nothing else is to be dropped, and it lists nothing once all has gone.
    """
    found = list(things)
    schemas = dict.fromkeys(thing.table.beside("") for thing in found)
    script = [_marked(schema, destination_id) for schema in schemas]
    for table, executions in found:
        drop = [end_time_travel(table), statements.drop(table)]
        script += drop if executions is None else deletions(table, executions)
    return [f"{statement};" for statement in script]


def _marked(schema: Table, destination_id: object) -> str:
    mark = f"{MARK}% destination {destination_id}"
    return (
        f"SELECT TABLE_NAME, TABLE_TYPE, COMMENT FROM {quote(schema.database)}.INFORMATION_SCHEMA.TABLES "
        f"WHERE TABLE_SCHEMA = {literal(schema.schema)} AND COMMENT LIKE {literal(mark + '%')}"
    )
