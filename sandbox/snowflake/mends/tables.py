"""Temporary tables by their full names, the comment of a table that is made anew, and its columns' comments.

DuckDB keeps temporary tables in a schema of its own, so a name that means one of the session's
loses its database and schema before DuckDB sees it.
"""

from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import Expr, exp

from sandbox.snowflake.mends import session as sessions
from sandbox.snowflake.mends.patching import patch
from sandbox.snowflake.mends.session import Session

_execute = FakeSnowflakeCursor._execute


def execute(self: Any, transformed: Expr, params: Any = None) -> None:
    """fakesnow's `_execute`, which takes the statement that DuckDB is to run."""
    session = sessions.of(self._conn)
    _note(session, transformed)
    for table in transformed.find_all(exp.Table):
        if session.temporary.get(table.name) == _place(session, table):
            table.set("db", None)
            table.set("catalog", None)
    _forget_comment(transformed)
    comments = _column_comments(transformed)
    _execute(self, transformed, params)
    for column, comment in comments:
        self._duck_conn.execute(f"COMMENT ON COLUMN {column} IS {comment}")
    if isinstance(transformed, exp.Drop):
        for table in transformed.find_all(exp.Table):
            session.temporary.pop(table.name, None)


def _forget_comment(statement: Expr) -> None:
    """A table made anew has no comment but the one that it is made with."""
    made = isinstance(statement, exp.Create) and statement.args.get("kind") == "TABLE"
    table = statement.find(exp.Table) if made and not statement.args.get("exists") else None
    if table is not None:
        statement.args.setdefault("table_comment", (table, None))


def _column_comments(statement: Expr) -> list[tuple[str, str]]:
    """Taken out of a definition, which DuckDB knows none in: the columns, and the texts, in its SQL."""
    found = []
    made = statement.find(exp.Table)
    if made is None or not isinstance(statement, exp.Create):
        return []
    for definition in list(statement.find_all(exp.ColumnDef)):
        for constraint in list(definition.args.get("constraints") or ()):
            if isinstance(constraint.kind, exp.CommentColumnConstraint):
                found.append(
                    (f"{made.sql('duckdb')}.{definition.this.sql('duckdb')}", constraint.kind.this.sql("duckdb"))
                )
                constraint.pop()
    return found


def _note(session: Session, statement: Expr) -> None:
    if isinstance(statement, exp.Create) and statement.find(exp.TemporaryProperty):
        table = statement.find(exp.Table)
        if table is not None:
            session.temporary[table.name] = _place(session, table)


def _place(session: Session, table: exp.Table) -> tuple[str, str]:
    connection = session.connection
    return table.catalog or connection.database or "", table.db or connection._schema or ""


def apply() -> None:
    patch("fakesnow.cursor:FakeSnowflakeCursor", "_execute", execute)
