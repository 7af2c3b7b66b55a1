"""What a preview of rules shows is what a load then does."""

import json
from datetime import date, datetime
from datetime import time as day_time
from decimal import Decimal
from typing import Any

import pytest

from sync.models import SyncTable
from sync.operations import change_rules, preview_rules
from tests.operations.rules.tried import column, draft, rows
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

ODD: list[tuple[str, str, list[Any]]] = [
    ("text", "string", ["ünï\ncode", "", None, 'q"u,o\\te']),
    ("number", "decimal", ["1.50", 1e3, None, "-0.0"]),
    ("whole", "int", [7, "007", None, 12345678901234567890123456789012345678]),
    ("double", "float", [0.1, "nan", None, 1e300]),
    ("truth", "boolean", [True, "off", None, 1]),
    ("day", "date", ["2024-02-29", "0001-01-01", None, "9999-12-31"]),
    ("at", "timestamp", ["2024-01-01T10:00:00Z", "2024-01-01", None, "2024-01-01 10:00:00.123456"]),
    ("moment", "timestamptz", ["2024-01-01T10:00:00+05:30", "2024-01-01T10:00:00", None, "2024-01-01 10:00Z"]),
    ("clock", "time", ["10:00", "10:00:00.5", None, "23:59:59"]),
    ("nested", "json", [{"who": {"mail": "a@x"}, "n": 1.10}, {"who": {}}, None, {"n": [1, "2"]}]),
    ("email", "text", ["a@x.org", "no address", None, 5]),
    ("card", "text", ["1234567890", "123", None, ""]),
    ("hidden", "text", ["x", "y", None, "z"]),
    ("was", "text", ["1", "2", None, "4"]),
    ("same", "text", ["a", "b", None, "d"]),
    ('it\'s "odd" %s', "text", ["a", "b", None, "d"]),
]
RULES: list[dict[str, Any]] = [
    column("hash", "email", "number"),
    column("mask", "card", keep="first", characters=4),
    column("drop", "hid*"),
    column("cast", "was", type="decimal(5,2)"),
    column("replace", "same", value="const"),
    column("rename", 'it\'s "odd" %s', to="plain"),
    column("mask", "nested", path="who.mail", name="nested mail"),
    {"name": "id", "kind": "add", "column": "of", "fact": "execution_id"},
    {"name": "when", "kind": "add", "column": "made", "fact": "created_at"},
    {"name": "p", "kind": "add", "column": "region", "parameter": "where.region"},
    {"name": "few", "kind": "rows", "where": {"column": "whole", "operator": "null", "value": False}},
]


def loaded_as(text: str | None, value: Any) -> bool:  # noqa: PLR0911 - a table of types
    """Whether the text of a preview is the value that Snowflake has."""
    if text is None or value is None:
        return text is value
    match value:
        case bool():
            return text == str(value).lower()
        case int() | Decimal():
            return Decimal(text) == value
        case float():
            return text == "NaN" if value != value else float(text) == value  # noqa: PLR0124 - NaN
        case datetime():
            made = datetime.fromisoformat(text)
            return made == (value if value.tzinfo else value.replace(tzinfo=made.tzinfo))
        case date():
            return date.fromisoformat(text) == value
        case day_time():
            return day_time.fromisoformat(text) == value
    return bool(text == value or json.loads(text) == json.loads(value))


@pytest.mark.parametrize("as_objects", [True, False])
def test_it_shows_what_a_load_then_puts_into_snowflake(world: World, *, as_objects: bool) -> None:
    lines: Any = [list(line) for line in zip(*(values for _, _, values in ODD), strict=True)]
    if as_objects:
        lines = [{key: value for (key, _, _), value in zip(ODD, line, strict=True)} for line in lines]
    execution = world.complete(
        [(key, declared) for key, declared, _ in ODD], lines, execution_parameters={"where": {"region": "EU"}}
    )
    change_rules(world.configuration.pk, RULES, author="a test", expected_version=0)
    seen = preview_rules(world.configuration, execution.execution_id)
    assert (seen.error, seen.version, seen.key) == (None, 1, "destination")
    world.work()
    assert world.item(execution).status == "completed", world.item(execution).error_message
    there = world.rows(execution)
    assert len(there) == len(seen.after.rows) == 3
    for row, of_preview in zip(there, seen.after.rows, strict=True):
        pairs = zip(of_preview.values, row, strict=True)
        told = zip((one.name for one in seen.after.header), pairs, strict=True)
        assert [(name, pair) for name, pair in told if not loaded_as(*pair)] == []
    columns = SyncTable.objects.get(execution_id=execution.execution_id).columns or []
    assert columns[:-3] == [{"name": one.name, "type": one.type} for one in seen.after.columns]


