"""Names of columns come from people: none of them is SQL."""

from typing import Any

import pytest

from sync.errors import PermanentError
from tests.results.conftest import Executions

NAMES = [
    "",
    " ",
    '"; DROP TABLE workflow_executions; --',
    "it's",
    "'); SELECT 1; --",
    "100%",
    "%s %(a)s",
    "back\\slash",
    "\\'",
    "{}",
    "{values}",
    "line\nbreak\ttab\r",
    "$1",
    "$$",
    "größe 漢字 🎉",
    "\u202ertl\u0301",
    "n" * 300,
    "c1",
    "r",
    "o",
    "0",
    "-1",
    "a.b[0]",
    "null",
    "_ROW_NUMBER",
]


@pytest.mark.parametrize("setting", ["on", "off"])
@pytest.mark.parametrize("form", ["objects", "arrays"])
def test_any_name(executions: Executions, path: str, setting: str, form: str) -> None:
    values = [f"value {n}" for n in range(len(NAMES))]
    row: Any = values if form == "arrays" else dict(zip(NAMES, values, strict=True))
    executions.store([{"name": name, "type": "text"} for name in NAMES], [row, row])
    # Backslashes in plain literals mean something where this is off.
    executions.execute(f"SET standard_conforming_strings = {setting}")
    try:
        assert [line[:-3] for line in executions.export()] == [values, values]
    finally:
        executions.execute("RESET standard_conforming_strings")


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_any_name_in_an_error(executions: Executions, name: str) -> None:
    executions.store([{"name": name, "type": "int"}], [{name: "x"}])
    with pytest.raises(PermanentError) as raised:
        executions.export()
    assert f"column {name[:100]!r}" in str(raised.value)
    executions.store(["other"], [{"other": 1}, {name: 1}])
    with pytest.raises(PermanentError) as raised:
        executions.export()
    assert f"row 2: no column is declared for the key {name[:100]!r}" in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_an_execution(executions: Executions, name: str) -> None:
    executions.store(["a"], [["x"]], execution_id=name)
    assert executions.export(name)[0][:2] == ["x", name]


@pytest.mark.parametrize("form", ["objects", "arrays"])
@pytest.mark.parametrize(("columns", "rows"), [(300, 0), (300, 20), (1500, 2)])
def test_many_columns(executions: Executions, path: str, form: str, columns: int, rows: int) -> None:
    kinds = ["int", "text", "timestamp", "decimal", "json"]
    values: list[Any] = [1, "x", "2024-01-05 10:20:30", 1.5, {"a": 1}]
    texts = ["1", "x", "2024-01-05 10:20:30", "1.5", '{"a": 1}']
    names = [{"name": f"column {n}", "type": kinds[n % 5]} for n in range(columns)]
    row: Any = (values * columns)[:columns]
    if form == "objects":
        row = {column["name"]: value for column, value in zip(names, row, strict=True)}
    assert executions.carry(names, [row] * rows) == [(texts * columns)[:columns]] * rows


def test_many_columns_with_few_values(executions: Executions) -> None:
    names = [f"column {n}" for n in range(1500)]
    lines = executions.carry(names, [{"column 7": 1, "column 1499": None}, {"column 0": 2}])
    assert [line[0] for line in lines] == [None, "2"]
    assert [line[7] for line in lines] == ["1", None]
