# ruff: noqa: S608 -- names are quoted and values escaped, as in statements.py
"""Statements of a check that no load needs, and the names of its tables. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.statements import Column, Table, parse_marker

CURRENT_ROLE = "SELECT CURRENT_ROLE() AS ROLE"
CURRENT_WAREHOUSE = "SELECT CURRENT_WAREHOUSE() AS WAREHOUSE"

PAGE = 1000
_PREFIX = "USS_CHECK_"
_BEGAN = "%Y%m%dT%H%M%S"
_NAME = re.compile(rf"{_PREFIX}(\d{{8}}T\d{{6}})_[0-9A-F]{{16,32}}")


def use_role(role: str) -> str:
    return f"USE ROLE {quote(role)}"


def use_warehouse(warehouse: str) -> str:
    return f"USE WAREHOUSE {quote(warehouse)}"


def use_database(database: str) -> str:
    return f"USE DATABASE {quote(database)}"


def use_schema(database: str, schema: str) -> str:
    return f"USE SCHEMA {qualified(database, schema)}"


def read_rows(table: Table, columns: Sequence[Column], order_by: str) -> str:
    names = ", ".join(quote(column.name) for column in columns)
    return f"SELECT {names} FROM {table} ORDER BY {quote(order_by)}"


def table_name(began: datetime, token: str) -> str:
    """A check's table: when it began, and what makes it unlike any other; `token` is hexadecimal."""
    return f"{_PREFIX}{began.astimezone(UTC):{_BEGAN}}_{token.upper()}"


def tables_of_checks(schema: Table, after: str = "") -> str:
    """Looks for tables of checks in a table's schema: PAGE of them, the oldest first, those behind the name `after`.

    SHOW needs no warehouse, and fails without a LIMIT where it would answer more than 10,000 rows (090153):
    docs.snowflake.com/en/sql-reference/sql/show-tables. INFORMATION_SCHEMA reads a schema with many tables slowly, and
    may refuse to (docs.snowflake.com/en/sql-reference/info-schema).
    """
    behind = f" FROM {literal(after)}" if after else ""
    names = qualified(schema.database, schema.schema)
    return f"SHOW TABLES IN SCHEMA {names} STARTS WITH {literal(_PREFIX)} LIMIT {PAGE}{behind}"


def began(table: str, comment: str | None) -> datetime | None:
    """When the check began that made this table; None for one that no check made: both its name and
    its comment have to say so.
    """
    found, marked = _NAME.fullmatch(table), parse_marker(comment)
    if not found or not marked or marked[:2] != ("check", table):
        return None
    try:
        return datetime.strptime(found[1], _BEGAN).replace(tzinfo=UTC)
    except ValueError:
        return None
