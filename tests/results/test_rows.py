"""Rows as a whole: objects or arrays, what they declare, and in which order they come."""

from typing import Any

import pytest

from sync.errors import PermanentError
from sync.results import ResultColumn, StagedFile, snapshot
from sync.snowflake.types import ColumnType, Kind, parse_declared
from tests.results.conftest import SYNCED_AT, Executions, by_key, decompressed, inspect
from tests.results.csv_reader import records

pytestmark = pytest.mark.usefixtures("path")

AB = [{"name": "a", "type": "int"}, {"name": "b", "type": "text"}]


def refusal(executions: Executions, columns: Any, rows: Any) -> tuple[str, str]:
    executions.store(columns, rows)
    with pytest.raises(PermanentError) as raised:
        executions.export()
    return raised.value.code, raised.value.happened


def test_objects(executions: Executions) -> None:
    rows = [{"b": "x", "a": 1}, {"a": 2}, {"b": None}, {}]
    assert executions.carry(AB, rows) == [["1", "x"], ["2", None], [None, None], [None, None]]


def test_arrays(executions: Executions) -> None:
    assert executions.carry(AB, [[1, "x"], [None, ""]]) == [["1", "x"], [None, ""]]


def test_own_columns_follow(executions: Executions) -> None:
    executions.store(AB, [[1, "x"], [2, "y"]], execution_id='e"1,%d\n')
    assert [line[2:] for line in executions.export('e"1,%d\n')] == [
        ['e"1,%d\n', "1", "2026-02-03 04:05:06.789000"],
        ['e"1,%d\n', "2", "2026-02-03 04:05:06.789000"],
    ]


def test_rows_keep_their_order(executions: Executions) -> None:
    lines = executions.carry(AB, [[n, str(n)] for n in range(20_000)])
    assert lines == [[str(n), str(n)] for n in range(20_000)]


def test_a_name_twice(executions: Executions) -> None:
    columns = ["a", "b", "a"]
    assert executions.carry(columns, [{"a": 1, "b": 2}]) == [["1", "2", "1"]]
    assert executions.carry(columns, [[1, 2, 3]]) == [["1", "2", "3"]]


@pytest.mark.parametrize("count", [2, 41, 250])
@pytest.mark.parametrize("others", ["all", "null", "missing"])
def test_undeclared_key_is_named(executions: Executions, count: int, others: str) -> None:
    """Whether the row is full, has nulls or lacks keys: each is told in another way."""
    row: dict[str, Any] = {f"c{n}": "x" for n in range(count)}
    bad = row | {"the 'key'": None}
    if others == "null":
        bad["c0"] = None
    elif others == "missing":
        del bad["c0"]
    code, happened = refusal(executions, list(row), [row, {}, row | {"c1": None}, bad])
    assert code == "undeclared_key"
    assert happened.endswith("row 4: no column is declared for the key \"the 'key'\"")


def test_swapped_key_is_undeclared_too(executions: Executions) -> None:
    assert refusal(executions, AB, [{"a": 1, "B": "x"}])[0] == "undeclared_key"
    assert refusal(executions, AB, [{"a": 1, "b": "x", "": 1}])[0] == "undeclared_key"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"a": 1}, [1, "x"]], "row 2: an object was expected, .* of JSON type array"),
        ([{"a": 1}, {}, 5], "row 3: an object was expected, .* of JSON type number"),
        ([{"a": 1}, None], "row 2: an object was expected, .* of JSON type null"),
        ([{"a": 1}, []], "row 2: an object was expected, .* of JSON type array"),
        ([{"a": 1}, ["a", "b"]], "row 2: an object was expected, .* of JSON type array"),
        ([{"a": 1}, "a"], "row 2: an object was expected, .* of JSON type string"),
        ([[1, "x"], {"a": 1}], "row 2: an array of 2 values was expected, .* of JSON type object"),
        ([[1, "x"], [1]], "row 2: an array of 2 values was expected, .* an array of another length"),
        ([[1, "x"], [1, "x", None]], "row 2: .* an array of another length"),
        ([[1, "x"], []], "row 2: .* an array of another length"),
        ([[1, "x"], "x"], "row 2: an array of 2 values was expected, .* of JSON type string"),
    ],
)
def test_malformed_row_is_named(executions: Executions, rows: Any, message: str) -> None:
    code, happened = refusal(executions, AB, rows)
    assert code == "malformed_result"
    with pytest.raises(ValueError, match=message):
        raise ValueError(happened)


@pytest.mark.parametrize("row", ["a", ["a"]])
def test_text_that_is_like_the_only_key_is_no_object(executions: Executions, row: Any) -> None:
    assert refusal(executions, ["a"], [{"a": 1}, row])[0] == "malformed_result"
    assert refusal(executions, [""], [{"": 1}, row])[0] == "malformed_result"


@pytest.mark.parametrize("key", ["", "0", " ", "\u200b", "A", "zz"])
@pytest.mark.parametrize("value", [None, 1, "x", [], {}, False])
@pytest.mark.parametrize("others", [None, "x", {}])
def test_one_key_too_many(executions: Executions, key: str, value: Any, others: Any) -> None:
    """Rows of all declared keys and one more, which the quick proof has to tell from full ones."""
    row = {"a": others, "b": others}
    assert refusal(executions, list(row), [row, row | {key: value}]) == (
        "undeclared_key",
        f"Execution e, row 2: no column is declared for the key {key!r}",
    )


