"""Which rules are for a workflow, and what they make together."""

import fnmatch
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.rules import Plan, RuleSet, decided, matches, read_rules


def rule_set(*documents: dict[str, Any], hash_key: int | None = None) -> RuleSet:
    named = [{"name": f"rule {number}"} | document for number, document in enumerate(documents)]
    return RuleSet(1, read_rules(named), hash_key)


def column(action: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"kind": "column", "action": action, "columns": list(columns)} | more


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("orders", "orders", True),
        ("orders", "Orders", False),
        ("orders", "orders2", False),
        ("*", "", True),
        ("**", "x", True),
        ("ord*", "ord", True),
        ("*ers", "orders", True),
        ("o*d*s", "orders", True),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("*a*a*", "a", False),
        ("[a]", "a", False),
        ("?", "x", False),
        ("a.c", "abc", False),
        ("50%_\\", "50%_\\", True),
        ("é*", "e\u0301x", False),
    ],
)
def test_a_star_stands_for_any_characters_and_nothing_else_for_any(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@settings(max_examples=200, deadline=None)
@given(st.text("ab*\n?[", max_size=8), st.text("ab\n?[", max_size=10))
def test_it_is_the_glob_that_others_know(pattern: str, text: str) -> None:
    plain = "*".join(re.sub(r"[?\[]", r"[\g<0>]", part) for part in pattern.split("*"))
    assert matches(pattern, text) is fnmatch.fnmatchcase(text, plain)


def test_no_pattern_takes_long() -> None:
    started = time.process_time()
    assert not matches("*a" * 250 + "b", "a" * 20_000)
    assert time.process_time() - started < 1


def test_a_plan_has_what_is_on_and_for_the_workflow_in_order() -> None:
    rules = rule_set(
        column("hash", "email", workflow="ord*"),
        column("drop", "phone", workflow="visits"),
        column("drop", "note", enabled=False),
        {"kind": "scope", "action": "exclude", "workflow": "orders"},
        column("mask", "*"),
        {"kind": "rows", "where": {"column": "a", "operator": "null"}},
        {"kind": "new_columns", "policy": "hold", "workflow": "orders"},
        {"kind": "new_columns", "policy": "drop"},
        {"kind": "add", "column": "by", "constant": "x"},
        hash_key=3,
    )
    plan = rules.plan("orders")
    assert [rule.name for rule in plan.columns] == ["rule 0", "rule 4"]
    assert ([rule.name for rule in plan.rows], [rule.name for rule in plan.added]) == (["rule 5"], ["rule 8"])
    assert (plan.new_columns, plan.hash_key) == ("hold", 3)
    other = rules.plan("visits")
    assert ([rule.name for rule in other.columns], other.new_columns) == (["rule 1", "rule 4"], "drop")
    # The key concerns whoever hashes.
    assert other.hash_key is None
    assert [rule.name for rule in rules.scope] == ["rule 3"]


def test_no_rules_are_an_empty_plan() -> None:
    assert RuleSet().plan("orders") == Plan() == rule_set(column("drop", "a", workflow="b")).plan("orders")


def test_a_change_for_one_workflow_is_none_for_another() -> None:
    before = rule_set(column("drop", "a", workflow="orders"), column("hash", "b", workflow="visits"), hash_key=1)
    after = rule_set(column("drop", "a", "c", workflow="orders"), column("hash", "b", workflow="visits"), hash_key=1)
    rotated = rule_set(column("drop", "a", workflow="orders"), column("hash", "b", workflow="visits"), hash_key=2)
    assert before.plan("orders") != after.plan("orders")
    assert before.plan("visits") == after.plan("visits")
    assert before.plan("orders") == rotated.plan("orders")
    assert before.plan("visits") != rotated.plan("visits")


def test_a_note_is_for_people_and_a_value_is_of_its_type() -> None:
    def replaced(value: object, note: str = "") -> Plan:
        return rule_set(column("replace", "a", value=value, note=note)).plan("orders")

    assert replaced(1, "for the auditors").effect == replaced(1).effect
    assert len({replaced(1), replaced(1.0), replaced(True), replaced("1")}) == 4


def test_a_glob_decides_of_no_new_column() -> None:
    (rule,) = rule_set(column("hash", "e*", "phone")).plan("orders").columns
    assert (decided([rule], "phone"), decided([rule], "email")) == (True, False)