def unfit(row: int, rows: int) -> Any:
    return [{"n": "x" if number == row else number} for number in range(1, rows + 1)]


@pytest.mark.parametrize("row", [3, 10_001, 12_000])
def test_a_result_that_cannot_be_loaded_shows_the_error_of_the_load(world: World, row: int) -> None:
    execution = world.complete([("n", "int")], unfit(row, 12_000))
    seen = preview_rules(world.configuration, execution.execution_id, seconds=60)
    world.work()
    item = world.item(execution)
    assert seen.error is not None
    assert (seen.error.code, f"{seen.error.happened}.") == (item.error_code, item.error_message)
    assert f"row {row}:" in seen.error.happened
    assert len(seen.after.rows) == 20
    assert seen.as_json()["error"] == {
        "code": item.error_code,
        "message": item.error_message,
        "remedy": item.error_remedy,
    }


def test_a_rule_that_does_not_fit_shows_the_error_of_the_load(world: World) -> None:
    execution = world.complete([("n", "text")], [{"n": "1"}, {"n": "x"}])
    for rule in (column("cast", "n", type="int"), rows({"column": "other", "operator": "null"})):
        change_rules(world.configuration.pk, [rule], author="a test", expected_version=None)
        seen = preview_rules(world.configuration, execution.execution_id)
        world.work()
        item = world.item(execution)
        assert seen.error is not None
        assert (seen.error.code, f"{seen.error.happened}.") == (item.error_code, item.error_message)
        assert [row.values for row in seen.before.rows] == [("1",), ("x",)]
        execution = world.complete([("n", "text")], [{"n": "1"}, {"n": "x"}])


def test_an_execution_that_is_kept_out_says_so_as_its_item_will(world: World) -> None:
    execution = world.complete([("n", "int")], [{"n": 1}, {"n": 2}])
    few: dict[str, Any] = {
        "name": "few",
        "kind": "scope",
        "action": "exclude",
        "when": [{"field": "rows", "operator": "lt", "value": 3}],
    }
    only: dict[str, Any] = {"name": "only", "kind": "scope", "action": "include", "workflow": "others"}
    for rules in ([few, only], [only]):
        change_rules(world.configuration.pk, rules, author="a test", expected_version=None)
        seen, drafted = (
            preview_rules(world.configuration, execution.execution_id, one) for one in (None, draft(*rules))
        )
        world.work()
        item = world.item(execution)
        assert seen.excluded_by == drafted.excluded_by == item.error_message
        assert (item.error_code, seen.error, len(seen.after.rows)) == ("excluded_by_rule", None, 2)
        execution = world.complete([("n", "int")], [{"n": 1}, {"n": 2}])
    seen = preview_rules(world.configuration, execution.execution_id, draft(few | {"action": "include"}, only))
    assert seen.excluded_by is None
    assert [one.said for one in seen.effects] == [
        "includes the execution",
        'is for workflows "others", and this is another one',
    ]


def test_what_rules_on_rows_leave_out_is_counted_whatever_else_the_result_holds(world: World) -> None:
    """A load does not look at the column of no type, nor at a value in a row that another rule leaves out."""
    more = rows({"column": "n", "operator": "gt", "value": 1}, "more")
    less = rows({"column": "n", "operator": "lt", "value": 3}, "less")
    change_rules(world.configuration.pk, [column("drop", "bad"), more, less], author="me", expected_version=0)
    columns = [("bad", "no type"), ("n", "int"), ("d", "decimal")]
    execution = world.complete(columns, [["x", 1, "1e-60"], ["y", 2, "1"], ["z", 3, "1"]])
    seen = preview_rules(world.configuration, execution.execution_id)
    assert seen.error is None
    assert [one.rows_left_out for one in seen.effects] == [None, 1, 1]
    world.work()
    assert world.rows(execution, "N") == [(2,)]
