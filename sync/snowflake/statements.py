# ruff: noqa: S608 -- names are quoted and values escaped: that is what this file is for
"""The text of every statement, built from names and values and executed elsewhere.

Names are always quoted and complete. Syntax: docs.snowflake.com/en/sql-reference/sql-all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.keeping import Keeping
from sync.snowflake.types import ColumnType, Kind

STAGE = "UNIVERSAL_SNOWFLAKE_SYNC"
# What tables are called that are not there to stay, and how the comments of all our tables begin.
PREFIX = "USS_"
MARK = "universal-snowflake-sync: "
PAGE = 1000

# PostgreSQL's CSV, exactly: only a field without quotes and content is NULL, and a backslash is a backslash.
_FILE_FORMAT = (
    "FILE_FORMAT = (TYPE = CSV COMPRESSION = ZSTD FIELD_DELIMITER = ',' "
    "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE_UNENCLOSED_FIELD = NONE "
    "NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE)"
)
_SAFE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_$]+")
# How many columns a comment explains, and how much it shows of a key.
_MOST_NOTES, _NOTED = 100, 100


@dataclass(frozen=True, slots=True)
class Table:
    """A table's full name."""

    database: str
    schema: str
    name: str

    def __str__(self) -> str:
        return qualified(self.database, self.schema, self.name)

    def beside(self, name: str) -> "Table":
        """Another one of the same schema."""
        return Table(self.database, self.schema, name)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is made; its name is Snowflake's already. `comment`: what a table that is made says of it."""

    name: str
    type: ColumnType
    comment: str = field(default="", compare=False)


def marker(subject: str, subject_id: object, destination_id: object) -> str:
    """The comment by which a table is known as ours: `subject` is `execution`, `shared` for a table
    of several, or `check` for one that a check makes and drops.
    """
    return f"{MARK}{subject} {subject_id}, destination {destination_id}"


def result_marker(table: Table, execution_id: str | None, destination_id: object) -> str:
    """The marker of a table with results: an execution's own, or, without one, one that several share."""
    return marker(*subject_of(table, execution_id), destination_id)


def subject_of(table: Table, execution_id: str | None) -> tuple[str, str]:
    """The subject that the marker of a table with results names, and its id."""
    return ("shared", table.name) if execution_id is None else ("execution", execution_id)


