"""Temporary tables by their full names, whose a table is and its comment, its columns' comments, its Time Travel.

DuckDB keeps temporary tables in a schema of its own, so a name that means one of the session's
loses its database and schema before DuckDB sees it.
"""

from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import Expr, exp

from sandbox.snowflake.mends import owners
from sandbox.snowflake.mends import session as sessions
from sandbox.snowflake.mends.patching import patch
from sandbox.snowflake.mends.session import Session

_execute = FakeSnowflakeCursor._execute
_RENAME_COMMENT = """
    UPDATE _fs_global._fs_information_schema._fs_tables_ext SET ext_table_name = ?
    WHERE ext_table_catalog = ? AND ext_table_schema = ? AND ext_table_name = ?
"""


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
    if _sets_days(transformed):
        # There is no Time Travel, but there has to be the table.
        transformed = exp.select("1").from_(transformed.this).limit(0)
    _execute(self, transformed, params)
    for column, comment in comments:
        self._duck_conn.execute(f"COMMENT ON COLUMN {column} IS {comment}")
    if isinstance(transformed, exp.Drop):
        for table in transformed.find_all(exp.Table):
            session.temporary.pop(table.name, None)
    _follow(session, transformed)


def _forget_comment(statement: Expr) -> None:
    """A table or view made anew has no comment but the one that it is made with; nobody else sees a temporary one's."""
    made = isinstance(statement, exp.Create) and statement.args.get("kind") in {"TABLE", "VIEW"}
    table = statement.find(exp.Table) if made and not statement.args.get("exists") else None
    if table is not None and not statement.find(exp.TemporaryProperty):
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


def _follow(session: Session, statement: Expr) -> None:
    """Comment and owner go with the table that gets another name, and end with one that is dropped or made anew."""
    table = statement.find(exp.Table)
    if not isinstance(statement, (exp.Create, exp.Drop, exp.Alter)) or table is None:
        return
    place = (*_place(session, table), table.name)
    if not isinstance(statement, exp.Alter):
        owners.forget(place)
        return
    for renamed in statement.find_all(exp.AlterRename):
        owners.move(place, renamed.this.name)
        session.connection._duck_conn.execute(_RENAME_COMMENT, [renamed.this.name, *place])


def _sets_days(statement: Expr) -> bool:
    set_ = statement.find(exp.AlterSet) if isinstance(statement, exp.Alter) else None
    return set_ is not None and "DATA_RETENTION_TIME_IN_DAYS" in set_.sql().upper()


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
