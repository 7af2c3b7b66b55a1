import json
from typing import Any

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import PermanentError
from sync.results import ResultColumn, snapshot
from sync.results.inspection import RESULT_HASH, Examined, examine, shape_of
from sync.snowflake.types import ColumnType, Kind
from tests.results.conftest import Executions, inspect

COLUMNS = [{"name": "a", "type": "int"}, {"name": "b"}]
TEXT = ColumnType(Kind.TEXT)


def refused(executions: Executions, columns: Any, rows: Any, **more: Any) -> PermanentError:
    executions.store(columns, rows, **more)
    with pytest.raises(PermanentError) as raised:
        executions.inspect()
    return raised.value


def test_shape_of_object_rows(executions: Executions) -> None:
    executions.store(COLUMNS, [{"a": 1, "b": "x"}, {}], total=2)
    shape = executions.inspect()
    assert (shape.execution_id, shape.rows, shape.rows_as_objects) == ("e", 2, True)
    assert shape.columns == (ResultColumn("a", ColumnType(Kind.INTEGER)), ResultColumn("b", TEXT))


def test_shape_of_array_rows(executions: Executions) -> None:
    executions.store(COLUMNS, [[1, "x"]])
    assert executions.inspect().rows_as_objects is False


def test_columns_may_be_names_only(executions: Executions) -> None:
    executions.store(["a", {"name": "", "type": 7}], [])
    assert executions.inspect().columns == (ResultColumn("a", TEXT), ResultColumn("", TEXT))


def test_no_rows_but_columns_is_an_empty_result(executions: Executions) -> None:
    executions.store(COLUMNS, [], total=0)
    assert executions.inspect().rows == 0
    assert executions.export() == []


def test_fewer_total_rows_than_kept_is_no_loss(executions: Executions) -> None:
    executions.store(COLUMNS, [[1, 2]], total=0)
    assert executions.inspect().rows == 1


def test_execution_that_is_not_there(executions: Executions) -> None:
    with pytest.raises(PermanentError, match="Execution nowhere") as raised:
        executions.inspect("nowhere")
    assert raised.value.code == "execution_not_visible"


@pytest.mark.parametrize("status", ["running", "failed", "COMPLETED", None])
def test_execution_that_is_not_completed(executions: Executions, status: str | None) -> None:
    assert refused(executions, COLUMNS, [[1, 2]], status=status).code == "not_completed"


@pytest.mark.parametrize(("columns", "rows"), [(COLUMNS, "null"), ([], []), ("null", []), ([], "null")])
def test_no_results(executions: Executions, columns: Any, rows: Any) -> None:
    assert refused(executions, columns, rows).code == "no_results"


def test_results_that_were_never_written(executions: Executions) -> None:
    executions.execute("INSERT INTO workflow_executions VALUES ('e', 'completed', NULL, NULL, 5)")
    with pytest.raises(PermanentError) as raised:
        executions.inspect()
    assert raised.value.code == "no_results"


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        ([], [{"a": 1}], "result_columns is empty$"),
        ("null", [{"a": 1}], "result_columns is a JSON null"),
        ({"a": "int"}, [{"a": 1}], "result_columns is a JSON object"),
        ('"a"', [], "result_columns is a JSON string"),
        ([{"name": "a"}, {"type": "int"}], [], "entry 2 of result_columns has no name"),
        ([{"name": 7}], [], "entry 1 of"),
        ([["a"]], [], "entry 1 of"),
        ([None], [], "entry 1 of"),
        (COLUMNS, {"a": [1]}, "result_rows is a JSON object"),
        (COLUMNS, '"text"', "result_rows is a JSON string"),
        (COLUMNS, "5", "result_rows is a JSON number"),
        (COLUMNS, [1, 2], "row 1: a JSON number"),
        (COLUMNS, [None], "row 1: a JSON null"),
        ([{"name": "a", "type": "decimal(40,2)"}], [], r"Execution e, column 'a': .*'decimal\(40,2\)'"),
    ],
)
def test_malformed(executions: Executions, columns: Any, rows: Any, message: str) -> None:
    error = refused(executions, columns, rows)
    assert error.code == "malformed_result"
    error.args = (error.happened,)
    with pytest.raises(PermanentError, match=message):
        raise error


@pytest.mark.parametrize("rows", [[], [[1, 2]]])
def test_incomplete_result_names_both_numbers(executions: Executions, rows: list[Any]) -> None:
    error = refused(executions, COLUMNS, rows, total=1000)
    assert error.code == "incomplete_result"
    assert f"keeps {len(rows)} of 1000 rows" in str(error)


def test_a_number_of_rows_that_is_none_is_the_one_execution_s_matter(executions: Executions) -> None:
    """An application may keep it as numeric."""
    executions.execute("ALTER TABLE workflow_executions ALTER result_total_rows TYPE numeric")
    try:
        executions.store(COLUMNS, [[1, 2]], execution_id="good")
        executions.store(COLUMNS, [[1, 2]])
        executions.execute("UPDATE workflow_executions SET result_total_rows = 'NaN' WHERE execution_id = 'e'")
        with snapshot(executions.connection) as cursor:
            examined = examine(cursor, ["e", "good"])
            assert shape_of(cursor, examined["good"]).rows == 1
            with pytest.raises(PermanentError, match="keeps 1 of NaN rows"):
                shape_of(cursor, examined["e"])
    finally:
        executions.execute("ALTER TABLE workflow_executions ALTER result_total_rows TYPE integer USING NULL")


