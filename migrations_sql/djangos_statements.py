"""Django's own statements while it migrates, kept from operators and functions that somebody planted in the schema.

They name their tables without a schema, so that the schema has to be in the search path, and with it whatever fits
better there than PostgreSQL's own does. In the schema for temporary things, tables are looked up but never operators
nor functions: for as long as a statement runs, its tables are there as views.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from migrations_sql import djangos_own, pinned

_CHANGES_OR_READS_ROWS = re.compile(r"(SELECT|INSERT|UPDATE|DELETE)\b")


def through_views(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 - Django's
    """Runs the statement (see Django's Connection.execute_wrapper)."""
    connection = context["connection"]
    names = [table for table in djangos_own.tables() if f'"{table}"' in str(sql)]
    if not names or not _CHANGES_OR_READS_ROWS.match(str(sql)) or not _may_make_views(connection):
        return execute(sql, params, many, context)
    with pinned(connection) as schema, connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"CREATE VIEW pg_temp.{name} AS SELECT * FROM {schema}.{name}")  # noqa: S608 - Django's names
        result = execute(sql, params, many, context)
        cursor.execute(f"DROP VIEW {', '.join(f'pg_temp.{name}' for name in names)}")
        return result


def _may_make_views(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')")
        return bool(cursor.fetchone()[0])
