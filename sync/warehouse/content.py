"""What the catalogue says of executions, as rows to write."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.postgres import fetch, read_sql

# Bytes of an execution's parameters.
LONGEST_PARAMETERS = 16 * 1024
# Characters that one statement writes: a text that Snowflake parses may have 16 MB
# (docs.snowflake.com/en/sql-reference/functions/parse_json).
_LONGEST_PART = 1024 * 1024
_SECRET = re.compile(
    r"passw|passphrase|passcode|(?<![a-z])pass(?!enger|age|ive|port|ed)|pwd|secret|(?<!max_)(?<!max)token(?!i[sz])"
    r"|credential|auth(?!or(?!i[sz]))|signature|cookie|bearer|jwt|connection[_\-. ]?string"
    r"|(?<![a-z])(pw|dsn|sas|otp|pin)(?![a-z])"
    r"|(api|access|private|account|encryption|ssh|subscription|functions?|shared|signing|service|master)[_\-. ]?key",
    re.IGNORECASE,
)
# An address with a password in it.
_LETS_IN = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def _moment(time: str) -> str:
    """SQL of a time as ISO 8601; NULL for what Snowflake cannot hold, which an application's column may."""
    return (
        f"CASE WHEN {time} BETWEEN '0001-01-02' AND '9999-12-30' THEN "
        f"to_char({time}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"') END"
    )


_LOADED = """(CASE item.status WHEN 'completed' THEN item.processed_at ELSE (
        SELECT finished_at FROM snowflake_sync_attempts
        WHERE item_id = item.id AND outcome = 'completed' ORDER BY id DESC LIMIT 1
    ) END)"""
(_ROWS,) = read_sql(
    __file__,
    "rows",
    deleted_at=_moment("gone.deleted_at"),
    computed_at=_moment("coalesce(execution.completed_at, execution.created_at)"),
    loaded_at=_moment(_LOADED),
    as_of=_moment("clock_timestamp()"),
)

# What the query says of an execution, in its order.
_SAID = (
    "WORKFLOW_ID",
    "WORKFLOW_NAME",
    "STATUS",
    "SCHEMA_NAME",
    "TABLE_NAME",
    "COLUMNS",
    "KEYS",
    "ROW_COUNT",
    "SOURCE_ROW_COUNT",
    "IS_COMPLETE",
    "PARAMETERS",
    "COMPUTED_AT",
    "LOADED_AT",
    "ERROR_CODE",
    "ERROR_MESSAGE",
    "RULES_VERSION",
    "AS_OF",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the catalogue says of an execution, by column; what is not among it is NULL.

    `workflow`: its workflow, by its key, its id and its name.
    """

    values: Mapping[str, Any]
    workflow: tuple[str, str, str] | None


def rows_of(configuration_id: UUID, database: str, executions: Sequence[str]) -> list[Row]:
    """What there is to say of these executions now; nothing of one whose item alone is gone."""
    asked = {
        "configuration": configuration_id,
        "database": database,
        "executions": list(executions),
        "longest": LONGEST_PARAMETERS,
    }
    return [_row(*found) for found in fetch(_ROWS, asked)]


def texts(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as JSON arrays, none of which is too long for one statement."""
    part: list[str] = []
    length = 0
    for row in rows:
        text = json.dumps(row.values, ensure_ascii=False)
        if part and length + len(text) > _LONGEST_PART:
            yield f"[{','.join(part)}]"
            part, length = [], 0
        part.append(text)
        length += len(text)
    if part:
        yield f"[{','.join(part)}]"


def without_secrets(value: Any) -> Any:
    """Parameters without what their keys call a secret, however deep it is, and without addresses with a password.

    Of `{"name": "password", "value": …}`, too.
    """
    if isinstance(value, dict):
        if any(isinstance(value.get(label), str) and _SECRET.search(value[label]) for label in ("name", "key")):
            value = {key: inner for key, inner in value.items() if key != "value"}
        kept = {key: inner for key, inner in value.items() if not _SECRET.search(key) and not _lets_in(inner)}
        return {key: without_secrets(inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value if not _lets_in(inner)]
    return value


def _lets_in(value: Any) -> bool:
    return isinstance(value, str) and bool(_LETS_IN.search(value))


def _row(execution_id: str, is_gone: bool, deleted_at: str | None, workflow: str | None, *said: Any) -> Row:  # noqa: FBT001
    values = {"EXECUTION_ID": execution_id} | dict(zip(_SAID, said, strict=True))
    keys = values.pop("KEYS")
    if is_gone:
        # The rest of its row stays as it is.
        values = {name: values[name] for name in ("EXECUTION_ID", "SCHEMA_NAME", "TABLE_NAME", "AS_OF")}
        values["DELETED_AT"] = deleted_at
        return Row({name: value for name, value in values.items() if value is not None}, None)
    values["COLUMNS"] = _columns(_document(values["COLUMNS"]), _document(keys))
    values["PARAMETERS"] = _parameters(values["PARAMETERS"])
    if workflow is None:
        del values["WORKFLOW_ID"], values["WORKFLOW_NAME"]
    kept = {name: value for name, value in values.items() if value is not None}
    known = (workflow, values["WORKFLOW_ID"], values["WORKFLOW_NAME"]) if workflow else None
    return Row(kept, known)


def _document(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _columns(columns: list[dict[str, str]] | None, keys: dict[str, list[str]] | None) -> list[dict[str, str]] | None:
    """The table's columns, each with the key of the results that it has, where the register knows it."""
    if columns is None:
        return None
    key_of = {name: key for key, names in (keys or {}).items() for name in names}
    return [
        {"name": column["name"], "type": column["type"]}
        | ({"key": key_of[column["name"]]} if column["name"] in key_of else {})
        for column in columns
    ]


def _parameters(text: str | None) -> Any:
    """None, too, where they are deeper, or a number in them is longer, than can be read or written."""
    if text is None or len(text) > _LONGEST_PART:
        return None
    try:
        found = without_secrets(json.loads(text, parse_float=_number))
        return found if len(json.dumps(found, ensure_ascii=False).encode()) <= LONGEST_PARAMETERS else None
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | str:
    """JSON knows no infinity, which a number of PostgreSQL's may be here."""
    number = float(text)
    return number if math.isfinite(number) else text
