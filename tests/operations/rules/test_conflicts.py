"""Rules that shadow each other, or undo what others do."""

import time
from typing import Any

import pytest

from sync.operations.rules.conflicts import conflicts
from sync.rules import RuleSet, read_rules

Documents = list[dict[str, Any]]


def column(action: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"name": action, "kind": "column", "action": action, "columns": list(columns) or ["a"]} | more


def scope(name: str, action: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "scope", "action": action} | more


def found(*rules: dict[str, Any], keys: dict[str, set[str]] | None = None) -> list[tuple[str, str, str]]:
    """Rule, level and how the sentence begins."""
    documents = [rule | {"name": f"{place} {rule['name']}"} for place, rule in enumerate(rules)]
    said = conflicts(RuleSet(rules=read_rules(documents)), keys or {})
    return [(one.rule, one.level, one.said) for one in said]


REPLACE = column("replace", value="x")
HASH, MASK, DROP, NULL = column("hash"), column("mask"), column("drop"), column("null")
RENAME, CAST, ALLOW = column("rename", to="b"), column("cast", type="int"), column("allow")


@pytest.mark.parametrize(
    ("first", "second", "rule", "level", "said"),
    [
        (DROP, HASH, "1 hash", "warning", 'does nothing to column "a", dropped by rule "0 drop" before.'),
        (DROP, RENAME, "1 rename", "warning", "does nothing to"),
        (DROP, DROP, "1 drop", "warning", "does nothing to"),
        (HASH, DROP, "0 hash", "warning", 'what it does to column "a" is lost, since rule "1 drop" comes later.'),
        (RENAME, DROP, "0 rename", "warning", "what it does to"),
        (ALLOW, DROP, "0 allow", "warning", "what it does to"),
        (HASH, column("keep_only", "b"), "0 hash", "warning", "what it does to"),
        (column("keep_only", "b"), HASH, "1 hash", "warning", "does nothing to"),
        (HASH, NULL, "0 hash", "warning", "what it does to"),
        (NULL, REPLACE, "0 null", "warning", "what it does to"),
        (REPLACE, MASK, "1 mask", "warning", 'finds in column "a" only what rule "0 replace" has put there.'),
        (RENAME, column("rename", to="c"), "0 rename", "warning", 'gives column "a" a name that rule "1 rename"'),
        (MASK, HASH, "1 hash", "information", 'works in column "a" on what rule "0 mask" made of the values.'),
        (HASH, CAST, "1 cast", "information", "works in"),
    ],
)
def test_two_rules_of_which_one_is_in_vain(first: Any, second: Any, rule: str, level: str, said: str) -> None:
    ((by, how, sentence),) = found(first, second)
    assert (by, how) == (rule, level)
    assert sentence.startswith(said)
    assert sentence.rstrip(".").rpartition(". ")[2].startswith(("Remove", "Put"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (HASH, RENAME),
        (RENAME, HASH),
        (CAST, HASH),
        (RENAME, NULL),
        (column("keep_only", "a", "b"), HASH),
        (HASH, column("keep_only", "a", "b")),
        (DROP, column("keep_only", "b")),
        (column("hash", "a"), column("drop", "A")),
        (DROP | {"enabled": False}, HASH),
        (DROP | {"workflow": "one"}, HASH | {"workflow": "other"}),
        (HASH | {"path": "x.y"}, HASH | {"path": "x.z"}),
        (DROP | {"path": "x.y"}, HASH),
        (DROP | {"path": "x.y"}, HASH | {"path": "x"}),
        # Whether what the pattern stands for is among what is kept, nobody knows yet.
        (column("keep_only", "email_hash"), column("hash", "email*")),
    ],
)
def test_two_rules_that_go_together(first: Any, second: Any) -> None:
    assert found(first, second) == []


def test_within_json_what_is_dropped_is_dropped_with_all_below() -> None:
    first, second = DROP | {"path": "person"}, HASH | {"path": "person.email"}
    assert found(first, second)[0][:2] == ("1 hash", "warning")
    assert found(second, first)[0][:2] == ("0 hash", "warning")
    assert found(second, DROP)[0][:2] == ("0 hash", "warning")
    assert found(HASH | {"path": "person"}, DROP | {"path": "person.email"}) == []


def test_patterns_are_for_the_columns_that_there_were() -> None:
    rules = column("hash", "email*"), column("keep_only", "email_1", "x*")
    assert found(*rules) == []
    ((_, _, said),) = found(*rules, keys={"w": {"email_1", "email_2", "email_3", "xy", "z"}})
    assert 'columns "email_2", "email_3" is lost' in said


def test_a_workflow_is_not_measured_by_the_rules_of_another() -> None:
    rules = DROP | {"workflow": "sales*"}, HASH | {"workflow": "*"}
    assert found(*rules, keys={"ads": {"a"}})[0][:2] == ("1 hash", "warning")
    assert found(rules[0], HASH | {"workflow": "ads"}, keys={"ads": {"a"}, "sales": {"a"}}) == []


def test_a_row_rule_compares_what_is_dropped() -> None:
    where = {"any": [{"all": [{"column": "a", "operator": "eq", "value": 1}]}]}
    ((rule, level, said),) = found({"name": "rows", "kind": "rows", "where": where}, DROP)
    assert (rule, level) == ("0 rows", "information")
    assert said.startswith('compares column "a" as the result has it, although rule "1 drop" drops it.')


def test_scope_rules_behind_one_that_always_holds() -> None:
    every = scope("every", "include")
    assert found(every, scope("one", "exclude", workflow="one"))[0][:2] == ("1 one", "warning")
    assert found(scope("one", "exclude", workflow="one"), every) == []
    some = scope("some", "include", when=[{"field": "rows", "operator": "gt", "value": 5}])
    assert [one[1] for one in found(some, scope("one", "exclude"))] == ["information"]
    assert found(scope("sales", "include", workflow="sales*"), scope("us", "include", workflow="*us")) == []


def test_of_policies_for_new_columns_the_first_decides() -> None:
    policies: Documents = [
        {"name": "hold", "kind": "new_columns", "policy": "hold"},
        {"name": "drop", "kind": "new_columns", "policy": "drop", "workflow": "one"},
    ]
    assert found(*policies)[0][:2] == ("1 drop", "warning")
    assert found(*reversed(policies)) == []


def test_names_with_anything_in_them_are_quoted_as_they_are() -> None:
    odd = '{columns} "%s" {0}'
    ((_, _, said),) = found(column("drop", odd) | {"name": "{other}"}, column("hash", odd))
    assert said.startswith(f'does nothing to column "{odd}", dropped by rule "0 {{other}}" before.')


def test_many_rules_on_many_columns_take_no_longer_than_allowed() -> None:
    documents = [column("hash", "*") | {"name": f"hash {n}"} for n in range(500)]
    rules, began = RuleSet(rules=read_rules(documents)), time.monotonic()
    conflicts(rules, {f"w{n}": {f"c{n}{m}" for m in range(100)} for n in range(20)}, began + 1)
    assert time.monotonic() - began < 5
