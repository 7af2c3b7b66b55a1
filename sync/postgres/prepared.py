"""Statements that PostgreSQL plans once a session: planning one of these takes longer than running it for one item."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

# The plan does not depend on the values, and goes through indexes, whatever the statistics say of a table's size.
_SETTINGS = """
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
"""
_KNOWN = f"{_SETTINGS} SELECT FROM pg_prepared_statements WHERE name = %s"
_UNKNOWN = "26000"  # invalid_sql_statement_name


class Prepared:
    """A statement with `%(name)s` parameters and their types.

    Its name is made from its text, and each use asks whether the session knows it: sessions may be shared through a
    pooler, with each transaction in another one.
    """

    def __init__(self, sql: str, types: Mapping[str, str]) -> None:
        text = sql % {name: f"${number}" for number, name in enumerate(types, start=1)}
        self._name = f"snowflake_sync_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self._prepare = f"PREPARE {self._name} ({', '.join(types.values())}) AS {text}"
        self._execute = f"EXECUTE {self._name} ({', '.join(f'%({name})s' for name in types)})"

    def execute(self, cursor: CursorWrapper, params: Mapping[str, Any]) -> None:
        """Runs the statement in the transaction that is open."""
        cursor.execute(_KNOWN, [self._name])
        if cursor.fetchone() is None:
            cursor.execute(self._prepare)
        cursor.execute(self._execute, params)


def execute_alone(
    cursor: CursorWrapper, before: str, statements: Sequence[Prepared], params: Mapping[str, Any]
) -> None:
    """Runs the statements after `before`, as a transaction of its own; one round trip if the session knows them."""
    if not connection.in_atomic_block:
        together = ";\n".join(statement._execute for statement in statements)  # noqa: SLF001
        try:
            cursor.execute(before + _SETTINGS + together, params)
        except DatabaseError as error:
            if getattr(error.__cause__, "pgcode", None) != _UNKNOWN:
                raise
        else:
            return
    # A transaction stays in one session: a statement that is prepared in it is still there when it is run.
    with transaction.atomic():
        cursor.execute(before, params)
        for statement in statements:
            statement.execute(cursor, params)
