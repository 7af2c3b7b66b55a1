"""Which rows rules keep, and which they refuse rather than leave out."""

from typing import Any

import pytest

from sync.errors import PermanentError, TransientError
from sync.results import StagedFile, snapshot
from tests.results.conftest import SYNCED_AT, Executions, append, column_rule, compare, inspect, plan_of, rows_where

pytestmark = pytest.mark.usefixtures("path")


def kept(executions: Executions, declared: str, given: str, *conditions: Any) -> list[int]:
    """The numbers of the rows that are kept, of a column c with these values, given as JSON."""
    rows = ", ".join(f'{{"n": {n}, "c": {value}}}' for n, value in enumerate(given.split(" | "), start=1))
    columns = [{"name": "n", "type": "int"}, {"name": "c", "type": declared}]
    rules = [rows_where(**condition) for condition in conditions]
    _, lines = executions.shape(columns, f"[{rows}]", *rules, column_rule("drop", "c"))
    return [int(number or "") for (number,) in lines]


@pytest.mark.parametrize(
    ("declared", "given", "condition", "numbers"),
    [
        ("int", '9 | 10 | "+011" | null', ("gt", 9), [2, 3]),
        ("int", '9 | 10 | "1e1"', ("eq", "10.0"), [2, 3]),
        ("decimal(38,2)", f"{10**35}.01 | {10**35}.02", ("ge", f"{10**35}.02"), [2]),
        ("decimal", "1.5 | 2 | null", ("ne", 2), [1]),
        ("float", '1.5 | "NaN" | "-inf" | 1e300', ("gt", 1e299), [2, 4]),
        ("float", "0.1 | 0.2 | 3", ("in", [0.1, 3]), [1, 3]),
        ("text", '"10" | "9" | 9 | "B" | "a" | "ä"', ("lt", "A"), [1, 2, 3]),
        ("text", '"B" | "a" | "ä"', ("ge", "a"), [2, 3]),
        ("text", '"5" | 5 | 5.0', ("eq", 5), [1, 2]),
        ("text", '"a%b" | "axb" | "a_b" | "ab" | "A%B"', ("like", "a%*"), [1]),
        ("text", '"a%b" | "axb" | "a!b" | "ab" | "\\\\"', ("like", "a!*"), [3]),
        ("text", '"a\\\\b" | "ab"', ("like", "a\\*"), [1]),
        ("text", '"x" | "" | null', ("like", "*"), [1, 2]),
        ("date", '"2024-01-05" | "2024-01-31" | "2024-02-01"', ("like", "2024-01-*"), [1, 2]),
        ("date", '"2024-01-05" | "2023-12-31"', ("ge", "2024-01-01"), [1]),
        ("boolean", 'true | "no" | "T" | 0 | null', ("eq", True), [1, 3]),
        ("boolean", 'true | "no" | 1', ("eq", "YES"), [1, 3]),
        ("time", '"10:00" | "10:00:00.000" | "10:00:00.000000001" | "09:59"', ("eq", "10:00"), [1, 2]),
        ("time", '"10:00" | "10:00:00.000000001" | "10:00:00.5"', ("gt", "10:00:00.00"), [2, 3]),
        (
            "timestamp",
            '"2024-01-05T10:00:00Z" | "2024-01-05 10:00:00.000000001" | "2024-01-05"',
            ("gt", "2024-01-05 10:00"),
            [2],
        ),
        (
            "timestamptz",
            '"2024-01-05T10:00:00+05:30" | "2024-01-05T04:30Z" | "2024-01-04T23:30:00.000-0500" | "2024-01-05T10:00"',
            ("eq", "2024-01-05T04:30"),
            [1, 2, 3],
        ),
        (
            "timestamptz",
            '"0001-01-01T00:00:00+14:00" | "9999-12-31T23:59:59.999999999-14:00" | "2024-01-05T00:00:00.000000001"',
            ("between", ["2024-01-05T00:00:00.000000001Z", "2024-01-05T05:30:00.000000001+05:30"]),
            [3],
        ),
        ("json", '1.0 | "1" | true | [1] | null', ("eq", 1), [1]),
        ("json", '1.0 | "1" | true | [1] | null', ("ne", "1"), [1, 3, 4]),
        ("json", '{"a": 1} | null | "null"', ("null", True), [2]),
        ("int", "1 | null", ("null", False), [1]),
        ("int", "1 | 2 | 3 | 4 | null", ("between", [2, 3]), [2, 3]),
        ("int", "1 | 2 | 3", ("in", list(range(2, 500))), [2, 3]),
    ],
)  # fmt: skip
def test_values_are_compared_as_their_declared_type(
    executions: Executions, declared: str, given: str, condition: Any, numbers: list[int]
) -> None:
    assert kept(executions, declared, given, compare("c", *condition)) == numbers


def test_conditions_know_three_values(executions: Executions) -> None:
    one, two = compare("c", "eq", 1), compare("c", "eq", 2)
    n = compare("n", "ge", 3)
    assert kept(executions, "int", "1 | 2 | null", {"any": [one, n]}) == [1, 3]
    assert kept(executions, "int", "1 | 2 | null", {"any": [{"all": [two, n]}, one]}) == [1]
    assert kept(executions, "int", "1 | 2 | null", {"all": [n, {"any": [one, two]}]}) == []
    assert kept(executions, "int", "1 | 2 | null", {"any": [one, two]}, compare("n", "gt", 1)) == [2]


