"""What is said of rules before they are followed, by what came lately."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize
from uuid import uuid4

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow, WorkflowExecution
from sync.operations import RuleFinding, check_rules, preview_rules
from sync.operations.rules.recent import LAST
from sync.rules import RuleSet, read_rules
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.security.hiding import Seen, what_postgresql_logs


@pytest.fixture
def configuration(workflow: Workflow) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=workflow.user)


def complete(workflow: Workflow, *columns: str, **more: Any) -> WorkflowExecution:
    declared = [dict(zip(("name", "type"), column.split(":"), strict=False)) for column in columns]
    return ExecutionFactory.create(workflow=workflow, **{"result_columns": declared, "result_rows": []} | more)


def check(configuration: SnowflakeConfiguration, *rules: dict[str, Any]) -> list[RuleFinding]:
    return check_rules(configuration, RuleSet(rules=read_rules(list(rules))))


def column(name: str, action: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "column", "action": action, "columns": list(columns)} | more


def rows(name: str, compared: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "rows", "where": {"column": compared, "operator": "null"}} | more


def test_what_a_rule_matched_lately(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "email", "clicks")
    complete(workflow, "email", "email2", "clicks")
    complete(workflow, "clicks")
    (found,) = check(configuration, column("mails", "drop", "email*"))
    assert (found.rule, found.level) == ("mails", "information")
    assert found.said.startswith('matches columns "email", "email2" in 2 of the last 3 executions.')
    assert found.as_json() == {"rule": "mails", "level": "information", "said": found.said}


def test_a_rule_that_matches_nothing(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "email")
    (found,) = check(configuration, column("mails", "hash", "Mail", "e-mail*"))
    assert (found.level, found.said) == (
        "warning",
        "matches no column of the last 1 execution. Correct its columns, or remove it.",
    )


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ("email", "Email"),
        ("EMAIL", "email"),
        ("e*", "E-mail"),
        ("straße", "STRASSE"),
        (normalize("NFC", "né"), normalize("NFD", "né")),
        (normalize("NFD", "né"), normalize("NFC", "NÉ")),
        ("email", "\uff45mail"),
    ],
)
@pytest.mark.parametrize("action", ["drop", "hash", "mask", "null"])
def test_a_column_that_looks_like_what_a_rule_names(
    workflow: Workflow, configuration: SnowflakeConfiguration, action: str, named: str, key: str
) -> None:
    """The rule does nothing to it, since names are exact: that is said, unless another rule sees to it."""
    complete(workflow, named.replace("*", "mail"), "clicks")
    complete(workflow, key)
    rule = column("mails", action, named)
    warnings = [one for one in check(configuration, rule) if one.level == "warning"]
    assert [one.rule for one in warnings] == ["mails"]
    assert warnings[0].said.startswith(f'is not for column "{key}", with other capitals')
    for other in (column("too", "drop", key), column("only", "keep_only", named.replace("*", "mail"))):
        assert not any("capitals" in one.said for one in check(configuration, rule, other))


def test_what_looks_alike_matters_where_a_rule_hides(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "email", "Email")
    for rule in (column("one", "cast", "email", type="text"), column("one", "keep_only", "email")):
        assert not any("capitals" in one.said for one in check(configuration, rule))


def test_a_name_that_another_rule_gives_is_no_column_of_the_result(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    complete(workflow, "email")
    rename = column("better", "rename", "email", to="mail")
    found = check(configuration, rename, column("mails", "hash", "mail"), rows("some", "mail"))
    hints = [one.said.partition("Rule ")[2] for one in found if one.rule != "better"]
    assert hints == ['"better" gives a column that name: write the one that it has in the result.'] * 2


def test_only_the_last_executions_of_the_owners_workflows_count(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    complete(workflow, "email", created_at=datetime.now(UTC) - timedelta(hours=1))
    for _ in range(LAST):
        complete(workflow, "clicks")
    complete(WorkflowFactory.create(workflow_id="another's"), "email")
    ExecutionFactory.create(workflow=workflow, status="failed", result_columns=[{"name": "email"}], result_rows=[])
    (found,) = check(configuration, column("mails", "hash", "email"))
    assert found.level == "warning"
    (found,) = check(configuration, column("mails", "hash", "email", workflow="another's"))
    assert found.said.startswith('is for workflows "another\'s", and the owner of the destination has none')


def test_before_anything_came_rules_are_held_against_each_other_alone(configuration: SnowflakeConfiguration) -> None:
    found = check(configuration, column("one", "drop", "a"), column("two", "hash", "a"), rows("some", "b"))
    assert [(one.rule, one.level) for one in found] == [("two", "warning")]


def test_a_row_rule_on_a_column_that_some_lack(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "paid", "clicks")
    complete(workflow, "clicks")
    (found,) = check(configuration, rows("some", "paid"))
    assert (found.level, found.rule) == ("error", "some")
    assert found.said.startswith('compares column "paid", which 1 of the last 2 executions lack')
    assert check(configuration, rows("some", "clicks")) == []


def test_columns_may_be_anything(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    columns: Any
    for columns in (None, "text", {"a": 1}, [1, None, {"name": 5}, "named", {"name": "a", "type": 7}], [{}] * 1501):
        ExecutionFactory.create(workflow=workflow, result_columns=columns, result_rows=[])
    (found,) = check(configuration, column("all", "drop", "*"))
    assert found.said.startswith('matches columns "a", "named" in 1 of the last 5 executions.')


@pytest.mark.parametrize("key", ["", "k" * 501])
def test_rules_are_tried_on_columns_that_none_can_name(
    workflow: Workflow, configuration: SnowflakeConfiguration, key: str
) -> None:
    complete(workflow, key, "a", result_rows=[{key: "1", "a": "x"}])
    add = {"name": "more", "kind": "add", "column": "more", "constant": "x", "type": "int"}
    found = check(configuration, rows("some", "a"), column("all", "cast", "*", type="int"), add)
    assert [rule for rule, _ in said(found, "error")] == ["all", "more"]


def said(found: list[RuleFinding], *levels: str) -> list[tuple[str, str]]:
    """Rule and sentence of those of these levels."""
    return [(one.rule, one.said) for one in found if one.level in levels]


def test_values_that_a_rule_cannot_be_followed_for(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    lines = [{"n": "1", "word": "marked", "day": "2024-01-01", "j": [1]}, {"n": "x", "word": "", "day": None, "j": {}}]
    execution = complete(workflow, "n:text", "word:text", "day:date", "j:json", result_rows=lines)
    found = check(
        configuration,
        column("number", "cast", "n", type="int"),
        column("fits", "cast", "day", type="timestamp"),
        column("no day", "replace", "day", value="never"),
        column("inside", "hash", "j", path="a.b"),
        {"name": "add", "kind": "add", "column": "more", "constant": "x", "type": "int"},
        {"name": "rows", "kind": "rows", "where": {"column": "day", "operator": "gt", "value": "soon"}},
    )
    errors = said(found, "error")
    assert [rule for rule, _ in errors] == ["number", "no day", "inside", "add", "rows"]
    assert errors[0][1].startswith(
        f"would make a load fail: Execution {execution.execution_id}, column 'n', row 2: the value does not fit"
    )
    assert not any("marked" in sentence for _, sentence in errors)
    assert all(sentence.endswith("Correct the rule, or what the workflow writes.") for _, sentence in errors)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("others", [["n:int"], []])
def test_postgresql_logs_no_value_of_what_is_tried(
    workflow: Workflow, configuration: SnowflakeConfiguration, others: list[str]
) -> None:
    # Another process of the tests may write into the same log.
    secret = f"s3cret{uuid4().hex}"
    row = {"card": secret, **{other.partition(":")[0]: 1 for other in others}}
    execution = complete(workflow, "card:decimal", *others, result_rows=[row])
    mask = column("mask", "mask", "card")
    seen = Seen()
    with what_postgresql_logs(seen):
        check(configuration, column("cast", "cast", "*", type="decimal"), mask, column("hash", "hash", "card"))
        preview_rules(configuration, execution.execution_id, RuleSet(rules=read_rules([mask | {"enabled": False}])))
    assert not any(secret.encode() in text for text in seen.texts.get("PostgreSQL's log", ()))


def test_what_fails_by_other_columns_is_no_rules_fault(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    complete(workflow, "n:int", "day:date", result_rows=[{"n": "x", "day": "2024-01-01"}])
    assert said(check(configuration, column("day", "cast", "day", type="text")), "error", "warning") == []
    later = datetime.now(UTC) + timedelta(hours=1)
    complete(workflow, "n:decimal(99)", "day:date", result_rows=[{"n": 1, "day": "2024-01-01"}], created_at=later)
    assert said(check(configuration, column("day", "cast", "day", type="int")), "error", "warning") == []


def test_rules_that_do_not_go_together(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a", "b", result_rows=[{"a": 1, "b": 2}])
    ((rule, sentence),) = said(check(configuration, column("name", "rename", "a", to="b")), "error")
    assert (rule, sentence.startswith("Together, the rules would make a load fail: ")) == ("", True)
    ((rule, _),) = said(check(configuration, column("one", "drop", "a"), column("other", "drop", "b")), "error")
    assert rule == ""


def test_rules_that_do_nothing_with_values(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    lines = [{"j": {"who": {"mail": f"a{n}@x"}}, "n": n} for n in range(300)]
    complete(workflow, "j:json", "n:int", result_rows=lines)
    found = check(
        configuration,
        column("wrong", "mask", "j", path="who.e-mail"),
        column("right", "mask", "j", path="who.mail"),
        {"name": "none", "kind": "rows", "where": {"column": "n", "operator": "gt", "value": 1000}},
        {"name": "some", "kind": "rows", "where": {"column": "n", "operator": "gt", "value": 100}},
    )
    assert [(rule, sentence.partition(". ")[0]) for rule, sentence in said(found, "error", "warning")] == [
        ("wrong", "has a path that leads to no value in 300 recent rows"),
        ("none", "leaves out all of 300 recent rows"),
    ]


def test_hashes_of_few_values(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    lines = [{"country": f"c{n % 5}", "mail": f"{n}@x", "rare": "x" if n < 100 else None} for n in range(300)]
    complete(workflow, "country", "mail", "rare", result_rows=lines)
    found = check(configuration, column("hash", "hash", "*"))
    assert any(one.startswith('hashes column "country" with fewer than 20') for _, one in said(found, "information"))
    assert said(found, "error", "warning") == []


def test_the_newest_result_of_each_workflow_is_looked_at(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    cast = column("number", "cast", "n", type="int")
    complete(workflow, "n", "old", result_rows=[{"n": "x"}], created_at=datetime.now(UTC) - timedelta(hours=1))
    complete(workflow, "n", result_rows=[{"n": "1"}])
    assert said(check(configuration, cast), "error") == []
    other = complete(WorkflowFactory.create(user=workflow.user), "n", result_rows=[{"n": "x"}])
    ((_, sentence),) = said(check(configuration, cast), "error")
    assert other.execution_id in sentence


def test_which_executions_rules_decide_of(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a", execution_parameters={"region": "EU"})
    complete(workflow, "a", execution_parameters={"region": "US"})
    of_region = {"kind": "scope", "action": "exclude"}
    found = check(
        configuration,
        {"name": "eu", "when": [{"parameter": "region", "operator": "eq", "value": "EU"}], **of_region},
        {"name": "eu again", "when": [{"parameter": "region", "operator": "like", "value": "E*"}], **of_region},
        {"name": "rest", "kind": "scope", "action": "include", "workflow": workflow.workflow_id},
    )
    assert [(one.rule, one.level, one.said.partition(". ")[0]) for one in found] == [
        ("eu", "information", "excludes 1 of the last 2 executions"),
        ("eu again", "warning", "decides of none of the last 2 executions"),
        ("rest", "information", "includes 1 of the last 2 executions"),
    ]


def test_rules_that_are_off_are_passed_over(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a")
    assert check(configuration, column("off", "drop", "b", enabled=False, workflow="nobody's")) == []


def test_what_there_was_no_time_for_is_said(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a")
    rules = RuleSet(rules=read_rules([column("mails", "drop", "a")]))
    found = check_rules(configuration, rules, seconds=0.001)
    assert [(one.rule, one.level) for one in found][-1] == ("", "information")
