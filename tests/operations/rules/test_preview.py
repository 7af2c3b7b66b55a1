"""What rules would make of an execution, before anything is loaded."""

import json
import logging
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import SyncHashKey, SyncKnownColumn, SyncRuleVersion, Workflow, WorkflowExecution
from sync.operations import RulePreview, change_rules, preview_rules
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.operations.rules.tried import column, complete, draft, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workflow(db: None) -> Workflow:
    return WorkflowFactory.create(workflow_id="sales")


@pytest.fixture
def configuration(workflow: Workflow) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=workflow.user)


def shown(seen: RulePreview) -> list[tuple[str | None, ...]]:
    return [row.values for row in seen.after.rows]


PEOPLE = {"email": "text", "phone": "text", "ssn": "text", "paid": "boolean", "amount": "decimal(10,2)"}
THREE: list[dict[str, Any]] = [
    {"email": "a@x.org", "phone": "555-123", "ssn": "1", "paid": True, "amount": "10.50"},
    {"email": "b@x.org", "phone": None, "ssn": "2", "paid": False, "amount": 7},
    {"email": "a@x.org", "phone": "1", "ssn": "3", "paid": True, "amount": None},
]


def test_what_rules_make_of_a_result(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    seen = preview_rules(
        configuration,
        execution.execution_id,
        draft(
            column("mask", "phone", keep="last", characters=3),
            column("drop", "ssn", "nothing*"),
            column("rename", "amount", to="price"),
            column("null", "nothing"),
            rows({"column": "paid", "operator": "eq", "value": True}),
            {"name": "whence", "kind": "add", "column": "origin", "constant": "web"},
            column("drop", "email", name="off", enabled=False),
            column("drop", "email", name="others", workflow="ads*"),
        ),
    )
    assert seen.error is None
    assert [(one.key, one.name, one.declared, one.type, one.rules) for one in seen.before.columns] == [
        ("email", "EMAIL", "text", "VARCHAR", ()),
        ("phone", "PHONE", "text", "VARCHAR", ("mask it",)),
        ("ssn", "SSN", "text", "VARCHAR", ("drop it",)),
        ("paid", "PAID", "boolean", "BOOLEAN", ()),
        ("amount", "AMOUNT", "decimal(10,2)", "NUMBER(10,2)", ("rename it",)),
    ]
    assert [(one.key, one.name, one.declared, one.type, one.rules) for one in seen.after.columns] == [
        ("email", "EMAIL", "text", "VARCHAR", ()),
        ("phone", "PHONE", "text", "VARCHAR", ("mask it",)),
        ("paid", "PAID", "boolean", "BOOLEAN", ()),
        ("amount", "PRICE", "decimal(10,2)", "NUMBER(10,2)", ("rename it",)),
        (None, "ORIGIN", None, "VARCHAR", ("whence",)),
    ]
    assert [(row.number, row.values) for row in seen.after.rows] == [
        (1, ("a@x.org", "***123", "true", "10.5", "web")),
        (3, ("a@x.org", "***", "true", None, "web")),
    ]
    assert [row.values[2] for row in seen.before.rows] == ["1", "2", "3"]
    assert [(one.rule, one.said, one.matched, one.rows_left_out) for one in seen.effects] == [
        ("mask it", 'is for column "phone"', ("phone",), None),
        ("drop it", 'is for column "ssn"', ("ssn",), None),
        ("rename it", 'is for column "amount"', ("amount",), None),
        ("null it", "matches no column", (), None),
        ("rows", "leaves out 1 of 3 rows", (), 1),
        ("whence", 'adds column "origin"', (), None),
        ("off", "is off", (), None),
        ("others", 'is for workflows "ads*", and this is another one', (), None),
    ]
    assert seen.statistics is not None
    assert (seen.statistics.rows, seen.statistics.examined, seen.statistics.kept) == (3, 3, 2)
    assert {one.name: one.nulls for one in seen.statistics.columns} == {
        "EMAIL": 0,
        "PHONE": 0,
        "PAID": 0,
        "PRICE": 1,
        "ORIGIN": 0,
    }
    json.dumps(seen.as_json())


def test_a_draft_is_hashed_with_the_destinations_key_or_with_one_that_is_made_up(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    rules = draft(column("hash", "email"))
    one, other = (preview_rules(configuration, execution.execution_id, rules) for _ in range(2))
    assert one.key == other.key == "made_up"
    assert shown(one)[0][0] == shown(one)[2][0] != shown(other)[0][0]
    assert not SyncHashKey.objects.exists()
    change_rules(configuration.pk, rules.rules, author="a test", expected_version=0)
    saved = preview_rules(configuration, execution.execution_id)
    again = preview_rules(configuration, execution.execution_id, rules)
    assert (saved.key, saved.version, again.key, again.version) == ("destination", 1, "destination", None)
    assert shown(saved) == shown(again) != shown(one)
    assert saved.statistics is not None
    assert [one.distinct for one in saved.statistics.columns] == [2, None, None, None, None]


def test_a_key_that_cannot_be_opened_is_told_as_a_load_tells_it(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    change_rules(configuration.pk, [column("hash", "email")], author="a test", expected_version=0)
    SyncHashKey.objects.update(key_encrypted="broken")
    seen = preview_rules(configuration, execution.execution_id)
    assert seen.error is not None
    assert (seen.error.code, shown(seen)) == ("hash_key_unreadable", [])


def test_a_role_that_may_make_no_temporary_table_is_told_as_a_load_tells_it(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    role = f"preview_{execution.pk.hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE ROLE {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
            REVOKE TEMPORARY ON DATABASE {connection.settings_dict["NAME"]} FROM PUBLIC; SET ROLE {role};
        """)
    try:
        hashed = preview_rules(configuration, execution.execution_id, draft(column("hash", "email")))
        masked = preview_rules(configuration, execution.execution_id, draft(column("mask", "email")))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"""
                RESET ROLE; GRANT TEMPORARY ON DATABASE {connection.settings_dict["NAME"]} TO PUBLIC;
                DROP OWNED BY {role}; DROP ROLE {role};
            """)
    assert hashed.error is not None
    assert (hashed.error.code, shown(hashed)) == ("database_changed", [])
    assert (masked.error, len(shown(masked))) == (None, 3)


def test_only_who_may_see_the_results_sees_them(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    others = complete(WorkflowFactory.create(), PEOPLE, THREE)
    nobodys = complete(WorkflowFactory.create(user=None), PEOPLE, THREE)
    owner, other, staff = workflow.user, UserFactory.create(), UserFactory.create(is_staff=True)
    viewer = UserFactory.create(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_workflowexecution"))
    for user in (None, owner, viewer):
        assert preview_rules(configuration, execution.execution_id, user=user).after.rows
        for id_ in (others.execution_id, nobodys.execution_id, "no such"):
            with pytest.raises(WorkflowExecution.DoesNotExist):
                preview_rules(configuration, id_, user=user)
    for user in (other, staff):
        with pytest.raises(WorkflowExecution.DoesNotExist):
            preview_rules(configuration, execution.execution_id, user=user)


def test_results_of_all_kinds_that_cannot_be_loaded(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    rules = draft(column("drop", "a"))
    for columns, lines, code in [
        (None, None, "no_results"),
        ("text", [], "malformed_result"),
        ([{"name": "a"}], {"a": 1}, "malformed_result"),
        ([{"name": "a"}, 5], [{"a": 1}], "malformed_result"),
        ([{"name": "a"}, {"name": "b"}], [{"a": 1, "b": 2, "c": 3}], "undeclared_key"),
        ([{"name": "a", "type": "decimal(99)"}], [{"a": 1}], "rule_does_not_fit"),
        ([{"name": "a"}, {"name": "b", "type": "decimal(99)"}], [{"a": 1, "b": 2}], "malformed_result"),
        ([{"name": "a"}], [{"a": 1}], "rule_does_not_fit"),
    ]:
        execution = ExecutionFactory.create(
            workflow=workflow, result_columns=columns, result_rows=lines, result_total_rows=None
        )
        seen = preview_rules(configuration, execution.execution_id, rules)
        assert seen.error is not None, code
        assert seen.error.code == code
    running = complete(workflow, PEOPLE, THREE, status="running")
    seen = preview_rules(configuration, running.execution_id, rules)
    assert seen.error is not None
    assert seen.error.code == "not_completed"


def test_new_columns_under_a_policy(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    SyncKnownColumn.objects.create(configuration=configuration, workflow_id="sales", key="email")
    execution = complete(workflow, {"email": "text", "more": "text", "named": "text"}, [])
    allow = column("allow", "named")
    for policy, error, columns in [
        ("drop", None, ["email", "named"]),
        ("hold", "new_column_held", []),
        ("allow", None, ["email", "more", "named"]),
    ]:
        rules = draft({"name": "new", "kind": "new_columns", "policy": policy}, allow)
        seen = preview_rules(configuration, execution.execution_id, rules)
        assert (seen.policy, seen.error and seen.error.code) == (policy, error)
        assert seen.new_columns == (() if policy == "allow" else ("more",))
        assert [one.key for one in seen.after.columns] == columns
        told = {
            "drop": "drops new columns: column",
            "hold": "holds a result with new",
            "allow": "lets new columns come",
        }
        assert seen.effects[0].said.startswith(told[policy])
    assert SyncKnownColumn.objects.count() == 1


def test_where_nothing_was_known_the_first_result_says_what_is(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    rules = draft({"name": "new", "kind": "new_columns", "policy": "hold"})
    seen = preview_rules(configuration, execution.execution_id, rules)
    assert (seen.error, seen.new_columns) == (None, ())
    assert not SyncKnownColumn.objects.exists()


def test_several_rules_on_rows_are_counted_each_by_itself(
    workflow: Workflow, configuration: SnowflakeConfiguration
) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    paid = rows({"column": "paid", "operator": "eq", "value": True}, "paid")
    known = rows({"column": "amount", "operator": "null", "value": False}, "known")
    seen = preview_rules(configuration, execution.execution_id, draft(paid, known))
    assert [(one.rule, one.rows_left_out) for one in seen.effects] == [("paid", 1), ("known", 1)]
    assert [row.number for row in seen.after.rows] == [1]


def test_no_row_kept(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    execution = complete(workflow, PEOPLE, THREE)
    none = rows({"column": "email", "operator": "eq", "value": "z"})
    seen = preview_rules(configuration, execution.execution_id, draft(none))
    assert seen.statistics is not None
    assert (seen.statistics.rows, seen.statistics.kept, shown(seen), seen.error) == (3, 0, [], None)


def test_wide_results_show_what_rules_are_for(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    keys = [f"c{number:03}" for number in range(100)]
    execution = complete(workflow, dict.fromkeys(keys, "text"), [{key: f"of {key}" + "x" * 300 for key in keys}])
    seen = preview_rules(configuration, execution.execution_id, draft(column("hash", "c07*"), column("drop", "c000")))
    assert (len(seen.before.columns), len(seen.after.columns)) == (100, 99)
    for side in (seen.before, seen.after):
        assert len(side.header) == len(side.rows[0].values) == 30
        assert {f"c07{number}" for number in range(10)} < {one.key for one in side.header}
        assert max(len(text or "") for text in side.rows[0].values) == 200
    assert seen.before.rows[0].values[0][:7] == "of c000"  # type: ignore[index]
    assert all(len(text or "") == 64 for text in seen.after.rows[0].values[-10:])
    seen = preview_rules(configuration, execution.execution_id, draft(column("keep_only", "c07*")))
    assert [one.key for one in seen.after.columns] == [one.key for one in seen.before.columns if not one.rules]


def test_nothing_is_stored_or_logged(
    workflow: Workflow, configuration: SnowflakeConfiguration, caplog: pytest.LogCaptureFixture
) -> None:
    marked = [line | {"email": "MARK@x.org", "ssn": "MARK"} for line in THREE]
    execution = complete(workflow, PEOPLE | {"ssn": "int"}, marked, execution_parameters={"p": "MARK"})
    rules = draft(
        column("hash", "email"),
        column("cast", "phone", type="int"),
        rows({"column": "paid", "operator": "null", "value": False}),
        {"name": "p", "kind": "add", "column": "p", "parameter": "p"},
        {"name": "new", "kind": "new_columns", "policy": "hold"},
    )
    caplog.set_level(logging.DEBUG)
    connection.force_debug_cursor = True
    try:
        seen = preview_rules(configuration, execution.execution_id, rules)
        asked = str(connection.queries)
    finally:
        connection.force_debug_cursor = False
    assert seen.error is not None
    assert "MARK" not in str(seen.error)
    assert "MARK" not in caplog.text
    assert "MARK" not in asked
    assert not SyncKnownColumn.objects.exists()
    assert not SyncRuleVersion.objects.exists()


def test_a_path_that_leads_to_nothing_is_told(workflow: Workflow, configuration: SnowflakeConfiguration) -> None:
    lines = [[{"who": {"e.mail": "a"}, "tags": [{"x": 1}, {}]}], [{"who": {}, "tags": []}], [None]]
    execution = complete(workflow, {"j": "json"}, lines)
    paths: list[Any] = [["who", "e.mail"], "who.e.mail", "tags.*.x", "tags.*", "who", "Who", ["it's", '"']]
    rules = [column("mask", "j", path=path, name=f"{number}") for number, path in enumerate(paths)]
    seen = preview_rules(configuration, execution.execution_id, draft(*rules[:1]))
    assert seen.error is None
    found = [preview_rules(configuration, execution.execution_id, draft(rule)).effects[0] for rule in rules]
    assert [one.rows_matched for one in found] == [1, 0, 1, 1, 2, 0, 0]
    assert found[1].said == 'is for column "j", and its path leads to a value in 0 of 3 rows'
