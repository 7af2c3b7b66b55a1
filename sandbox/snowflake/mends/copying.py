"""COPY INTO a table from CSV files on a stage; other sources stay fakesnow's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import fakesnow.copy_into
from sqlglot import exp

from sandbox.snowflake.mends import session, stages
from sandbox.snowflake.mends.answers import Answer
from sandbox.snowflake.mends.csv_file import plain
from sandbox.snowflake.mends.csv_format import CsvFormat
from sandbox.snowflake.mends.patching import patch
from sandbox.snowflake.mends.projecting import Target, projection
from sandbox.snowflake.mends.refusing import reason

_copy_into = fakesnow.copy_into.copy_into
_COLUMNS: dict[str, str | int] = {
    "file": "",
    "status": "",
    "rows_parsed": 0,
    "rows_loaded": 0,
    "error_limit": 0,
    "errors_seen": 0,
    "first_error": "",
    "first_error_line": 0,
    "first_error_character": 0,
    "first_error_column_name": "",
}
_REFUSALS = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)


def copy_into(
    duck_conn: duckdb.DuckDBPyConnection,
    current_database: str | None,
    current_schema: str | None,
    expr: exp.Copy,
    table_stages: Any,
    params: Any = None,
) -> str:
    """Replaces fakesnow's function of this name; runs, and returns, the SQL of the result."""
    place = (current_database, current_schema)
    options = fakesnow.copy_into._params(expr, params, duck_conn, *place)
    source = _source(expr)
    if not (isinstance(options.file_format, CsvFormat) and source.startswith("@")):
        return _copy_into(duck_conn, *place, expr, table_stages, params)
    table = fakesnow.copy_into._extract_table(expr.this)
    target = _target(place, table)
    found = _staged(duck_conn, place, source, options.files)
    with _transaction(duck_conn):
        rows = [_load(duck_conn, expr, target, options, name, path) for name, path in found]
    for row, (_, path) in zip(rows, found, strict=True):
        if _true(expr, "PURGE") and row[1] == "LOADED":
            path.unlink(missing_ok=True)
    none = Answer({"status": ""}, [("Copy executed with 0 files processed.",)])
    sql = (Answer(_COLUMNS, rows) if rows else none).sql()
    duck_conn.execute(sql)
    return sql


def _source(statement: exp.Copy) -> str:
    """A stage in quotes within a SELECT is a stage; fakesnow takes it for an address."""
    within = statement.args["files"][0].find(exp.From)
    if within and isinstance(within.this.this, exp.Literal) and within.this.name.startswith("@"):
        return str(within.this.name)
    return str(fakesnow.copy_into._from_source(statement).strip("'"))


def _target(place: tuple[str | None, str | None], table: exp.Table) -> Target:
    running = session.current.get()
    database, schema = table.catalog or place[0] or "", table.db or place[1] or ""
    temporary = running is not None and table.name in running.temporary and not table.db
    return Target(database, schema, table.name, temporary=temporary)


def _true(statement: exp.Copy, option: str) -> bool:
    """fakesnow takes PURGE = FALSE and FORCE = FALSE for TRUE."""
    given = {p.this.name.upper(): p.expression for p in statement.args.get("params") or []}
    value = given.get(option)
    return isinstance(value, exp.Boolean) and bool(value.this)


def _staged(
    duck: duckdb.DuckDBPyConnection,
    place: tuple[str | None, str | None],
    source: str,
    names: list[str],
) -> list[tuple[str, Path]]:
    stage, prefix = stages.reference(duck, *place, source)
    if not names:
        return stages.files(stage, prefix)
    directory = prefix if not prefix or prefix.endswith("/") else prefix + "/"
    return [file for name in names for file in stages.files(stage, directory + name)]


@contextmanager
def _transaction(duck: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Rows and load history together, in the session's transaction or one of our own."""
    running = session.current.get()
    if running is not None and running.in_transaction:
        yield
        return
    duck.begin()
    try:
        yield
    except BaseException:
        duck.rollback()
        raise
    duck.commit()


def _load(
    duck: duckdb.DuckDBPyConnection,
    statement: exp.Copy,
    target: Target,
    options: Any,
    name: str,
    path: Path,
) -> tuple[str | int | None, ...]:
    history = f"{target.catalog}._fs_information_schema._fs_load_history"
    key = [target.schema, str(path), target.table]
    duck.execute(f"SELECT 1 FROM {history} WHERE SCHEMA_NAME = ? AND FILE_NAME = ? AND TABLE_NAME = ?", key)
    if duck.fetchone() and not _true(statement, "FORCE"):
        return (name, "LOAD_SKIPPED", 0, 0, None, 1, "File was loaded before.", None, None, None)
    with plain(path, options.file_format) as csv:
        load = projection(duck, statement, target, csv)
        count = 0
        if not csv.empty:
            try:
                duck.execute(load.insert())
            except _REFUSALS as error:
                raise reason(duck.cursor(), error, load, name) from None
            (count,) = duck.fetchall()[0]
    duck.execute(
        f"INSERT INTO {history} VALUES (?, ?, ?, ?, 'LOADED', ?, ?, NULL, NULL, NULL, NULL, 0, 1)",
        [*key, datetime.now(UTC).isoformat(), count, count],
    )
    return (name, "LOADED", count, count, 1, 0, None, None, None, None)


def apply() -> None:
    patch("fakesnow.cursor", "copy_into", copy_into)