@pytest.mark.parametrize("names", [1501, 200_000])
def test_too_many_columns(executions: Executions, names: int) -> None:
    error = refused(executions, [f"c{n}" for n in range(names)], [])
    assert error.code == "unsupported_columns"
    assert f"{names} columns" in str(error)


def test_deeply_nested_metadata_do_no_harm(executions: Executions) -> None:
    deep = "[" * 3000 + "]" * 3000
    executions.store(f'[{{"name": "a", "type": {deep}}}]', [])
    assert executions.inspect().columns == (ResultColumn("a", TEXT),)


class TestScale:
    """Of decimals that are declared without one."""

    def types(self, executions: Executions, rows: str) -> list[str]:
        executions.store([{"name": "a", "type": "decimal"}, {"name": "b", "type": "money"}], rows)
        return [column.type.ddl for column in executions.inspect().columns]

    @pytest.mark.parametrize(
        ("values", "ddl"),
        [
            (["1.25", "3.1000", '"7.125"'], "NUMBER(38,3)"),
            (["1", "20.00", "null"], "NUMBER(38,0)"),
            (["null"], "NUMBER(38,0)"),
            (["1e-9", '"1e-10"'], "NUMBER(38,10)"),
            # What is no number is found later, row by row; '0x1F' is one to some versions.
            (['"x"', "1.5", '"0x1F"', '"NaN"'], "NUMBER(38,1)"),
            (["0." + "0" * 36 + "1"], "NUMBER(38,37)"),
        ],
    )
    def test_is_the_largest_in_the_data(self, executions: Executions, values: list[str], ddl: str) -> None:
        rows = ", ".join(f'{{"a": {value}, "b": 1.5}}' for value in values)
        assert self.types(executions, f"[{rows}]") == [ddl, "NUMBER(38,1)"]

    def test_of_no_rows(self, executions: Executions) -> None:
        assert self.types(executions, "[]") == ["NUMBER(38,0)"] * 2

    @pytest.mark.parametrize(
        ("values", "whole"),
        [(["1.25", "-123.4", '"7"'], 3), (["0.5"], 1), (["null"], 1), (["1e20", '"x"'], 21), (["9" * 38], 38)],
    )
    def test_comes_with_the_most_digits_before_the_point(
        self, executions: Executions, values: list[str], whole: int
    ) -> None:
        rows = ", ".join(f'{{"a": {value}, "b": 1}}' for value in values)
        executions.store([{"name": "a", "type": "decimal"}, {"name": "b", "type": "integer"}], f"[{rows}]")
        assert [column.whole for column in executions.inspect().columns] == [whole, None]

    @pytest.mark.parametrize("value", ["0." + "0" * 37 + "1", json.dumps("1." + "5" * 2000)])
    def test_beyond_what_snowflake_has(self, executions: Executions, value: str) -> None:
        executions.store([{"name": "a", "type": "decimal"}], f'[{{"a": 1}}, {{"a": {value}}}]')
        with pytest.raises(PermanentError, match=r"column 'a', row 2: .* 37 digits after") as raised:
            executions.inspect()
        assert raised.value.code == "value_does_not_fit"


Version = tuple[int | None, str | None]


def version_in(found: Examined) -> Version:
    return found.result_hash, found.source_version


def version_of(cursor: Cursor, execution_id: str) -> Version:
    """Read on its own."""
    cursor.execute(f"SELECT {RESULT_HASH}, xmin::text FROM workflow_executions WHERE execution_id = %s", [execution_id])
    ((result_hash, version),) = cursor.fetchall()
    return result_hash, version


class TestExamined:
    """Many executions at once: the same as one after the other."""

    def test_each_has_its_shape_and_version(self, executions: Executions) -> None:
        executions.store(COLUMNS, [{"a": 1, "b": "x"}], execution_id="one")
        executions.store(["a"], [[1], [2]], execution_id="it's two")
        executions.store([{"name": "d", "type": "decimal"}], [[1.25]], execution_id="three")
        ids = ["three", "one", "it's two"]
        with snapshot(executions.connection) as cursor:
            examined = examine(cursor, ids)
            assert list(examined) == ids
            for key, found in examined.items():
                assert version_in(found) == version_of(cursor, key)
                assert shape_of(cursor, found) == inspect(cursor, key)

    def test_results_that_were_never_written_have_a_version(self, executions: Executions) -> None:
        executions.execute("INSERT INTO workflow_executions VALUES ('e', 'completed', NULL, NULL, 5)")
        with snapshot(executions.connection) as cursor:
            assert version_in(examine(cursor, ["e"])["e"]) == version_of(cursor, "e")

    def test_what_cannot_be_loaded_says_so_when_it_is_asked_for(self, executions: Executions) -> None:
        executions.store(COLUMNS, [[1, 2]], execution_id="good")
        executions.store(COLUMNS, [[1, 2]], execution_id="running", status="running")
        with snapshot(executions.connection) as cursor:
            examined = examine(cursor, ["running", "nowhere", "good"])
            assert version_in(examined["running"]) == version_of(cursor, "running")
            assert version_in(examined["nowhere"]) == (None, None)
            assert shape_of(cursor, examined["good"]).rows == 1
            for key, code in (("running", "not_completed"), ("nowhere", "execution_not_visible")):
                with pytest.raises(PermanentError, match=f"Execution {key}") as raised:
                    shape_of(cursor, examined[key])
                assert raised.value.code == code
