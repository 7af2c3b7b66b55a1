"""What each step of a rule makes of values, and what it refuses."""

import json
from typing import Any

import psycopg2
import pytest

from sync.errors import PermanentError
from sync.results import StagedFile, snapshot
from tests.results.conftest import (
    Executions,
    append,
    column_rule,
    compare,
    hmac_of,
    inspect,
    plan_of,
    rows_where,
)

pytestmark = pytest.mark.usefixtures("path")

AB = [{"name": "a", "type": "int"}, {"name": "b", "type": "text"}]


def made(executions: Executions, declared: str, given: list[str], *rules: dict[str, Any]) -> list[Any]:
    """What becomes of a column c with these values, given as JSON text."""
    rows = f"[{','.join(f'[{value}]' for value in given)}]"
    _, lines = executions.shape([{"name": "c", "type": declared}], rows, *rules)
    return [field for (field,) in lines]


def refused(executions: Executions, columns: Any, rows: Any, *rules: dict[str, Any]) -> PermanentError:
    with pytest.raises(PermanentError) as raised:
        executions.shape(columns, rows, *rules)
    return raised.value


def refusal(executions: Executions, columns: Any, rows: Any, *rules: dict[str, Any]) -> str:
    error = refused(executions, columns, rows, *rules)
    return f"{error.code}: {error.happened}"


def test_nothing_is_done_without_rules(executions: Executions) -> None:
    executions.store(AB, [[1, "x"]])
    assert executions.inspect().shaping is None
    assert executions.shape(AB, [[1, "x"]]) == (["a NUMBER(38,0)", "b VARCHAR"], [["1", "x"]])


def test_drop(executions: Executions) -> None:
    rows = [{"a": 1, "b": "x"}, {"b": None}]
    assert executions.shape(AB, rows, column_rule("drop", "b")) == (["a NUMBER(38,0)"], [["1"], [None]])
    assert "undeclared_key" in refusal(executions, AB, [*rows, {"c": 1}], column_rule("drop", "b"))
    assert "row 2: an object was expected" in refusal(executions, AB, [{}, "a"], column_rule("drop", "b"))
    assert "an array of 2 values was expected" in refusal(executions, AB, [[1, 2], [1]], column_rule("drop", "b"))


def test_no_column_that_is_dropped_has_to_be_well(executions: Executions) -> None:
    columns = [{"name": "a", "type": "decimal(40,2)"}, {"name": "b", "type": "int"}, {"name": "c"}]
    rows = [["1", "no number", "x"]]
    dropped = column_rule("drop", "b")
    assert executions.shape(columns, rows, dropped, column_rule("drop", "a")) == (["c VARCHAR"], [["x"]])
    cast = column_rule("cast", "a", type="decimal(3,1)")
    assert executions.shape(columns, rows, dropped, cast)[0] == ["a NUMBER(3,1)", "c VARCHAR"]
    assert executions.shape(columns, rows, dropped, column_rule("hash", "a"))[1] == [[hmac_of("1"), "x"]]
    assert "malformed_result" in refusal(executions, columns, rows, dropped)
    assert "malformed_result" in refusal(executions, columns, rows, dropped, column_rule("null", "a"))


def test_keep_only(executions: Executions) -> None:
    assert executions.shape(AB, [[1, "x"]], column_rule("keep_only", "b*"))[1] == [["x"]]
    said = refusal(executions, AB, [[1, "x"]], column_rule("keep_only", "b"), column_rule("keep_only", "a"))
    assert said == "rule_does_not_fit: Execution e: the rules drop all of its columns"


def test_rename(executions: Executions) -> None:
    swapped = [column_rule("rename", "a", to="b"), column_rule("rename", "b", to="a")]
    assert executions.shape(AB, [[1, "x"]], *swapped)[0] == ["b NUMBER(38,0)", "a VARCHAR"]
    names = executions.shape(["a", "a"], [[1, 2]], column_rule("rename", "a", to="x"))[0]
    assert names == ["x VARCHAR", "x VARCHAR"]
    to_b = {"name": "mine"} | swapped[0]
    said = refusal(executions, AB, [], to_b)
    assert said == "rule_does_not_fit: Execution e: the rule 'mine' names a column 'b', and so is another one named"
    assert executions.shape(AB, [[1, "x"]], to_b, column_rule("drop", "b")) == (["b NUMBER(38,0)"], [["1"]])
    adding = {"kind": "add", "column": "b", "constant": 1}
    assert "the rule 'rule 1' names a column 'b'" in refusal(executions, AB, [], adding)