def test_the_first_of_several_faults_is_named(executions: Executions) -> None:
    rows = [{"a": n} for n in range(500)] + [{"a": "x"}, {"c": 1}, {"a": "y"}]
    assert "column 'a', row 501: the value does" in refusal(executions, AB, rows)[1]


def test_the_first_column_at_fault_is_named(executions: Executions) -> None:
    columns = [{"name": "a", "type": "date"}, {"name": "b", "type": "int"}, {"name": "c", "type": "int"}]
    assert "column 'b', row 1: the value does" in refusal(executions, columns, [["2024-01-05", 1.5, "x"]])[1]


class TestSharedFile:
    """Several results in one file, with the file's columns."""

    COLUMNS = (
        ResultColumn("b", ColumnType(Kind.TEXT)),
        ResultColumn("new", ColumnType(Kind.TIMESTAMP_NTZ)),
        ResultColumn("a", parse_declared("NUMBER(38,2)")),
        ResultColumn("a", parse_declared("VARIANT")),
    )

    def test_columns_go_by_name_and_missing_ones_are_null(self, executions: Executions) -> None:
        executions.store(["a", "b"], [{"a": 1, "b": "x"}, {}], execution_id="one")
        executions.store(["b", "a", "a"], [["y", 2.25, "3"]], execution_id="two")
        executions.store(["new"], [], execution_id="three")
        assert [line[:-1] for line in executions.export("one", "two", "three", columns=self.COLUMNS)] == [
            ["x", None, "1", None, "one", "1"],
            [None, None, None, None, "one", "2"],
            ["y", None, "2.25", '"3"', "two", "1"],
        ]

    def test_results_of_different_columns_spellings_and_types(self, executions: Executions) -> None:
        """As `places_of` a batch has them: per result, with its own key, and one that is in none where it lacks it."""
        missing = "\0"
        types = [parse_declared(ddl) for ddl in ("NUMBER(38,0)", "NUMBER(38,2)", "VARCHAR", "TIMESTAMP_NTZ", "VARIANT")]
        results: list[tuple[str, Any, Any, list[str]]] = [
            (
                "ints",
                [{"name": name, "type": "int"} for name in ("id", "Amount", "note")],
                [{"id": 1, "Amount": 5, "note": 7}],
                ["id", "Amount", "note", missing, missing],
            ),
            (
                "decimals",
                [{"name": "AMOUNT", "type": "decimal"}, {"name": "at", "type": "timestamp"}, "ID"],
                [[2.5, "2024-01-05 10:20:30Z", "2"], [None, None, None]],
                ["ID", "AMOUNT", missing, "at", missing],
            ),
            (
                "texts",
                [{"name": "Note", "type": "text"}, {"name": "more", "type": "json"}, {"name": "At", "type": "date"}],
                [{"Note": "a, b", "more": [1], "At": "2024-02-29"}, {}],
                [missing, missing, "Note", "At", "more"],
            ),
        ]
        for execution_id, columns, rows, _ in results:
            executions.store(columns, rows, execution_id=execution_id)
        with snapshot(executions.connection) as cursor, StagedFile() as file:
            for execution_id, _, _, keys in results:
                shape = inspect(cursor, execution_id)
                file.append(cursor, shape, SYNCED_AT, by_key(shape, list(map(ResultColumn, keys, types))))
            file.finish()
            lines = records(decompressed(file))
        assert [line[:-1] for line in lines] == [
            ["1", "5", "7", None, None, "ints", "1"],
            ["2", "2.5", None, "2024-01-05 10:20:30", None, "decimals", "1"],
            [None, None, None, None, None, "decimals", "2"],
            [None, None, "a, b", "2024-02-29 00:00:00", "[1]", "texts", "1"],
            [None, None, None, None, None, "texts", "2"],
        ]

    def test_the_file_s_type_refuses_what_the_result_s_own_would_take(self, executions: Executions) -> None:
        executions.store([{"name": "a", "type": "int"}], [{"a": 10**36}])
        with pytest.raises(PermanentError, match=r"column 'a', row 1: the value does not fit NUMBER\(38,2\)"):
            executions.export(columns=self.COLUMNS)

    def test_the_file_s_types_hold(self, executions: Executions) -> None:
        executions.store([{"name": "a", "type": "decimal"}], [[1.234]])
        with pytest.raises(PermanentError, match=r"value does not fit NUMBER\(38,2\).* 36 digits before .* 2 after"):
            executions.export(columns=self.COLUMNS)

    def test_a_column_without_a_place_is_a_fault_of_the_caller(self, executions: Executions) -> None:
        executions.store(["a", "b", "b"], [["x", 1, 2]])
        with pytest.raises(ValueError, match="not one column for each of e"):
            executions.export(columns=self.COLUMNS)

    def test_undeclared_keys_are_those_of_the_result(self, executions: Executions) -> None:
        executions.store(["a"], [{"a": 1, "b": 2}])
        with pytest.raises(PermanentError, match="the key 'b'"):
            executions.export(columns=self.COLUMNS)
