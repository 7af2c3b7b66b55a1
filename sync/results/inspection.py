"""Reads what an execution's result looks like, and refuses what cannot be loaded whatever it holds.

All of it in SQL: neither the rows nor a monstrous result_columns come to Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.results.location import shown
from sync.results.scale import resolved
from sync.results.shape import MAX_COLUMNS, ResultColumn, Shape
from sync.results.version import RESULT_HASH, Version
from sync.snowflake.types import parse_declared

# Two levels, so that a stored result is unpacked once.
_EXAMINE = f"""
SELECT execution_id, {RESULT_HASH}, source_version,
    status::text, CASE WHEN result_total_rows > rows THEN result_total_rows::text END,
    jsonb_typeof(result_rows), jsonb_typeof(result_rows -> 0), rows, jsonb_typeof(result_columns), count,
    ARRAY (SELECT CASE jsonb_typeof(c) WHEN 'string' THEN c #>> '{{}}'
            ELSE CASE jsonb_typeof(c -> 'name') WHEN 'string' THEN c ->> 'name' END END
        FROM jsonb_array_elements(known) WITH ORDINALITY AS t (c, i) ORDER BY i),
    ARRAY (SELECT CASE jsonb_typeof(c -> 'type') WHEN 'string' THEN c ->> 'type' END
        FROM jsonb_array_elements(known) WITH ORDINALITY AS t (c, i) ORDER BY i)
FROM (SELECT *, CASE WHEN count BETWEEN 1 AND %(max)s THEN result_columns ELSE '[]' END AS known FROM (
    SELECT *,
        CASE jsonb_typeof(result_rows) WHEN 'array' THEN jsonb_array_length(result_rows) ELSE 0 END AS rows,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN jsonb_array_length(result_columns) ELSE 0 END AS count
    FROM (
        SELECT execution_id, xmin::text AS source_version, status, result_total_rows,
            result_columns::jsonb #> '{{}}' AS result_columns, result_rows::jsonb #> '{{}}' AS result_rows
        FROM workflow_executions WHERE execution_id = ANY (%(execution_ids)s) OFFSET 0) AS e) AS f) AS g
"""  # noqa: S608 - put together from a constant


class _Facts(NamedTuple):
    execution_id: str
    result_hash: int
    source_version: str
    status: str | None
    # Where the result should have more rows than it has: how many, as PostgreSQL writes it (`NaN`, too).
    wanted_rows: str | None
    rows_type: str | None
    first_type: str | None
    rows: int
    columns_type: str | None
    columns: int
    names: Sequence[str | None]
    types: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Examined:
    """An execution that was looked at; `version` is None where there is none that the role may see."""

    version: Version | None
    _cursor: Cursor
    _execution_id: str
    _facts: _Facts | None

    def shape(self) -> Shape:
        """What the result looks like; to be asked while the snapshot is open.

        A decimal column declared without a scale takes it from the data, in a pass of its own.

        Raises `execution_not_visible`, `not_completed`, `no_results`, `incomplete_result`,
        `malformed_result`, `unsupported_columns`, or `value_does_not_fit` for a scale beyond NUMBER.
        """
        return _shape(self._cursor, self._execution_id, self._facts)


def examine(cursor: Cursor, execution_ids: Sequence[str]) -> dict[str, Examined]:
    """Looks at executions, by their ids, in one statement; `cursor` is a `snapshot`'s.

    Raises nothing for an execution that cannot be loaded: its `shape` does.
    """
    facts = _read(cursor, execution_ids)
    versions = {key: Version(f.result_hash, f.source_version) for key, f in facts.items()}
    return {key: Examined(versions.get(key), cursor, key, facts.get(key)) for key in execution_ids}


def _read(cursor: Cursor, execution_ids: Sequence[str]) -> dict[str, _Facts]:
    cursor.execute(_EXAMINE, {"execution_ids": list(execution_ids), "max": MAX_COLUMNS})
    return {row[0]: _Facts(*row) for row in cursor}


def _shape(cursor: Cursor, execution_id: str, facts: _Facts | None) -> Shape:
    if facts is None:
        raise failure("execution_not_visible", f"Execution {execution_id} was not found")
    subject = f"Execution {execution_id}"
    _check_presence(subject, facts)
    _check_form(subject, facts)
    shape = Shape(execution_id, _columns(subject, facts), facts.first_type != "array", facts.rows)
    return resolved(cursor, shape)


def _check_presence(subject: str, facts: _Facts) -> None:
    if facts.status != "completed":
        raise failure("not_completed", f"{subject} has the status {facts.status!r}")
    if facts.rows_type in (None, "null"):
        raise failure("no_results", f"{subject} has no result_rows")
    no_columns = facts.columns == 0 and facts.columns_type in (None, "null", "array")
    if no_columns and facts.rows_type == "array" and facts.rows == 0:
        raise failure("no_results", f"{subject} has neither columns nor rows")


def _check_form(subject: str, facts: _Facts) -> None:
    if facts.columns_type != "array" or facts.columns == 0:
        is_array = facts.columns_type == "array"
        found = "empty" if is_array else f"a JSON {facts.columns_type or 'null'}, not an array"
        raise failure("malformed_result", f"{subject}: result_columns is {found}")
    if facts.rows_type != "array":
        raise failure("malformed_result", f"{subject}: result_rows is a JSON {facts.rows_type}, not an array")
    if facts.columns > MAX_COLUMNS:
        raise failure(
            "unsupported_columns",
            f"{subject} has {facts.columns} columns; at most {MAX_COLUMNS} can be loaded",
        )
    if facts.first_type not in (None, "object", "array"):
        raise failure(
            "malformed_result",
            f"{subject}, row 1: a JSON {facts.first_type}, neither an object nor an array",
        )
    if facts.wanted_rows is not None:
        raise failure(
            "incomplete_result",
            f"{subject} keeps {facts.rows} of {facts.wanted_rows} rows (result_total_rows)",
        )


def _columns(subject: str, facts: _Facts) -> tuple[ResultColumn, ...]:
    columns = []
    for number, (name, declared) in enumerate(zip(facts.names, facts.types, strict=True), start=1):
        if name is None:
            raise failure("malformed_result", f"{subject}: entry {number} of result_columns has no name")
        try:
            columns.append(ResultColumn(name, parse_declared(declared)))
        except ValueError as error:
            raise failure("malformed_result", f"{subject}, column {shown(name)}: {error}") from None
    return tuple(columns)