def test_later_rules_go_by_the_name_in_the_result(executions: Executions) -> None:
    rules = [column_rule("rename", "b", to="x"), column_rule("mask", "x"), column_rule("mask", "b", text="?")]
    assert executions.shape(AB, [[1, "y"]], *rules) == (["a NUMBER(38,0)", "x VARCHAR"], [["1", "?"]])


@pytest.mark.parametrize(
    ("declared", "to", "given", "expected"),
    [
        ("text", "int", ['"12"', '"1e2"', "3", "null"], ["12", "100", "3", None]),
        ("text", "timestamp", ['"2024-01-05"'], ["2024-01-05 00:00:00"]),
        ("int", "text", ["1.50", "true", '{"a": 1}'], ["1.50", "true", '{"a": 1}']),
        ("text", "json", ['"x"', "null", '{"a": null}'], ['"x"', None, '{"a": null}']),
        ("json", "text", ['"x"', "[1]"], ["x", "[1]"]),
    ],
)
def test_cast(executions: Executions, declared: str, to: str, given: list[str], expected: list[Any]) -> None:
    assert made(executions, declared, given, column_rule("cast", "c", type=to)) == expected


def test_a_cast_is_as_exact_as_a_declared_type(executions: Executions) -> None:
    said = refusal(executions, ["c"], [["1"], ["1.5"]], column_rule("cast", "c", type="int"))
    executions.store([{"name": "c", "type": "int"}], [["1"], ["1.5"]])
    with pytest.raises(PermanentError) as raised:
        executions.export()
    assert said == f"value_does_not_fit: {raised.value.happened}; the rule 'rule 1' casts it"


def test_whoever_mends_a_cast_that_does_not_fit_is_led_to_its_rule(executions: Executions) -> None:
    """And not to what the application declares."""
    cast = column_rule("cast", "c", type="date", name="days")
    rename = column_rule("rename", "c", to="d", name="a name")
    for rules in ([cast], [cast, rename]):
        error = refused(executions, ["c"], [["2026-01-31"], ["nix"]], *rules)
        assert "result_columns" not in error.remedy
        assert error.happened.endswith("; the rule 'days' casts it")
        assert error.remedy.startswith("Correct the value, or let the rule 'days' cast it")
    error = refused(executions, [{"name": "c", "type": "int"}], [["nix"]], rename)
    assert "result_columns" in error.remedy
    assert executions.shape(["c"], [["nix"]], cast, column_rule("mask", "c"))[0] == ["c VARCHAR"]


def test_a_scale_is_that_of_what_is_loaded(executions: Executions) -> None:
    """After the filter, and after a cast."""
    columns, rows = [{"name": "d", "type": "decimal"}, "t"], [[1.5, "1.25"], [1.2345, "1.123456"], ["x", "no"]]
    keep = rows_where(**compare("t", "eq", "1.25"))
    shaped = executions.shape(columns, rows, keep, column_rule("cast", "t", type="decimal"))
    assert shaped == (["d NUMBER(38,1)", "t NUMBER(38,2)"], [["1.5", "1.25"]])
    fine = "0." + "0" * 37 + "1"
    assert "column 't', row 2: the value has more than the 37 digits" in refusal(
        executions, ["t"], [["1"], [fine]], column_rule("cast", "t", type="decimal")
    )


@pytest.mark.parametrize(
    ("declared", "given", "canonical"),
    [
        ("int", ["1", "1.0", "1e2", '"01"', '"+1.50"', '"nix"', "true"], ["1", "1", "100", "1", "1.5", "nix", "true"]),
        ("decimal(60,2)", ["1.10", "0.0", "-0", '"1e-3"'], ["1.1", "0", "0", "0.001"]),
        ("float", ['"NaN"', "1.10", "100"], ["NaN", "1.1", "100"]),
        ("text", ["1.10", '"1.10"', "100", "true", "[1.10]"], ["1.1", "1.10", "100", "true", "[1.10]"]),
        ("json", ['"x"', "1.10", '{"bb": 1, "a": [1.10, null]}'], ["x", "1.1", '{"a": [1.10, null], "bb": 1}']),
        ("text", ['""', '"größe 🎉"', '"it\'s % \\\\ \\""'], ["", "größe 🎉", "it's % \\ \""]),
        ("int", ["1" + "0" * 2000, '"' + "1" * 2000 + '"'], ["1" + "0" * 2000, "1" * 2000]),
    ],
)
def test_hash(executions: Executions, declared: str, given: list[str], canonical: list[str]) -> None:
    assert made(executions, declared, given, column_rule("hash", "c")) == [hmac_of(text) for text in canonical]
    assert made(executions, declared, ["null"], column_rule("hash", "c")) == [None]


