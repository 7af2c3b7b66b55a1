# ruff: noqa: S608 -- names are quoted
"""The text of the statements by which a column takes more digits.

docs.snowflake.com/en/sql-reference/sql/alter-table-column
"""

from sync.snowflake.identifiers import quote
from sync.snowflake.statements import Column, Table


def set_type(table: Table, column: Column) -> str:
    """Only a number's precision and a text's length may grow so."""
    return f"ALTER TABLE {table} ALTER COLUMN {quote(column.name)} SET DATA TYPE {column.type.ddl}"


def rename_column(table: Table, name: str, new_name: str) -> str:
    return f"ALTER TABLE {table} RENAME COLUMN {quote(name)} TO {quote(new_name)}"


def drop_column(table: Table, name: str) -> str:
    return f"ALTER TABLE {table} DROP COLUMN {quote(name)}"


def fill(table: Table, name: str, source: str) -> str:
    """Gives a column the values of another where it has none."""
    return (
        f"UPDATE {table} SET {quote(name)} = {quote(source)} "
        f"WHERE {quote(name)} IS NULL AND {quote(source)} IS NOT NULL"
    )
