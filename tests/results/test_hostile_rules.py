"""Rules that somebody made to break things, or that a machine made many of."""

import time
from typing import Any

import pytest

from sync.errors import PermanentError
from tests.results.conftest import Executions, column_rule, compare, hmac_of, plan_of, rows_where

ODD_NAMES = [
    "it's",
    '"',
    "a\"b'c",
    "%s %(x)s %",
    "{columns} {0} {}",
    "\\",
    "\\'; DROP TABLE workflow_executions; --",
    "c1",
    "r",
    "o",
    "k1",
    "fault",
    "form",
    "arr",
    "line\nfeed\ttab",
    "größe 🦆",
    "a.b",
    "$",
    "[*]",
    "null",
    "x" * 498,
]
# What some would read as a regular expression, or as a pattern of LIKE.
ODD_TEXTS = ["(a+)+$", ".*.*.*b", "%", "_", "!", "!%", "\\", "\\\\", "a\\1", "[a-z]", "$1", "%s", "{c}", "'", "''"]


def columns(*keys: str, declared: str = "text") -> list[dict[str, str]]:
    return [{"name": key, "type": declared} for key in keys]


@pytest.mark.parametrize("as_objects", [True, False])
def test_columns_with_any_name(executions: Executions, *, as_objects: bool) -> None:
    line: Any = {key: f"of {key}" for key in ODD_NAMES} if as_objects else [f"of {key}" for key in ODD_NAMES]
    for key in ODD_NAMES:
        rules = [
            {"name": key[:100].replace("\n", " ").replace("\t", " "), **column_rule("hash", key)},
            *([column_rule("rename", key, to=key + "'\"")] if "*" not in key else []),
            rows_where(**compare(key, "eq", f"of {key}")),
            rows_where(**compare(key, "in", ["x", f"of {key}"])),
            rows_where(**compare(key, "like", f"*{key[:400].replace('*', '')}")) if "*" not in key else {},
        ]
        made, lines = executions.shape(columns(*ODD_NAMES), [line], *filter(None, rules))
        at = ODD_NAMES.index(key)
        assert made[at] == key + ("'\"" if "*" not in key else "") + " VARCHAR"
        assert lines == [[hmac_of(f"of {one}") if one == key else f"of {one}" for one in ODD_NAMES]]
        _, lines = executions.shape(columns(*ODD_NAMES), [line], rows_where(**compare(key, "ne", f"of {key}")))
        assert lines == []


def test_texts_are_no_expressions(executions: Executions) -> None:
    for text in ODD_TEXTS:
        for pattern, holds in [(text, True), (f"*{text}*", True), (f"{text}x", False), (text * 2, False)]:
            _, lines = executions.shape(columns("a"), [{"a": text}], rows_where(**compare("a", "like", pattern)))
            assert (len(lines) == 1) == holds, (text, pattern)
        mask = column_rule("mask", "a", keep="last", characters=1, text=text)
        _, lines = executions.shape(columns("a"), [{"a": "secret"}], mask)
        assert lines == [[f"{text}t"]]
        _, lines = executions.shape(columns("a"), [{"a": "secret"}], column_rule("replace", "a", value=text))
        assert lines == [[text]]
        added = {"kind": "add", "column": "b", "constant": text}
        assert executions.shape(columns("a"), [{"a": "x"}], added)[1] == [["x", text]]


def test_a_glob_with_many_wildcards_ends(executions: Executions) -> None:
    pattern, began = "*a" * 60 + "*b", time.monotonic()
    rows = [{"a": "a" * 20_000}] * 20
    assert executions.shape(columns("a"), rows, rows_where(**compare("a", "like", pattern)))[1] == []
    made, _ = executions.shape(columns("a" * 400, "b"), [], column_rule("drop", pattern))
    assert len(made) == 2
    assert time.monotonic() - began < 10


def test_200_rules_on_one_column(executions: Executions) -> None:
    text = "secret" * 10
    masks = [column_rule("mask", "a", keep="last", characters=50, text="*")] * 200
    assert executions.shape(columns("a"), [{"a": text}], *masks)[1] == [["*" + text[-50:]]]
    expected = text
    for _ in range(200):
        expected = hmac_of(expected)
    assert executions.shape(columns("a"), [{"a": text}], *[column_rule("hash", "a")] * 200)[1] == [[expected]]


def test_200_rules_on_200_columns(executions: Executions) -> None:
    keys = [f"c{number}" for number in range(200)]
    rules = [column_rule("hash", f"c{number}*") for number in range(200)]
    rows = [{key: f"{key} {number}" for key in keys} for number in range(20)]
    began = time.monotonic()
    _, lines = executions.shape(columns(*keys), rows, *rules)
    assert time.monotonic() - began < 60
    assert len(lines) == 20
    assert lines[0][199] == hmac_of(hmac_of(hmac_of("c199 0")))