def test_a_hash_is_text(executions: Executions) -> None:
    assert executions.shape(AB, [{"b": "x"}], column_rule("hash", "*")) == (
        ["a VARCHAR", "b VARCHAR"],
        [[None, hmac_of("x")]],
    )


MASKS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("secret", "***"), ("", "***"), ("\n", "***")]),
    ({"text": "it's % \\ {}"}, [("secret", "it's % \\ {}")]),
    ({"keep": "last"}, [("12345", "***2345"), ("1234", "***"), ("", "***"), ("🎉🎉🎉🎉🎉", "***🎉🎉🎉🎉")]),
    ({"keep": "first", "characters": 1}, [("ab", "a***"), ("a", "***"), ("größe", "g***")]),
    (
        {"keep": "domain"},
        [
            ("ada@example.com", "***@example.com"),
            ("größe@example.com", "***@example.com"),
            *(
                (text, "***")
                for text in ["@", "a@", "@b", "a@b@c", "a@b c", "a@b, c", "none", "", "a@b\n", "a@münchen.de"]
            ),
        ],
    ),
]


@pytest.mark.parametrize(("settings", "pairs"), MASKS)
def test_mask(executions: Executions, settings: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
    given = [json.dumps(text) for text, _ in pairs]
    assert made(executions, "text", given, column_rule("mask", "c", **settings)) == [masked for _, masked in pairs]


def test_a_mask_takes_any_json_as_its_text(executions: Executions) -> None:
    given = ["12.50", "true", '{"a": "bc"}', "null", "[1]"]
    expected = ["***2.50", "***", '***bc"}', None, "***"]
    for declared in ("int", "text", "json", "date"):
        assert made(executions, declared, given, column_rule("mask", "c", keep="last")) == expected


def test_null_and_replace_keep_the_type(executions: Executions) -> None:
    rules = [column_rule("null", "a"), column_rule("replace", "b", value="it's")]
    assert executions.shape(AB, [["junk", 1]], *rules) == (["a NUMBER(38,0)", "b VARCHAR"], [[None, "it's"]])
    given = ["1", "null", '"junk"']
    for declared, value, expected in [
        ("int", 7, "7"),
        ("float", 1.5, "1.5"),
        ("json", "x", '"x"'),
        ("text", True, "true"),
    ]:
        assert made(executions, declared, given, column_rule("replace", "c", value=value)) == [expected] * 3


def test_a_constant_that_is_none_of_the_type_is_the_rule_s_fault(executions: Executions) -> None:
    said = refusal(executions, AB, [[1, "x"]], column_rule("replace", "a", value="s3cret"))
    assert said.startswith("rule_does_not_fit: Execution e, column 'a', as the rule 'rule 1' fills it: the value does")
    assert "s3cret" not in said
    adding = {"kind": "add", "column": "n", "constant": "s3cret", "type": "date"}
    assert refusal(executions, AB, [[1, "x"]], adding).startswith("rule_does_not_fit: Execution e, column 'n', as the")
    assert executions.shape(AB, [], adding)[1] == []


JSON = [{"name": "j", "type": "json"}]


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        (column_rule("hash", "j", path="a"), {"a": "x", "b": 1}, {"a": hmac_of("x"), "b": 1}),
        (column_rule("hash", "j", path="a.b"), {"a": {"b": 1.0}}, {"a": {"b": hmac_of("1")}}),
        (column_rule("hash", "j", path="a"), {"a": {"b": [1]}}, {"a": hmac_of('{"b": [1]}')}),
        (column_rule("hash", "j", path="a"), {"a": None}, {"a": None}),
        (column_rule("hash", "j", path="a.b.c"), {"a": {}}, {"a": {}}),
        (column_rule("hash", "j", path="a.b"), {"a": None}, {"a": None}),
        (column_rule("drop", "j", path="a.b"), {"a": None}, {"a": None}),
        (column_rule("drop", "j", path="a.b"), {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
        (column_rule("drop", "j", path=["a.b"]), {"a.b": 1, "a": {"b": 2}}, {"a": {"b": 2}}),
        (
            column_rule("mask", "j", path="l.*.e", keep="domain"),
            {"l": [{"e": "a@b.c"}, {}, None]},
            {"l": [{"e": "***@b.c"}, {}, None]},
        ),
        (column_rule("hash", "j", path="*"), ["x", None, 1], [hmac_of("x"), None, hmac_of("1")]),
        (column_rule("hash", "j", path="*.*"), [["x"], []], [[hmac_of("x")], []]),
        (column_rule("drop", "j", path="l.*"), {"l": [1, 2]}, {"l": []}),
        (column_rule("drop", "j", path="*.a"), [{"a": 1}, {"b": 2}], [{}, {"b": 2}]),
        (column_rule("mask", "j", path='it\'s "%" \\'), {'it\'s "%" \\': "x"}, {'it\'s "%" \\': "***"}),
    ],
)
def test_within_json(executions: Executions, rule: dict[str, Any], given: Any, expected: Any) -> None:
    _, lines = executions.shape(JSON, [{"j": given}, {"j": None}, {}], rule)
    assert [field and json.loads(field) for (field,) in lines] == [expected, None, None]


@pytest.mark.parametrize(
    "given", ["s3cret", 5, ["s3cret"], {"a": "s3cret"}, {"a": ["s3cret"]}, {"a": [{"b": "s3cret"}]}]
)
@pytest.mark.parametrize("action", ["hash", "mask", "drop"])
def test_something_else_on_a_path_is_refused(executions: Executions, action: str, given: Any) -> None:
    rule = {"name": "mine"} | column_rule(action, "j", path="a.b")
    said = refusal(executions, JSON, [{"j": {"a": {"b": 1}}}, {"j": given}], rule)
    assert said.startswith(
        "rule_does_not_fit: Execution e, row 2, column 'j', which rules change: the rule 'mine' expects"
    )
    # Whatever is done to it afterwards; what is then replaced needs no refusal.
    for then in ("hash", "mask"):
        assert "row 2" in refusal(executions, JSON, [{"j": {}}, {"j": given}], rule, column_rule(then, "j"))
    assert executions.shape(JSON, [{"j": given}], rule, column_rule("null", "j"))[1] == [[None]]


def test_a_path_is_for_json_only(executions: Executions) -> None:
    within = column_rule("hash", "b", path="x")
    said = "rule_does_not_fit: Execution e, column 'b': the rule 'rule 1' has a path, for which"
    assert refusal(executions, AB, [], within).startswith(said)
    _, ((_, field),) = executions.shape(AB, [[1, {"x": 1}]], column_rule("cast", "b", type="json"), within)
    assert json.loads(field or "") == {"x": hmac_of("1")}


def test_steps_compose(executions: Executions) -> None:
    rules = [column_rule("hash", "b"), column_rule("mask", "b", keep="last"), column_rule("hash", "b")]
    assert executions.shape(AB, [[1, "x"]], *rules)[1] == [["1", hmac_of("***" + hmac_of("x")[-4:])]]
    rules = [column_rule("replace", "a", value=1.0), column_rule("hash", "a"), column_rule("cast", "a", type="json")]
    assert executions.shape(AB, [[1, "x"]], *rules)[1] == [[f'"{hmac_of("1")}"', "x"]]


def test_of_a_column_twice(executions: Executions) -> None:
    columns = [{"name": "a", "type": "int"}, {"name": "a", "type": "text"}]
    assert executions.shape(columns, [{"a": 1.0}], column_rule("hash", "a"))[1] == [[hmac_of("1")] * 2]
    assert executions.shape(columns, [[1, 2]], column_rule("mask", "a", text="?"))[1] == [["?", "?"]]


def test_without_a_key_nothing_is_hashed_and_nothing_goes_through(executions: Executions) -> None:
    executions.store(AB, [[1, "x"]])
    with snapshot(executions.connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, "e", plan_of(column_rule("hash", "b")))
        with pytest.raises(psycopg2.ProgrammingError, match="snowflake_sync_hash_pads"):
            append(file, cursor, shape)
