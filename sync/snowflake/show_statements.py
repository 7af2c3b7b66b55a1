# ruff: noqa: S608 -- names are quoted and values escaped
"""Looks at what is there, that wake no warehouse; and the comparison of two tables, which needs one."""

from collections.abc import Sequence

from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.statements import Table

# Names in one answer. Without a LIMIT, SHOW fails where it would answer more than 10,000:
# docs.snowflake.com/en/sql-reference/sql/show-tables, Usage notes.
SHOWN = 2_000


def show_tables(schema: Table, after: str = "") -> str:
    """SHOWN tables of a schema, by name, those behind `after`: name, comment, rows, owner, owner_role_type.

    Any right on a table shows it. How fresh `rows` is the page does not say.
    docs.snowflake.com/en/sql-reference/sql/show-tables
    """
    return _show("TABLES", schema, after)


def show_table(table: Table) -> str:
    """The tables of this name, a temporary one among them, and some whose names go on; in the order of names."""
    return f"SHOW TABLES {_within(table)} STARTS WITH {literal(table.name)} LIMIT 10"


def show_views(schema: Table, after: str = "") -> str:
    """The same of views, materialized ones among them. docs.snowflake.com/en/sql-reference/sql/show-views"""
    return _show("VIEWS", schema, after)


def has_role(role: str) -> str:
    """Whether the session has this role, by itself or through another one.

    docs.snowflake.com/en/sql-reference/functions/is_role_in_session
    """
    return f'SELECT IS_ROLE_IN_SESSION({literal(role)}) AS "has_role"'


def count_rows(table: Table, execution: tuple[str, str] | None) -> str:
    """How many rows a table has; of one execution alone, given by the column that names it, and its id."""
    return f'SELECT COUNT(*) AS "rows" FROM {table}{_of(execution)}'


def rows_only_in(table: Table, other: Table, columns: Sequence[str], execution: tuple[str, str] | None) -> str:
    """The numbers of rows that the other table does not have with the same values, and how many there are.

    MINUS takes NULLs for equal, and tells no row from another of the same values:
    docs.snowflake.com/en/sql-reference/operators-query. [?] It compares VARIANTs as GROUP BY does.
    """
    names = ", ".join(map(quote, columns))
    one, two = (f"SELECT {names} FROM {side}{_of(execution)}" for side in (table, other))
    return (
        f'SELECT "_ROW_NUMBER" AS "number", COUNT(*) OVER () AS "all" FROM ({one} MINUS {two}) AS lacking '
        f'ORDER BY "_ROW_NUMBER" LIMIT {NUMBERS}'
    )


# Row numbers that a comparison names.
NUMBERS = 20


def _show(what: str, schema: Table, after: str) -> str:
    behind = f" FROM {literal(after)}" if after else ""
    return f"SHOW {what} {_within(schema)} LIMIT {SHOWN}{behind}"


def _within(schema: Table) -> str:
    return f"IN SCHEMA {qualified(schema.database, schema.schema)}"


def _of(execution: tuple[str, str] | None) -> str:
    return f" WHERE {quote(execution[0])} = {literal(execution[1])}" if execution else ""