def test_a_missing_key_is_null(executions: Executions) -> None:
    _, lines = executions.shape(["a", "b"], [{"a": 1}, {"b": 2}, {"b": None}], rows_where(**compare("b", "null", True)))
    assert lines == [["1", None], [None, None]]


@pytest.mark.parametrize(
    ("declared", "value"),
    [("int", '"x"'), ("int", "1.5"), ("int", "true"), ("int", "[1]"), ("decimal(3,1)", "100"), ("decimal", '"x"'),
     ("float", '"x"'), ("float", "1e999"), ("boolean", '"maybe"'), ("date", '"2024-02-30"'), ("date", '"24-01-05"'),
     ("time", '"24:00"'), ("timestamp", '"2024-01-05T10:00+01:00"'), ("timestamptz", '"yesterday"')],
)  # fmt: skip
def test_a_row_that_cannot_be_compared_is_refused(executions: Executions, declared: str, value: str) -> None:
    """With its number in the result, as it would be without rules, although its column is dropped."""
    with pytest.raises(PermanentError) as raised:
        kept(executions, declared, f"null | null | {value}", compare("c", "null", False))
    assert raised.value.code == "value_does_not_fit"
    assert raised.value.happened.startswith("Execution e, row 3, column 'c', which rules change: the value ")
    executions.store([{"name": "c", "type": declared}], f"[[null], [{value}]]")
    if declared != "decimal":
        with pytest.raises(PermanentError) as without:
            executions.export()
        assert without.value.happened.partition(": ")[2] == raised.value.happened.partition(": ")[2]


def test_a_row_of_another_form_is_refused_rather_than_left_out(executions: Executions) -> None:
    rule = rows_where(**compare("a", "eq", "x"))
    for row, said in [
        ({"b": 1}, "row 3: no column is declared for the key 'b'"),
        ("x", "row 3: an object was expected"),
    ]:
        with pytest.raises(PermanentError, match=said):
            executions.shape(["a"], [{"a": "y"}, {"a": "x"}, row], rule)
    with pytest.raises(PermanentError, match="row 2: an array of 1 values"):
        executions.shape(["a"], [["y"], ["x", 1]], rule)


def test_errors_name_the_row_in_the_result(executions: Executions) -> None:
    columns = [{"name": "keep", "type": "boolean"}, {"name": "v", "type": "int"}]
    rows: list[Any] = [[False, "left out"], [True, 1], [False, "left out"], [True, "x"]]
    with pytest.raises(PermanentError, match="column 'v', row 4: the value does not fit"):
        executions.shape(columns, rows, rows_where(**compare("keep", "eq", True)))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (compare("nowhere", "eq", 1), "compares the column 'nowhere', which the result does not declare"),
        (compare("twice", "eq", 1), "compares the column 'twice', which the result declares twice"),
        (compare("i", "eq", "x"), ", column 'i': the rule 'rule 1' compares it with something else than a number"),
        (compare("i", "in", [1, True]), "something else than a number"),
        (compare("d", "ge", "2024-02-30"), "something else than a date as YYYY-MM-DD"),
        (compare("z", "ge", "2024-02-03T10:00"), "something else than a date and time"),
        (compare("j", "lt", 1), "compares JSON, for which there are eq, ne, in and null only"),
        (compare("j", "like", "x"), "compares JSON"),
        (compare("broken", "null", True), "the type 'decimal"),
    ],
)  # fmt: skip
def test_rules_that_do_not_fit(executions: Executions, rule: Any, said: str) -> None:
    types = {"i": "int", "d": "date", "j": "json", "z": "timestamp[ns, Europe/Berlin]", "broken": "decimal(50,2)"}
    columns = [*({"name": name, "type": of} for name, of in types.items()), "twice", "twice"]
    with pytest.raises(PermanentError) as raised:
        executions.shape(columns, [], rows_where(any=[rule]), column_rule("drop", "broken"))
    assert raised.value.code == ("malformed_result" if "broken" in str(rule) else "rule_does_not_fit")
    assert said in raised.value.happened


def test_how_many_rows_are_kept_is_told(executions: Executions) -> None:
    executions.store([{"name": "a", "type": "int"}], [[n] for n in range(1, 1001)])
    assert executions.inspect(plan=plan_of(rows_where(**compare("a", "gt", 400)))).rows == 1000
    for least, number in ((400, 600), (1000, 0)):
        plan = plan_of(rows_where(**compare("a", "gt", least)))
        with snapshot(executions.connection) as cursor, StagedFile() as file:
            assert append(file, cursor, inspect(cursor, "e", plan), SYNCED_AT) == number
            assert file.finish() > 0
        assert [line[-2] for line in executions.export(plan=plan)] == [str(n) for n in range(1, number + 1)]


def test_a_message_that_is_not_one_row_is_an_error(executions: Executions) -> None:
    """Also where it is PostgreSQL that says how many rows there are."""
    executions.store([{"name": "a", "type": "int"}], [[1], [2], [3]])

    class Doubling:
        rowcount = 2

        def __init__(self, cursor: Any) -> None:
            self.connection = cursor.connection

        def copy_expert(self, statement: Any, file: Any) -> None:
            file.write(b"1,\n2,\n")

    with snapshot(executions.connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, "e", plan_of(rows_where(**compare("a", "lt", 3))))
        with pytest.raises(TransientError, match="1 of 2 rows of e were read"):
            append(file, Doubling(cursor), shape)  # type: ignore[arg-type]
