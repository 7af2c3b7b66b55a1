"""When two plans made the same of what is loaded: then there is nothing to load again."""

from typing import Any

import pytest

from sync.rules import RuleSet, read_rules

WORKFLOW = "orders"


def effect(*documents: dict[str, Any], hash_key: int | None = None) -> str:
    """What rules make of the workflow's results."""
    named = [{"name": f"rule {number}", **document} for number, document in enumerate(documents)]
    return RuleSet(1, read_rules(named), hash_key).plan(WORKFLOW).effect


DROP: dict[str, Any] = {"kind": "column", "action": "drop", "columns": ["notes"]}
HASH: dict[str, Any] = {"kind": "column", "action": "hash", "columns": ["notes"]}
KEEP_NEW: dict[str, Any] = {"kind": "column", "action": "allow", "columns": ["extra"]}


@pytest.mark.parametrize(
    "same",
    [
        [{**DROP, "name": "another"}],
        [{**DROP, "note": "for people"}],
        [{**DROP, "workflow": "ord*"}],
        [DROP, {**HASH, "workflow": "other"}],
        [DROP, {**HASH, "enabled": False}],
        [DROP, {"kind": "scope", "action": "exclude", "workflow": "other"}],
        [DROP, {"kind": "new_columns", "policy": "hold"}],
        [DROP, KEEP_NEW, {"kind": "new_columns", "policy": "hold"}],
    ],
)
def test_what_makes_the_same_of_a_result(same: list[dict[str, Any]]) -> None:
    assert effect(*same) == effect(DROP)


@pytest.mark.parametrize(
    "other",
    [
        [],
        [{**DROP, "workflow": "other"}],
        [{**DROP, "columns": ["note"]}],
        [HASH, DROP],
        [DROP, {"kind": "new_columns", "policy": "drop"}],
        [DROP, {"kind": "rows", "where": {"column": "a", "operator": "null"}}],
        [DROP, {"kind": "add", "column": "a", "constant": 1}],
    ],
)
def test_what_makes_something_else_of_it(other: list[dict[str, Any]]) -> None:
    assert effect(*other) != effect(DROP)


def test_one_true_and_one_point_nought_are_three_things() -> None:
    made = {
        effect({"kind": "column", "action": "replace", "columns": ["a"], "value": value})
        for value in (1, True, 1.0, "1")
    }
    assert len(made) == 4
    new = {"kind": "new_columns", "policy": "drop"}
    assert effect(new, KEEP_NEW) != effect(new)


def test_a_new_key_changes_what_is_hashed() -> None:
    assert effect(HASH, hash_key=1) != effect(HASH, hash_key=2)
    assert effect(DROP, hash_key=1) == effect(DROP, hash_key=2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], [{**DROP, "columns": ["note", "NOTES", "*s_"]}]),
        ([DROP], [{**DROP, "columns": ["note*"]}]),
        ([DROP], [HASH, DROP]),
        ([DROP], [DROP, HASH]),
        ([DROP], [{"kind": "column", "action": "keep_only", "columns": ["id"]}]),
        ([], [{"kind": "column", "action": "keep_only", "columns": ["n*"]}]),
        ([], [KEEP_NEW, {**KEEP_NEW, "columns": ["notes"]}]),
        ([{**HASH, "columns": ["id"]}], []),
    ],
)
def test_what_makes_the_same_of_a_column(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert on_notes(*one, hash_key=1) == on_notes(*other, hash_key=2)


NEW: dict[str, Any] = {"kind": "new_columns", "policy": "drop"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([], [DROP]),
        ([], [HASH]),
        ([HASH], [HASH]),
        ([], [{**DROP, "path": "a"}]),
        ([{**DROP, "path": "a"}], [{**DROP, "path": "b"}]),
        ([{"kind": "column", "action": "null", "columns": ["notes"]}], [DROP]),
        ([NEW], [NEW, {**KEEP_NEW, "columns": ["notes"]}]),
        ([NEW, HASH], [NEW, {**HASH, "columns": ["note*"]}]),
    ],
)
def test_what_makes_something_else_of_a_column(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert on_notes(*one, hash_key=1) != on_notes(*other, hash_key=2)


def on_notes(*documents: dict[str, Any], hash_key: int) -> str:
    named = [{"name": f"rule {number}", **document} for number, document in enumerate(documents)]
    return RuleSet(1, read_rules(named), hash_key).plan(WORKFLOW).effect_on("notes")
