"""What a document of rules may say, and what is said of one that is none."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from sync.rules import RulesError, documents, read_rules
from tests.rules import made

PAID = {"column": "status", "operator": "eq", "value": "paid"}


def column(**settings: Any) -> dict[str, Any]:
    return {"name": "a", "kind": "column"} | settings


def rows(where: Any) -> dict[str, Any]:
    return {"name": "a", "kind": "rows", "where": where}


def scope(*when: Any) -> dict[str, Any]:
    return {"name": "a", "kind": "scope", "action": "exclude", "when": list(when)}


def problems(*given_: Any) -> list[tuple[str, str]]:
    with pytest.raises(RulesError) as refused:
        read_rules(list(given_))
    return [(".".join(map(str, place)), said) for place, said in refused.value.problems]


@settings(max_examples=60, deadline=None)
@given(made.documents)
def test_what_is_read_is_written_again(given_: made.Documents) -> None:
    rules = read_rules(given_)
    written = documents(rules)
    assert read_rules(written) == rules
    assert documents(read_rules(written)) == written


WRONG = [
    (column(action="hash", colums=["x"]), "0.columns: is missing", "0.colums: is not known here"),
    ({"name": "a", "kind": "colum"}, "0: kind has to be one of scope, column, rows, add, new_columns"),
    ({"name": "a"}, "0: kind is missing"),
    (column(action="encrypt"), "0: action has to be one of drop, keep_only, rename,"),
    (column(), "0: action is missing"),
    (column(action="hash", columns="x"), "0.columns: has to be a list"),
    (column(action="hash", columns=[]), "0.columns: should have at least 1 item, not 0"),
    (column(action="hash", columns=["x"], path=5), "0.path: has to be a text with dots between the keys, or a list"),
    (column(action="hash", columns=["x"], enabled="no"), "0.enabled: has to be true or false"),
    (column(action="null", columns=[7]), "0.columns.0: has to be a text: write it in quotes"),
    (column(action="null", columns=["\0"]), "0.columns.0: holds a character that may not stand there"),
    (column(action="null", columns=["\ud800"]), "0.columns.0: holds half a character"),
    (column(action="cast", columns=["x"], type="decimal(99,2)"), "0.type: the type 'decimal(99,2)' is declared"),
    (column(action="rename", columns=["a*"], to="b"), "0.columns.0: holds a character"),
    (column(action="rename", columns=["a", "b"], to="c"), "0.columns: should have at most 1 item"),
    (column(action="mask", columns=["x"], keep="all"), "0.keep: has to be one of last, first, domain, nothing"),
    (rows(None), "0.where: has to be an object"),
    (rows({"all": []}), "0.where.all: should have at least 1 item"),
    (rows({"all": [PAID], "any": [PAID]}), "0.where.any: is not known here"),
    (rows({"all": [{"any": [PAID, PAID | {"operator": "="}]}]}), "0.where.all.0.any.1: operator has to be one of eq,"),
    (rows(PAID | {"value": None}), "0.where.value: has to be a text, a number, true or false"),
    (rows(PAID | {"operator": "between", "value": [1]}), "0.where.value.1: is missing"),
    (rows({"all": [{"any": [{"all": [{"any": [{"all": [PAID]}]}]}]}]}), "0.where: conditions stand in each other 5"),
    (scope(1, "x", None), "0.when.0: has to", "0.when.1: has to", "0.when.2: has to"),
    (scope({"parameter": ["a", 1], "operator": "exists"}), "0.when.0.parameter.1: has to be a text"),
    (scope({"parameter": "a", "operator": "in", "value": [1, {}]}), "0.when.0.value.1: has to be a text, a number"),
    (
        scope({"field": "size", "operator": "gt", "value": "1"}),
        "0.when.0: has to have parameter, or a field that is one of execution, rows, age_in_days",
    ),
    (scope({"field": "rows", "operator": "gt", "value": "1"}), "0.when.0.value: has to be a number, 0 or more"),
    ({"name": "a", "kind": "add", "column": "x"}, "0: give one of constant, fact and parameter"),
    (5, "0: has to be an object"),
]


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case[1])
def test_what_is_wrong_is_said_where_it_is(case: tuple[Any, ...]) -> None:
    document, *expected = case
    found = [f"{place}: {said}" for place, said in problems(document)]
    assert len(found) == len(expected)
    for one, beginning in zip(found, expected, strict=True):
        assert one.startswith(beginning)


@pytest.mark.parametrize("given_", [None, {}, "rules", 1, [[]]])
def test_what_is_no_list_of_documents(given_: Any) -> None:
    with pytest.raises(RulesError, match="has to be"):
        read_rules(given_)


@pytest.mark.parametrize("name", [" a", "a ", "\ta", "a\nb", "a\n", "", "\x1b[2J", "a\u2028", "x" * 101])
def test_a_name_is_one_line(name: str) -> None:
    assert [place for place, _ in problems(column(action="null", columns=["x"]) | {"name": name})] == ["0.name"]


def test_names_that_fold_alike_are_one() -> None:
    one = column(action="null", columns=["x"])
    assert problems(one | {"name": "Straße"}, scope(), one | {"name": "STRASSE"}) == [
        ("2.name", "rule 1 has the same name: 'STRASSE'")
    ]


def test_a_thousand_rules_and_no_more() -> None:
    def several(number: int) -> list[Any]:
        return [scope() | {"name": f"rule {each}"} for each in range(number)]

    assert len(read_rules(several(1000))) == 1000
    with pytest.raises(RulesError, match=re.escape("rules: should have at most 1000 items")):
        read_rules(several(1001))


def test_conditions_as_deep_as_a_document_can_be_are_refused_and_end() -> None:
    nested: Any = PAID
    for _ in range(400):
        nested = {"all": [nested]}
    assert problems(rows(nested))


def test_names_of_columns_with_a_wildcard_have_a_number_in_all() -> None:
    exact, globs = [f"c{number}" for number in range(500)], [f"c{number}*" for number in range(500)]
    three = [column(action="drop", columns=columns) | {"name": f"{columns[0]}"} for columns in (exact, globs, globs)]
    three[2]["name"] = "the last"
    read_rules(three)
    said = "1,000 names of columns with * at most, in all rules together; give the others in full"
    one_more = column(action="drop", columns=["a*"]) | {"name": "one more"}
    assert problems(*three, one_more) == [("3.columns", said)]


def test_conditions_of_executions_have_a_number_in_all() -> None:
    def excluding(name: str, conditions: int) -> dict[str, object]:
        when = [{"parameter": "region", "operator": "eq", "value": number} for number in range(conditions)]
        return {"name": name, "kind": "scope", "action": "exclude", "when": when}

    many = [excluding(str(number), 50) for number in range(10)]
    assert len(read_rules(many)) == 10
    with pytest.raises(RulesError) as caught:
        read_rules([*many, excluding("one more", 1)])
    assert caught.value.problems[0][0] == (10, "when")
