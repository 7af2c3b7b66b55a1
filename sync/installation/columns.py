"""Whether the columns that the models name are there, of a fitting type, and wide enough for the values."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.utils import CursorWrapper
from django.db.models.options import Options

_COLUMNS = """
SELECT c.relname || '.' || a.attname, t.typname, t.typcategory,
    CASE WHEN t.typname = 'varchar' AND a.atttypmod > 0 THEN a.atttypmod - 4 END,
    format_type(a.atttypid, a.atttypmod)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = ANY (SELECT to_regclass(name)::oid FROM unnest(%s) AS name) AND a.attnum > 0 AND NOT a.attisdropped
"""
# By the kind of field: categories of types as in pg_type.typcategory (string, enum, number, …), or names of types.
_FITTING: dict[type, set[str]] = {
    models.UUIDField: {"uuid"},
    models.JSONField: {"jsonb"},
    models.BooleanField: {"B"},
    models.IntegerField: {"N"},
    models.FloatField: {"N"},
    models.DecimalField: {"N"},
    models.DateTimeField: {"timestamptz", "timestamp"},
    models.DateField: {"date"},
    models.DurationField: {"T"},
    models.TextField: {"S", "E"},
    models.CharField: {"S", "E"},
}
# So long may the values be that are written to these columns, which the application or an earlier sync has made.
_LONGEST = {
    "workflow_executions.snowflake_status": 9,
    "workflow_executions.snowflake_table_name": 255,
    "workflow_executions.snowflake_schema_name": 255,
    "workflow_executions.snowflake_error_message": 1000,
    "snowflake_sync_queue.status": 10,
    "snowflake_sync_queue.error_message": 1000,
    "snowflake_configurations.password_encrypted": 1000,
    "snowflake_configurations.private_key_encrypted": 5000,
}

_RENAMED_TABLE = "If it was renamed: ALTER TABLE … RENAME TO {};. If it was dropped, restore it from a backup."
_VIEWS = "manage.py migrate --again 0022_views"

Problem = tuple[str, str, str]
There = dict[str, tuple[str, str, int | None, str]]


def column_problems(cursor: CursorWrapper) -> list[Problem]:
    """The columns that are not as they should be: name, fault, and what to do."""
    models_ = [model for label in ("accounts", "sync") for model in apps.get_app_config(label).get_models()]
    metas = [model._meta for model in models_]  # noqa: SLF001 - Django's
    cursor.execute(_COLUMNS, [[meta.db_table for meta in metas]])
    there: There = {row[0]: row[1:] for row in cursor.fetchall()}
    tables = {name.split(".")[0] for name in there}
    problems: list[Problem] = []
    for meta in metas:
        if meta.db_table not in tables:
            kind, remedy = ("table", _RENAMED_TABLE.format(meta.db_table)) if meta.managed else ("view", _VIEWS)
            problems.append((f"{kind} {meta.db_table}", "is not there", remedy))
            continue
        for field in meta.concrete_fields:
            problems += _faults(meta, field, there, cursor)
    return problems


def _faults(
    meta: "Options[Any]", field: "models.Field[Any, Any]", there: There, cursor: CursorWrapper
) -> Iterator[Problem]:
    table = meta.db_table
    name = f"{table}.{field.column}"
    label = f"column {name}"
    if name not in there and not field.model._meta.managed:  # noqa: SLF001
        yield label, "is not there", f"Give the view another name (ALTER VIEW … RENAME TO …), then: {_VIEWS}"
    elif name not in there:
        adding = f"ALTER TABLE {table} ADD COLUMN {field.column} {_type(field, cursor)};"
        renaming = [
            f"ALTER TABLE {table} RENAME COLUMN {cursor.db.ops.quote_name(other)} TO {field.column};"
            for other in _unknown_columns(meta, field, there)
        ]
        # If the column was renamed, adding an empty one would leave its values in the other.
        yield (
            label,
            "is not there",
            f"If it was renamed: {' or: '.join(renaming)} Else: {adding}" if renaming else adding,
        )
    else:
        type_name, category, width, shown = there[name]
        alter = f"ALTER TABLE {table} ALTER COLUMN {field.column} TYPE"
        if not {type_name, category} & _fitting(field):
            yield label, f"is of type {shown}", f"{alter} {_type(field, cursor)};"
        elif width is not None and width < _LONGEST.get(name, 0):
            yield label, f"is too narrow: {shown}", f"{alter} text;"


def _unknown_columns(meta: "Options[Any]", field: "models.Field[Any, Any]", there: There) -> list[str]:
    """Columns of the table that no model names and whose type would do for this one."""
    known = {field.column for field in meta.concrete_fields}
    found = []
    for name, (type_name, category, *_) in there.items():
        table, column = name.split(".", 1)
        if table == meta.db_table and column not in known and {type_name, category} & _fitting(field):
            found.append(column)
    return found


def _target(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    return _target(field.target_field) if isinstance(field, models.ForeignKey) else field


def _fitting(field: "models.Field[Any, Any]") -> set[str]:
    return next((fits for kind, fits in _FITTING.items() if isinstance(_target(field), kind)), {"A"})


def _type(field: "models.Field[Any, Any]", cursor: CursorWrapper) -> str:
    return str(_target(field).rel_db_type(cursor.db))
