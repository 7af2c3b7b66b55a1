# ruff: noqa: S608 -- names are quoted, and values are bound
"""The text of the statements about a destination's catalogue: the table with a row an execution.

Values come as one bound JSON text (docs.snowflake.com/en/sql-reference/bind-variables), so that the text of a statement
is always the same and query histories show nothing of what they are.
"""

from collections.abc import Iterable

from sync.snowflake.identifiers import literal, quote
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

KEY = "EXECUTION_ID"
# Who wrote later has seen more: a row is not replaced by one that was read before.
AS_OF = "AS_OF"
DELETED_AT = "DELETED_AT"
# Kept by whoever makes the views.
IN_ALL_VIEW = "IN_ALL_VIEW"

_TEXT, _NUMBER, _TIME = ColumnType(Kind.TEXT), ColumnType(Kind.INTEGER), ColumnType(Kind.TIMESTAMP_TZ)
_FLAG, _DOCUMENT = ColumnType(Kind.BOOLEAN), ColumnType(Kind.VARIANT)
COLUMNS = tuple(
    Column(name, type_)
    for name, type_ in {
        KEY: _TEXT,
        "WORKFLOW_ID": _TEXT,
        "WORKFLOW_NAME": _TEXT,
        "STATUS": _TEXT,
        "SCHEMA_NAME": _TEXT,
        "TABLE_NAME": _TEXT,
        "COLUMNS": _DOCUMENT,
        "ROW_COUNT": _NUMBER,
        "SOURCE_ROW_COUNT": _NUMBER,
        "IS_COMPLETE": _FLAG,
        "PARAMETERS": _DOCUMENT,
        "COMPUTED_AT": _TIME,
        "LOADED_AT": _TIME,
        "ERROR_CODE": _TEXT,
        "ERROR_MESSAGE": _TEXT,
        "RULES_VERSION": _NUMBER,
        IN_ALL_VIEW: _TEXT,
        DELETED_AT: _TIME,
        AS_OF: _TIME,
    }.items()
)
_PLACE = ("SCHEMA_NAME", "TABLE_NAME")
_WRITTEN = [column for column in COLUMNS if column.name != IN_ALL_VIEW]


def merge(table: Table) -> str:
    """Writes rows, bound as a JSON array of objects by column name. What an object lacks is NULL.

    One with DELETED_AT says where its result still is, changes nothing else of its row, and makes none: its execution
    is gone, and with it what would stand there. docs.snowflake.com/en/sql-reference/sql/merge: of several WHEN clauses
    the first that holds counts; .../functions/flatten; of a bound PARSE_JSON:
    github.com/snowflakedb/snowflake-connector-nodejs/issues/358
    """
    rows = ", ".join(f"{_value(column)} AS {quote(column.name)}" for column in _WRITTEN)
    later = f"source.{quote(AS_OF)} >= target.{quote(AS_OF)}"
    gone = f"source.{quote(DELETED_AT)} IS NOT NULL"
    status, table_name = quote("STATUS"), quote("TABLE_NAME")
    taken_out = (
        f"{status} = CASE WHEN source.{table_name} IS NULL AND target.{table_name} IS NOT NULL "
        f"THEN 'removed' ELSE target.{status} END"
    )
    names = ", ".join(quote(column.name) for column in _WRITTEN)
    values = ", ".join(f"source.{quote(column.name)}" for column in _WRITTEN)
    return (
        f"MERGE INTO {table} AS target "
        f"USING (SELECT {rows} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))) AS source "
        f"ON target.{quote(KEY)} = source.{quote(KEY)} "
        f"WHEN MATCHED AND {later} AND {gone} THEN UPDATE SET {taken_out}, {_set([*_PLACE, DELETED_AT, AS_OF])} "
        f"WHEN MATCHED AND {later} THEN UPDATE SET {_set(c.name for c in _WRITTEN if c.name != KEY)} "
        f"WHEN NOT MATCHED AND NOT {gone} THEN INSERT ({names}) VALUES ({values})"
    )


def rename_workflow(table: Table) -> str:
    """Gives the rows of a workflow its new id and name. Bound: both, the moment, and the id that they have.

    docs.snowflake.com/en/sql-reference/sql/update
    """
    return (
        f"UPDATE {table} SET {quote('WORKFLOW_ID')} = ?, {quote('WORKFLOW_NAME')} = ?, "
        f"{quote(AS_OF)} = CAST(? AS TIMESTAMP_TZ) WHERE {quote('WORKFLOW_ID')} = ?"
    )


def example(table: Table) -> str:
    """What somebody may ask it first, in as few quotes as can be."""
    return f"SELECT * FROM {table} WHERE STATUS = {literal('failed')} ORDER BY COMPUTED_AT DESC"


def _value(column: Column) -> str:
    found = f"value:{quote(column.name)}"
    return found if column.type == _DOCUMENT else f"{found}::{column.type.ddl}"


def _set(names: Iterable[str]) -> str:
    return ", ".join(f"{quote(name)} = source.{quote(name)}" for name in names)
