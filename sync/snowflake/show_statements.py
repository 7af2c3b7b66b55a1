# ruff: noqa: S608 -- names are quoted and values escaped
"""Looks at what is there, that wake no warehouse; and the comparison of two tables, which needs one."""

from collections.abc import Sequence

from sync.snowflake import statements
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
    return _show("TABLES", schema, SHOWN, after=after)


def show_table(table: Table) -> str:
    """The tables of this name, a temporary one among them, and some whose names go on; in the order of names."""
    return _show("TABLES", table, 10, begins=table.name)


def own_tables(schema: Table, after: str = "") -> str:
    """Tables of ours that are not there to stay, in a table's schema: PAGE of them, those behind the name `after`.

    INFORMATION_SCHEMA reads a schema with many tables slowly, and may refuse to
    (docs.snowflake.com/en/sql-reference/info-schema).
    """
    return _show("TABLES", schema, statements.PAGE, begins=statements.PREFIX, after=after)


def show_views(schema: Table, after: str = "") -> str:
    """The same of views, materialized ones among them. docs.snowflake.com/en/sql-reference/sql/show-views"""
    return _show("VIEWS", schema, SHOWN, after=after)


def views_that_begin(schema: Table, prefix: str) -> str:
    """The views of a table's schema whose names begin so, up to a PAGE. STARTS WITH minds case, has no wildcards."""
    return _show("VIEWS", schema, statements.PAGE, begins=prefix)


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


def _show(what: str, schema: Table, most: int, *, begins: str = "", after: str = "") -> str:
    beginning = f" STARTS WITH {literal(begins)}" if begins else ""
    behind = f" FROM {literal(after)}" if after else ""
    return f"SHOW {what} IN SCHEMA {qualified(schema.database, schema.schema)}{beginning} LIMIT {most}{behind}"


def _of(execution: tuple[str, str] | None) -> str:
    return f" WHERE {quote(execution[0])} = {literal(execution[1])}" if execution else ""