def comment(mark: str, notes: Mapping[str, str], about: str = "") -> str:
    """A table's comment: its marker, below it what it is about, and the keys of columns whose names do not say them.

    It has them beside the columns' own comments because a column that is added later has none: ADD COLUMN knows no
    COMMENT (docs.snowflake.com/en/sql-reference/sql/alter-table).
    """
    shown = [f"{column} is {key[:_NOTED]!r}" for column, key in sorted(notes.items())[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        shown.append(f"and {len(notes) - _MOST_NOTES} more")
    named = "Columns that are named otherwise in result_columns: " + "; ".join(shown) if shown else ""
    return "\n".join(line for line in (mark, about, named) if line)


def is_marked(text: object, mark: str) -> bool:
    """Whether a comment is one that `comment` made of this marker."""
    return isinstance(text, str) and (text == mark or text.startswith(f"{mark}\n"))


def create_stage(table: Table) -> str:
    return f"CREATE STAGE IF NOT EXISTS {table.beside(STAGE)}"


def create_table(table: Table, columns: Sequence[Column], comment: str, keeping: Keeping) -> str:
    """Fails where the name is taken: an existing table is somebody's."""
    return create_from(table, columns, comment, None, keeping, replace=False)


def create_aside(table: Table, columns: Sequence[Column]) -> str:
    """A table that only this session sees and that ends with it."""
    return f"CREATE TEMPORARY TABLE {table} ({', '.join(map(_definition, columns))})"


def create_clone(table: Table, source: Table, keeping: Keeping, *, replace: bool) -> str:
    """Makes the table with the columns and rows of `source`, copying none; `replace` keeps the earlier grants.

    What was said of its Time Travel goes with the source, and its kind has to be said again (002119):
    docs.snowflake.com/en/sql-reference/sql/create-clone, and COPY GRANTS in .../create-table
    """
    verb, grants = ("CREATE OR REPLACE", " COPY GRANTS") if replace else ("CREATE", "")
    return f"{verb} {keeping.kind} {table} CLONE {source}{grants}"


def create_from(
    table: Table, columns: Sequence[Column], comment: str, source: Table | None, keeping: Keeping, *, replace: bool
) -> str:
    """Makes the table with the rows of `source`, or none, in one statement; `replace` keeps the earlier grants."""
    verb, grants = ("CREATE OR REPLACE", " COPY GRANTS") if replace else ("CREATE", "")
    rows = f" AS SELECT {_names(columns)} FROM {source}" if source else ""
    defined = ", ".join(f"{one}{_said(column)}" for one, column in zip(map(_definition, columns), columns, strict=True))
    made = f"{verb} {keeping.kind} {table} ({defined}){keeping.retention}{grants}"
    return f"{made} COMMENT = {literal(comment)}{rows}"


def insert_overwrite(table: Table, columns: Sequence[Column], source: Table | None) -> str:
    """Replaces all rows, by those of `source` or by none, in one statement and leaves the table itself alone.

    Unlike TRUNCATE it fails where the table has not these columns, and may be somebody else's.
    """
    names = _names(columns)
    rows = f"{source}" if source else f"{table} WHERE FALSE"
    return f"INSERT OVERWRITE INTO {table} ({names}) SELECT {names} FROM {rows}"


def drop(table: Table) -> str:
    return f"DROP TABLE IF EXISTS {table}"


def add_column(table: Table, column: Column) -> str:
    return f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {quote(column.name)} {column.type.ddl}"


def describe(table: Table) -> str:
    return f"DESCRIBE TABLE {table}"


def set_comment(table: Table, text: str) -> str:
    return f"ALTER TABLE {table} SET COMMENT = {literal(text)}"


def begin(name: str) -> str:
    """A transaction with a name, if it is not empty, by which its user's other sessions find it.

    This and the following: docs.snowflake.com/en/sql-reference/transactions, and the pages that it refers to.
    """
    if name and not _PLAIN_NAME.fullmatch(name):
        raise ValueError(f"Not a plain name: {name!r}")
    return f"BEGIN NAME {name}" if name else "BEGIN"


def open_transactions() -> str:
    """Those that run in any of the user's sessions; needs no warehouse."""
    return "SHOW TRANSACTIONS"


def abort_transaction(number: int) -> str:
    """Ends one that runs; one that has committed stays as it is. The user who began it may, and an ACCOUNTADMIN."""
    return f"SELECT SYSTEM$ABORT_TRANSACTION({number:d})"


def describe_transaction(number: int) -> str:
    """Its state: running, committed, or rolled back."""
    return f"DESCRIBE TRANSACTION {number:d}"


def current_user() -> str:
    return 'SELECT CURRENT_USER() AS "user"'


def put(path: Path, table: Table, directory: str, *, all_beside: bool = False) -> str:
    """Uploads a local file under its own name into `directory` of the stage; `all_beside`: and all files of its kind
    that lie where it lies (a wildcard: docs.snowflake.com/en/sql-reference/sql/put).

    OVERWRITE spares a request that asks whether the file is there. Raises ValueError for a path that the connector
    would expand (it globs) or that PUT's own rules could read otherwise than as it is.
    """
    local = str(path)
    if not path.is_absolute() or re.search(r"[*?\[\]%#\\\x00-\x1f]", local):
        raise ValueError(f"PUT cannot take this path; set TMPDIR to a plainer one: {local!r}")
    if all_beside:
        local = f"{path.parent}/*{''.join(path.suffixes)}"
    return (
        f"PUT {literal('file://' + local)} {_staged(table, _safe(directory))} "
        "AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = ZSTD OVERWRITE = TRUE"
    )


def copy(table: Table, columns: Sequence[Column], staged: str, *, whole: bool) -> str:
    """Loads one staged file, whose fields are `columns` in this order, and removes it once loaded.

    `whole`: they are all of the table's, in its order. For anything else a list of columns comes with a SELECT, as for
    PARSE_JSON: docs.snowflake.com/en/sql-reference/sql/copy-into-table has it for that form only. It is avoided
    elsewhere because COPY then no longer minds a line with too few or too many fields.
    """
    source = _staged(table, _safe(staged))
    names = ""
    if not whole or any(column.type.kind is Kind.VARIANT for column in columns):
        source = f"(SELECT {', '.join(map(_field, columns, range(1, len(columns) + 1)))} FROM {source})"
        names = f" ({_names(columns)})"
    return f"COPY INTO {table}{names} FROM {source} {_FILE_FORMAT} PURGE = TRUE"


def remove(table: Table, staged: str) -> str:
    """Deletes a staged file, or all below a directory."""
    return f"REMOVE {_staged(table, _safe(staged))}"


def list_stage(table: Table) -> str:
    return f"LIST {_staged(table, '')}"


def delete_all(table: Table) -> str:
    """Unlike TRUNCATE it belongs to the transaction, and COPY goes on to know what it has loaded."""
    return f"DELETE FROM {table}"


def delete_executions(table: Table, column: str, execution_ids: Iterable[str]) -> str:
    ids = ", ".join(map(literal, execution_ids))
    return f"DELETE FROM {table} WHERE {quote(column)} IN ({ids})"


def table_columns(table: Table) -> str:
    return (
        "SELECT COLUMN_NAME, DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE "
        f"FROM {quote(table.database)}.INFORMATION_SCHEMA.COLUMNS WHERE "
        f"TABLE_SCHEMA = {literal(table.schema)} AND TABLE_NAME = {literal(table.name)}"
    )


def read_rows(table: Table, columns: Sequence[Column], order_by: str) -> str:
    return f"SELECT {_names(columns)} FROM {table} ORDER BY {quote(order_by)}"


def _definition(column: Column) -> str:
    return f"{quote(column.name)} {column.type.ddl}"


def _said(column: Column) -> str:
    return f" COMMENT {literal(column.comment)}" if column.comment else ""


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(quote(column.name) for column in columns)


def _field(column: Column, number: int) -> str:
    return f"PARSE_JSON(${number})" if column.type.kind is Kind.VARIANT else f"${number}"


def _staged(table: Table, path: str) -> str:
    """`@"DATABASE"."SCHEMA"."STAGE"/path`; in quotes as a whole where a name has characters that need it, as
    docs.snowflake.com/en/sql-reference/sql/put has it. [?] within the SELECT of a COPY, too.
    """
    reference = f"@{table.beside(STAGE)}" + (f"/{path}" if path else "")
    plain = all(map(_PLAIN_NAME.fullmatch, (table.database, table.schema)))
    return reference if plain else literal(reference)


def _safe(path: str) -> str:
    if not _SAFE_PATH.fullmatch(path):
        raise ValueError(f"Not a plain stage path: {path!r}")
    return path
