"""The information schema, SHOW and DESCRIBE: real names, rows, comments with quotes in them, none that says None."""

from string import Template
from typing import Any

import fakesnow.info_schema as info
from fakesnow.transforms import show, transforms
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from sandbox.snowflake.mends import owners
from sandbox.snowflake.mends import session as sessions
from sandbox.snowflake.mends.identifiers import shown, shown_sql
from sandbox.snowflake.mends.patching import patch

_show_tables_etc = show.show_tables_etc
_COMMENT = """(
    SELECT coalesce(max(comment), '') FROM _fs_global._fs_information_schema._fs_tables_ext
    WHERE ext_table_catalog = table_catalog AND ext_table_schema = table_schema AND ext_table_name = table_name
)"""
_COLUMN_COMMENT = f"""(
    SELECT max(comment) FROM duckdb_columns()
    WHERE {shown_sql("database_name")} = table_catalog AND {shown_sql("schema_name")} = table_schema
        AND {shown_sql("duckdb_columns.table_name")} = _fs_columns.table_name
        AND {shown_sql("duckdb_columns.column_name")} = _fs_columns.column_name
)"""


def _text(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def insert_table_comment_sql(catalog: str, schema: str, table: str, comment: str | None) -> str:
    return f"""
        INSERT INTO _fs_global._fs_information_schema._fs_tables_ext
        VALUES ('{catalog}', '{schema}', '{table}', {_text(comment)})
        ON CONFLICT (ext_table_catalog, ext_table_schema, ext_table_name)
        DO UPDATE SET comment = excluded.comment
    """


def _with_shown(sql: str, columns: dict[str, str]) -> str:
    for column, name in columns.items():
        for old in (f'{column} AS "{name}"', f"{column} AS {name}", f"{column} as {name}"):
            sql = sql.replace(old, f'{shown_sql(column)} AS "{name}"')
    return sql


def show_tables_etc(expression: Expr, database: str | None, schema: str | None) -> Expr:
    """Ordered by name, with STARTS WITH and LIMIT … FROM; of a schema, with its tables' rows and owners."""
    found = _show_tables_etc(expression, database, schema)
    if not isinstance(found, exp.Select) or not isinstance(expression, exp.Show):
        return found
    prefix = expression.args.get("starts_with")
    if prefix:
        found = found.where(exp.func("starts_with", exp.column("name"), prefix.copy(), dialect="duckdb"))
    if after := expression.args.get("from_"):
        found = found.where(exp.column("name") > after.copy())
    kind, scope = expression.args.get("scope_kind"), expression.find(exp.Table)
    if kind == "SCHEMA" and scope:
        database, schema = scope.db or database, scope.name
        _see_schema(database or "", schema)
    if expression.name.upper() == "TABLES" and kind in ("SCHEMA", None) and database and schema:
        place = (database, schema)
        found = found.select(_with_rows_and_owners(place, prefix.name if prefix else ""), append=False)
    return found.order_by("name")


def _see_schema(database: str, schema: str) -> None:
    """SHOW fails of a schema that is not there."""
    if not _query("SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?", database, schema):
        name = shown(f"{database}.{schema}")
        said = f"SQL compilation error:\nSchema '{name}' does not exist or not authorized."
        raise ProgrammingError(msg=said, errno=2003, sqlstate="02000")


def _with_rows_and_owners(place: tuple[str, str], prefix: str) -> str:
    """The columns of SHOW TABLES, with rows that were counted: DuckDB's estimate has those that were deleted."""
    listed = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?"
    names = [name for (name,) in _query(listed, *place) if shown(name).startswith(prefix)]
    if not names:
        return "*"
    counts = " UNION ALL ".join(
        f'SELECT {_text(shown(name))}, (SELECT count(*) FROM "{place[0]}"."{place[1]}"."{name}"), '
        f"{_text(owners.of((*place, name)))}"
        for name in names
    )
    values = ", ".join(f"({_text(name)}, {rows}, {_text(owner)})" for name, rows, owner in _query(counts))
    of_name = f"FROM (VALUES {values}) AS known (table_name, table_rows, table_owner) WHERE table_name = name"
    return f"* REPLACE ((SELECT table_rows {of_name}) AS rows, (SELECT table_owner {of_name}) AS owner)"


def _query(sql: str, *values: str) -> list[tuple[Any, ...]]:
    session = sessions.current.get()
    assert session is not None, "a statement has a session"
    found: list[tuple[Any, ...]] = session.connection._duck_conn.execute(sql, list(values)).fetchall()
    return found


def apply() -> None:
    info.insert_table_comment_sql = insert_table_comment_sql
    tables = {
        "tables.database_name": "TABLE_CATALOG",
        "tables.schema_name": "TABLE_SCHEMA",
        "tables.table_name": "TABLE_NAME",
    }
    view = info.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW
    info.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = Template(_with_shown(view.template, tables))
    columns = {
        "columns.table_catalog": "TABLE_CATALOG",
        "columns.table_schema": "TABLE_SCHEMA",
        "columns.table_name": "TABLE_NAME",
        "columns.column_name": "COLUMN_NAME",
    }
    name = "SQL_CREATE_GLOBAL_INFORMATION_SCHEMA_COLUMNS_VIEW"
    setattr(info, name, _with_shown(getattr(info, name), columns))
    own = info.SQL_CREATE_INFORMATION_SCHEMA_COLUMNS_VIEW
    info.SQL_CREATE_INFORMATION_SCHEMA_COLUMNS_VIEW = Template(
        own.template.replace("'${catalog}'", shown_sql("'${catalog}'"))
    )
    tables_shown = show.SQL_CREATE_VIEW_SHOW_TABLES
    tables_shown = tables_shown.replace("'' as comment", f"{_COMMENT} as comment")
    show.SQL_CREATE_VIEW_SHOW_TABLES = _with_shown(tables_shown, {"table_name": "name"})
    views_shown = show.SQL_CREATE_VIEW_SHOW_VIEWS.replace("'' as comment", f"{_COMMENT} as comment")
    show.SQL_CREATE_VIEW_SHOW_VIEWS = _with_shown(views_shown, {"table_name": "name"})
    patch("fakesnow.transforms", "show_tables_etc", show_tables_etc)
    described = transforms.SQL_DESCRIBE_TABLE.template
    for part in ("catalog", "schema", "table"):
        described = described.replace(f"'${{{part}}}'", shown_sql(f"'${{{part}}}'"))
    described = described.replace('NULL::VARCHAR AS "comment"', f'{_COLUMN_COMMENT} AS "comment"')
    transforms.SQL_DESCRIBE_TABLE = Template(described)
