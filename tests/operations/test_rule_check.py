"""What is said of rules before they are followed, by what came lately."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow, WorkflowExecution
from sync.operations import RuleFinding, check_rules
from sync.operations.rule_recent import LAST
from sync.rules import RuleSet, read_rules
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory


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
    (found,) = check(configuration, column("mails", "hash", "Email", "e-mail*"))
    assert (found.level, found.said) == (
        "warning",
        "matches no column of the last 1 execution. Correct its columns, or remove it.",
    )


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


def test_rules_that_are_off_are_passed_over(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a")
    assert check(configuration, column("off", "drop", "b", enabled=False, workflow="nobody's")) == []


def test_results_are_not_read_for_it(
    workflow: Workflow, configuration: SnowflakeConfiguration, django_assert_max_num_queries: Any
) -> None:
    complete(workflow, "a", result_rows=[{"a": "marked"}])
    captured: CaptureQueriesContext
    with django_assert_max_num_queries(6) as captured:
        check(configuration, column("mails", "drop", "a"))
    assert not any("result_rows" in query["sql"] for query in captured.captured_queries)


def test_what_there_was_no_time_for_is_said(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    complete(workflow, "a")
    rules = RuleSet(rules=read_rules([column("mails", "drop", "a")]))
    found = check_rules(configuration, rules, seconds=0.001)
    assert [(one.rule, one.level) for one in found][-1] == ("", "information")
