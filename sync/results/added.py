"""Columns that rules add: constants, and what PostgreSQL knows of the execution, read in the result's own moment."""

import json

from psycopg2 import sql

from sync.results.shape import Cell, ResultColumn, Step
from sync.rules import AddRule, Value, steps
from sync.snowflake.types import ColumnType, Kind, parse_declared

_MOMENT = "to_char(execution.{}::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00'"
_OF_EXECUTION = "(SELECT {value} FROM workflow_executions AS execution WHERE execution.execution_id = {id})"
_OF_WORKFLOW = """(SELECT workflow.{value} FROM workflow_executions AS execution
    JOIN workflows AS workflow ON workflow.id = execution.workflow_id WHERE execution.execution_id = {id})"""
_WORKFLOW = {"workflow_id": "workflow_id::text", "workflow_name": "name::text"}


def added(rule: AddRule, execution_id: str) -> tuple[ResultColumn, Cell]:
    """The column of a rule, and how its value comes about; the same text in each row, read once."""
    kind = Kind.TIMESTAMP_TZ if rule.fact and rule.fact.endswith("_at") else Kind.TEXT
    column_type = parse_declared(rule.type) if rule.type else ColumnType(kind)
    value = _value(rule, column_type.kind is Kind.VARIANT, execution_id)
    constant_of = rule.name if rule.constant is not None else None
    step = Step(lambda _: value)
    return ResultColumn(rule.column, column_type), Cell(None, (step,), "written", constant_of, is_covered=True)


def as_jsonb(value: Value) -> sql.Composable:
    """SQL: a rule's value."""
    return sql.SQL("{}::jsonb").format(sql.Literal(json.dumps(value, ensure_ascii=False)))


def _value(rule: AddRule, is_json: bool, execution_id: str) -> sql.Composable:  # noqa: FBT001
    if rule.constant is not None:
        return _text(as_jsonb(rule.constant), is_json=is_json)
    identity = sql.Literal(execution_id)
    if rule.parameter is not None:
        path = sql.Literal(list(steps(rule.parameter)))
        parameter = sql.SQL("(execution.execution_parameters::jsonb #> {}::text[])").format(path)
        return sql.SQL(_OF_EXECUTION).format(value=_text(parameter, is_json=is_json), id=identity)
    if rule.fact in _WORKFLOW:
        return sql.SQL(_OF_WORKFLOW).format(value=sql.SQL(_WORKFLOW[rule.fact]), id=identity)
    if rule.fact == "execution_id":
        return sql.SQL("{}::text").format(identity)
    moment = sql.SQL(_MOMENT).format(sql.SQL(rule.fact or ""))
    return sql.SQL(_OF_EXECUTION).format(value=moment, id=identity)


def _text(value: sql.Composable, *, is_json: bool) -> sql.Composable:
    return sql.SQL("nullif({}::text, 'null')" if is_json else "{} #>> '{{}}'").format(value)