def test_200_conditions_on_200_columns(executions: Executions) -> None:
    keys = [f"c{number}" for number in range(200)]
    rows = [dict.fromkeys(keys, number) for number in range(20)]
    every = [compare(key, "lt", 15) for key in keys]
    nested = {"any": [{"all": every}, {"all": [compare(keys[0], "eq", 19)]}]}
    declared = columns(*keys, declared="int")
    assert len(executions.shape(declared, rows, {"kind": "rows", "where": nested})[1]) == 16
    assert len(executions.shape(declared, rows, *[rows_where(**one) for one in every])[1]) == 15


def test_200_paths_into_one_column(executions: Executions) -> None:
    value = {f"k{number}": {"x": [{"y": number}, {"y": "a"}, {}]} for number in range(200)}
    rules = [column_rule("hash", "j", path=f"k{number}.x.*.y") for number in range(200)]
    began = time.monotonic()
    _, ((made,),) = executions.shape(columns("j", declared="json"), [{"j": value}], *rules)
    assert time.monotonic() - began < 60
    assert made.count(hmac_of("a")) == 200  # type: ignore[union-attr]
    assert hmac_of("199") in made  # type: ignore[operator]


def test_the_deepest_paths(executions: Executions) -> None:
    value: Any = "secret"
    for _ in range(20):
        value = [value]
    path = ["*"] * 20
    for action, left in [("hash", hmac_of("secret")), ("mask", "***")]:
        _, ((made,),) = executions.shape(columns("j", declared="json"), [[value]], column_rule(action, "j", path=path))
        assert left in made  # type: ignore[operator]
        assert "secret" not in made  # type: ignore[operator]
    _, ((made,),) = executions.shape(columns("j", declared="json"), [[value]], column_rule("drop", "j", path=path))
    assert "secret" not in made  # type: ignore[operator]


def test_all_of_1500_columns(executions: Executions) -> None:
    keys = [f"c{number}" for number in range(1500)]
    began = time.monotonic()
    rows = [dict.fromkeys(keys, "x"), dict.fromkeys(keys)]
    filtered = rows_where(all=[compare(key, "eq", "x") for key in keys[:200]])
    _, lines = executions.shape(columns(*keys), rows, column_rule("hash", "*"), column_rule("mask", "*"), filtered)
    assert lines == [["***"] * 1500]
    assert time.monotonic() - began < 60
    with pytest.raises(PermanentError, match="1501 columns"):
        executions.shape(columns(*keys), rows, {"kind": "add", "column": "one more", "constant": 1})


TOO_MANY = {
    "on one column": (1, "text", [column_rule("mask", "*")] * 1000),
    "on all columns": (1500, "text", [column_rule("mask", "*")] * 1000),
    "hashes of all columns": (1500, "text", [column_rule("hash", "*")] * 4),
    "the deepest paths": (1, "json", [column_rule("hash", "*", path=["*"] * 20)] * 1000),
}


@pytest.mark.parametrize("case", TOO_MANY)
def test_what_postgresql_could_not_plan_is_refused(executions: Executions, case: str) -> None:
    """It would take gigabytes for it, which ends the whole server where they are not there."""
    number, declared, rules = TOO_MANY[case]
    keys, began = [f"c{at}" for at in range(number)], time.monotonic()
    with pytest.raises(PermanentError, match="more rules follow each other") as raised:
        executions.shape(columns(*keys, declared=declared), [dict.fromkeys(keys, "x")], *rules)
    assert raised.value.code == "rule_does_not_fit"
    assert time.monotonic() - began < 20


@pytest.fixture
def large(executions: Executions) -> int:
    """300,000 rows; the one before the last holds what is no number."""
    executions.execute(
        """INSERT INTO workflow_executions (execution_id, status, result_columns, result_rows)
        SELECT 'e', 'completed', '[{"name": "n", "type": "text"}, {"name": "m", "type": "int"}]',
            jsonb_agg(jsonb_build_object('n', CASE n WHEN 299999 THEN 'x' ELSE n::text END, 'm', n))
        FROM generate_series(1, 300000) AS n"""
    )
    return 299_999


@pytest.mark.long
@pytest.mark.parametrize("filtered", [False, True])
def test_a_cast_that_fails_on_row_299_999(executions: Executions, large: int, *, filtered: bool) -> None:
    rules = [column_rule("cast", "n", type="int"), column_rule("hash", "m")]
    if filtered:
        rules.append(rows_where(**compare("m", "gt", 1000)))
    with pytest.raises(PermanentError) as raised:
        executions.export(plan=plan_of(*rules))
    assert raised.value.code == "value_does_not_fit"
    assert f"row {large}" in raised.value.happened
    rules.append(rows_where(**compare("m", "lt", large)))
    assert len(executions.export(plan=plan_of(*rules))) == large - 1 - (1000 if filtered else 0)
