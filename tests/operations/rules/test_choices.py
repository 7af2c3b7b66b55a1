"""A choice for one workflow edits the rule that it made: what is chosen, read back, and never piles up."""

from typing import Any

import pytest

from sync.operations import KEEP, Choices, Treatment
from sync.rules import RuleSet, documents, read_rules

HASH, DROP = Treatment("hash"), Treatment("drop")
LAST_FOUR = Treatment("mask", (("keep", "last"),))
ELSE: dict[str, Any] = {"name": "All mails", "kind": "column", "action": "hash", "columns": ["*mail*"]}
NOISY: dict[str, Any] = {"name": "No noise", "kind": "scope", "action": "exclude", "workflow": "noisy-*"}
ONLY: dict[str, Any] = {"name": "Only sales", "kind": "scope", "action": "include", "workflow": "sales"}


def of(*rules: dict[str, Any], workflow: str = "orders", note: str = "") -> Choices:
    return Choices(rules, workflow, "Orders", note)


def kept(choices: Choices) -> RuleSet:
    """As they would be stored: each is a rule that may be written."""
    rules = read_rules(choices.rules)
    assert documents(rules) == choices.rules
    return RuleSet(1, rules)


def test_columns_are_listed_in_one_rule_an_action() -> None:
    choices = of(ELSE, note="Since May")
    for key in ("e_mail", "phone"):
        choices.treat(key, HASH)
    choices.treat("note", DROP)
    choices.treat("card", LAST_FOUR)
    hashed = {"kind": "column", "action": "hash", "workflow": "orders", "columns": ["e_mail", "phone"]}
    assert choices.rules[1] == {"name": "Orders: hashed", **hashed, "note": "Since May"}
    assert [rule["name"] for rule in choices.rules[2:]] == ["Orders: dropped", "Orders: masked"]
    assert [choices.treatment(key) for key in ("e_mail", "note", "card", "spend")] == [HASH, DROP, LAST_FOUR, KEEP]
    assert choices.others("e_mail") == ["All mails"]
    kept(choices)
    for key in ("e_mail", "phone", "note", "card"):
        choices.treat(key, KEEP)
    assert choices.rules == [ELSE]


def test_another_choice_moves_the_column_to_another_rule() -> None:
    choices = of()
    choices.treat("e_mail", HASH)
    choices.treat("e_mail", DROP)
    assert [(rule["action"], rule["columns"]) for rule in choices.rules] == [("drop", ["e_mail"])]


@pytest.mark.parametrize(
    "other",
    [
        {"columns": ["e_*"]},
        {"columns": ["e_mail"], "path": "a.b"},
        {"columns": ["e_mail"], "workflow": "*"},
        {"columns": ["e_mail"], "workflow": "orders", "enabled": False},
    ],
)
def test_no_rule_of_another_form_is_edited(other: dict[str, Any]) -> None:
    rule = {"name": "By hand", "kind": "column", "action": "hash", "workflow": "orders", **other}
    choices = of(rule)
    assert choices.treatment("e_mail") == KEEP
    choices.treat("e_mail", HASH)
    assert choices.rules[0] == rule
    assert choices.rules[1]["columns"] == ["e_mail"]


def test_a_column_gets_a_name_another_and_its_own_again() -> None:
    choices = of()
    choices.rename("spend", "SPEND_EUR")
    choices.rename("spend", "SPEND")
    assert [(rule["columns"], rule["to"]) for rule in choices.rules] == [(["spend"], "SPEND")]
    kept(choices)
    choices.rename("spend", "")
    assert choices.rules == []


def test_a_workflow_is_left_out_before_all_else_and_taken_in_again() -> None:
    choices = of(ONLY, {**ONLY, "name": "And orders", "workflow": "orders"}, note="test data")
    states = [choices.synced.state]
    choices.leave_out()
    states.append(choices.synced.state)
    assert choices.rules[0]["note"] == "test data"
    kept(choices)
    choices.take_in()
    assert [*states, choices.synced.state] == ["on", "off", "on"]
    assert [rule["name"] for rule in choices.rules] == ["Only sales", "And orders"]


def test_where_only_some_are_included_one_more_is() -> None:
    choices = of(ONLY)
    assert (choices.synced.state, choices.synced.may_switch) == ("off", True)
    choices.take_in()
    assert choices.synced.state == "on"
    assert of(*choices.rules, workflow="returns").synced.state == "off"


def test_a_rule_that_is_for_others_too_is_not_switched_here() -> None:
    choices = of(NOISY, workflow="noisy-1")
    assert (choices.synced.state, choices.synced.rule, choices.synced.may_switch) == ("off", NOISY, False)
    choices.take_in()
    assert choices.rules == [NOISY]


def test_conditions_decide_of_some() -> None:
    old = {**NOISY, "workflow": "*", "when": [{"field": "age_in_days", "operator": "gt", "value": 90}]}
    assert of(old).synced.state == "some"


def test_new_columns_are_as_chosen_or_as_the_rule_for_all_says() -> None:
    every: dict[str, Any] = {"name": "Ask me", "kind": "new_columns", "policy": "hold"}
    choices = of(every)
    assert choices.new_columns == "hold"
    choices.set_new_columns("drop")
    choices.set_new_columns("allow")
    assert [rule["policy"] for rule in choices.rules] == ["allow", "hold"]
    kept(choices)
    choices.set_new_columns("hold")
    assert choices.rules == [every]


def test_rows_are_chosen_by_one_rule() -> None:
    paid, large = ({"column": "state", "operator": "eq", "value": "paid"}, {"column": "n", "operator": "null"})
    choices = of()
    choices.filter_rows([paid])
    choices.filter_rows([paid, large], how="any")
    assert [rule["where"] for rule in choices.rules] == [{"any": [paid, large]}]
    kept(choices)
    deep = {"name": "Deep", "kind": "rows", "workflow": "orders", "where": {"all": [{"any": [paid, large]}]}}
    assert of(deep).filtered is None
    choices.filter_rows([])
    assert choices.rules == []


def test_names_stay_apart() -> None:
    taken = {"name": "ORDERS: hashed", "kind": "add", "column": "a", "constant": "b"}
    choices = of(taken)
    choices.treat("a", HASH)
    assert choices.rules[1]["name"] == "Orders: hashed 2"
    kept(choices)
    long = Choices([], "w", "A\n" + "very " * 60)
    long.treat("a", HASH)
    read_rules(long.rules)


def test_an_id_with_a_wildcard_in_it_is_not_chosen_for() -> None:
    assert not of(workflow="a*b").may_choose
    assert not of(workflow="a*b").synced.may_switch
