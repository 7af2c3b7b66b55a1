"""What goes to a destination, chosen by its owner: workflows on and off, columns, rows; nothing typed is lost."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncRule, SyncRuleVersion, Workflow, WorkflowExecution
from sync.operations import change_rules, rules_of
from sync.rules import documents
from tests.factories import ExecutionFactory, UserFactory, WorkflowFactory
from tests.web.admin.conftest import client_of, operator
from tests.web.console.reading import fields_of, text, words

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "ann@secret.example"
COLUMNS = [
    {"name": "e_mail", "type": "string"},
    {"name": "note", "type": "string"},
    {"name": "state", "type": "string"},
    {"name": "n", "type": "integer"},
]
ROWS = [[SECRET, "private", "paid", 1], ["bob@secret.example", None, "open", 2], [None, "x", "paid", 3]]
CHANGE = ("view_snowflakeconfiguration", "change_snowflakeconfiguration")
HASH: dict[str, Any] = {"name": "All mails", "kind": "column", "action": "hash", "columns": ["*mail*"]}


@pytest.fixture
def ann(workflow: Workflow) -> Client:
    assert workflow.user
    return client_of(workflow.user)


@pytest.fixture
def execution(workflow: Workflow) -> WorkflowExecution:
    return ExecutionFactory.create(
        workflow=workflow, execution_id="e-1", result_columns=COLUMNS, result_rows=ROWS, result_total_rows=3
    )


def at(destination: SnowflakeConfiguration, name: str = "data", *more: Any, query: str = "") -> str:
    return reverse(f"console:{name}", args=[destination.pk, *more]) + query


def there(destination: SnowflakeConfiguration) -> list[dict[str, Any]]:
    return documents(rules_of(destination.pk).rules)


def put(destination: SnowflakeConfiguration, *rules: dict[str, Any]) -> None:
    change_rules(destination.pk, rules, author="grace@example.com", expected_version=None)


def saved(client: Client, address: str, fields: dict[str, str]) -> str:
    """Saves, and once more if something was said first."""
    answer = client.post(address, fields | {"act": "save"}, follow=True)
    page = answer.content.decode()
    if "Save all the same" in page:
        again = fields | {name: value for name, value in fields_of(page).items() if name in ("warned", "version")}
        page = client.post(address, again | {"act": "save"}, follow=True).content.decode()
    return words(page)


def test_a_workflow_is_left_out_with_a_note_and_taken_in_again(
    ann: Client, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    WorkflowFactory.create(user=workflow.user, workflow_id="other", name="Other")
    WorkflowFactory.create(user=UserFactory.create(), name="A stranger's")
    page = text(ann, at(destination))
    assert "Campaigns" in page
    assert "A stranger's" not in page
    fields = fields_of(page)
    assert (fields["id-0"], fields["on-0"], fields["new-0"]) == ("wf-1", "on", "allow")
    del fields["on-0"]
    assert "The rules are at version 1" in saved(ann, at(destination), fields | {"note": "test data"})
    rule = {"kind": "scope", "action": "exclude", "name": "Campaigns: left out", "workflow": "wf-1"}
    assert there(destination) == [rule | {"note": "test data"}]
    said = words(text(ann, at(destination)))
    assert "left out since" in said
    assert "ann@example.com: “test data”" in said
    fields = fields_of(text(ann, at(destination))) | {"on-0": "on", "new-1": "hold"}
    saved(ann, at(destination), fields)
    assert [(rule["kind"], rule["workflow"]) for rule in there(destination)] == [("new_columns", "other")]


def test_opened_and_saved_as_it_is_makes_no_version(
    ann: Client, workflow: Workflow, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    where = {"column": "n", "operator": "ge", "value": 2}
    between = {"column": "state", "operator": "in", "value": ["a", "b"]}
    own = {"workflow": "wf-1"}
    put(
        destination,
        HASH,
        {"name": "H", "kind": "column", "action": "mask", "columns": ["note"], "keep": "last", "characters": 6, **own},
        {"name": "R", "kind": "rows", "where": {"any": [where, between]}, **own},
        {"name": "N", "kind": "new_columns", "policy": "hold", **own},
        {"name": "S", "kind": "column", "action": "rename", "columns": ["n"], "to": "NUMBER", **own},
        {"name": "Off", "kind": "scope", "action": "exclude", **own},
    )
    for address in (at(destination), at(destination, query="?workflow=wf-1"), at(destination, "rules-file")):
        assert "Nothing was changed." in saved(ann, address, fields_of(text(ann, address)))
    assert rules_of(destination.pk).version == 1


def test_columns_and_rows_are_chosen_tried_and_saved_as_one_version(
    ann: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    address = at(destination, query="?workflow=wf-1")
    fields = fields_of(text(ann, address))
    assert [fields[f"key-{n}"] for n in range(4)] == ["e_mail", "note", "state", "n"]
    fields |= {"do-0": "hash", "do-1": "drop", "to-3": "NUMBER", "note": "As agreed"}
    fields |= {"column-0": "state", "operator-0": "eq", "value-0": "paid"}
    tried = ann.post(address, fields | {"act": "preview"}).content.decode()
    assert "Not saved yet." in tried
    assert "2 of 3 rows kept" in words(tried)
    assert SECRET not in tried.partition("After: the first rows")[2]
    assert rules_of(destination.pk).version == 0
    again = fields_of(tried)
    assert {name: again[name] for name in ("do-0", "do-1", "to-3", "column-0", "value-0")} == {
        name: fields[name] for name in ("do-0", "do-1", "to-3", "column-0", "value-0")
    }
    assert "The rules are at version 1" in saved(ann, address, fields)
    own = {"workflow": "wf-1", "note": "As agreed"}
    assert there(destination) == [
        {"name": "Campaigns: hashed", "kind": "column", "action": "hash", "columns": ["e_mail"], **own},
        {"name": "Campaigns: dropped", "kind": "column", "action": "drop", "columns": ["note"], **own},
        {"name": "Campaigns: n renamed", "kind": "column", "action": "rename", "columns": ["n"], "to": "NUMBER", **own},
        {
            "name": "Campaigns: only some rows",
            "kind": "rows",
            "where": {"column": "state", "operator": "eq", "value": "paid"},
            **own,
        },
    ]


def test_a_column_more(ann: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration) -> None:
    address = at(destination, query="?workflow=wf-1")
    fields = fields_of(text(ann, address)) | {"added-name": "workflow", "added-from": "workflow_name"}
    saved(ann, address, fields)
    assert [(rule["column"], rule["fact"]) for rule in there(destination)] == [("workflow", "workflow_name")]
    assert "column: workflow; fact: workflow_name" in text(ann, address)


def test_what_is_to_be_said_is_said_before_it_is_saved(
    ann: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    address = at(destination, query="?workflow=wf-1")
    fields = fields_of(text(ann, address)) | {"column-0": "sate", "operator-0": "eq", "value-0": "paid", "act": "save"}
    page = ann.post(address, fields).content.decode()
    assert "which 1 of the last 1 execution lack" in words(page)
    assert rules_of(destination.pk).version == 0
    # Something else than what that was said of is said again.
    warned = fields_of(page)["warned"]
    ann.post(address, fields | {"warned": warned, "column-0": "stat"})
    assert rules_of(destination.pk).version == 0
    ann.post(address, fields | {"warned": warned})
    assert rules_of(destination.pk).version == 1


def test_who_was_overtaken_loses_nothing_and_undoes_nothing(
    ann: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    address = at(destination, query="?workflow=wf-1")
    fields = fields_of(text(ann, address)) | {"do-1": "drop"}
    put(destination, HASH | {"workflow": "wf-1", "columns": ["e_mail"]})
    page = ann.post(address, fields | {"act": "save"}).content.decode()
    assert "Somebody has changed the rules meanwhile: they are at version 1." in words(page)
    assert rules_of(destination.pk).version == 1
    again = fields_of(page)
    assert (again["do-0"], again["do-1"], again["version"]) == ("hash", "drop", "1")
    assert "The rules are at version 2" in saved(ann, address, again)
    assert [rule["action"] for rule in there(destination)] == ["hash", "drop"]


def test_rules_are_switched_moved_and_deleted_one_by_one(ann: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH, {**HASH, "name": "B: x", "columns": ["b"]}, {**HASH, "name": "C", "columns": ["c"]})
    for act in ("off:B: x", "up:C", "down:All mails", "delete:C", "delete:none", "up:B: x"):
        fields = fields_of(text(ann, at(destination))) | {"act": act}
        assert ann.post(at(destination, "change-rule"), fields).status_code == 302
    assert [(rule["name"], rule.get("enabled", True)) for rule in there(destination)] == [
        ("B: x", False),
        ("All mails", True),
    ]
    version = rules_of(destination.pk).version
    stale = ann.post(at(destination, "change-rule"), {"version": "1", "act": "delete:All mails"}, follow=True)
    assert "made by ann@example.com" in words(stale.content.decode())
    assert rules_of(destination.pk).version == version


def test_a_version_is_put_back(ann: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    put(destination)
    page = text(ann, at(destination, "rules", 1))
    answer = ann.post(at(destination, "rules", 1), fields_of(page), follow=True)
    assert "It says what version 1 said." in words(answer.content.decode())
    assert there(destination) == [HASH]
    assert SyncRuleVersion.objects.get(version=3).author == "ann@example.com"


def test_the_file_is_downloaded_checked_and_saved(ann: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    answer = ann.get(at(destination, "rules-yaml"))
    assert answer.content.decode().startswith(f"# Version 1 of the rules of destination {destination.pk}")
    fields = fields_of(text(ann, at(destination, "rules-file")))
    broken = ann.post(at(destination, "rules-file"), fields | {"text": "- name: [", "act": "check"})
    assert "Line 1:" in words(broken.content.decode())
    assert fields_of(broken.content.decode())["text"].strip() == "- name: ["
    changed = fields["text"].replace("*mail*", "mail")
    checked = ann.post(at(destination, "rules-file"), fields | {"text": changed, "act": "check"})
    assert "~ rule 1 is changed: All mails" in words(checked.content.decode())
    assert rules_of(destination.pk).version == 1
    assert "The rules are at version 2" in saved(ann, at(destination, "rules-file"), fields | {"text": changed})
    # A pasted download is the same.
    assert "Nothing was changed." in saved(
        ann,
        at(destination, "rules-file"),
        {"version": "2", "text": ann.get(at(destination, "rules-yaml")).content.decode()},
    )


def test_values_are_for_those_alone_who_may_see_results(
    ann: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    address = at(destination, query="?workflow=wf-1")
    assert SECRET in text(ann, address)
    assert SECRET not in text(client_of(operator(*CHANGE)), address)
    assert SECRET not in text(client_of(operator(*CHANGE, email="o@example.com")), address + "&execution=e-1")
    assert SECRET in text(client_of(operator(*CHANGE, "view_workflowexecution", email="p@example.com")), address)


@pytest.mark.parametrize("name", ["data", "rules-file", "rules-yaml", "hash-key", "rules-reload", "rules-meaning"])
def test_nobody_sees_anothers(destination: SnowflakeConfiguration, name: str) -> None:
    for user in (UserFactory.create(), operator("view_syncqueueitem")):
        assert client_of(user).get(at(destination, name)).status_code == 404


def test_who_may_only_look_changes_nothing(execution: WorkflowExecution, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    viewer = client_of(operator(CHANGE[0]))
    for name in ("data", "rules-file"):
        page = text(viewer, at(destination, name))
        assert ">Save<" not in page
        assert viewer.post(at(destination, name), {"act": "save", "version": "1"}).status_code == 403
    for address in (
        at(destination, "change-rule"),
        at(destination, "rules", 1),
        at(destination, query="?workflow=wf-1"),
    ):
        assert viewer.post(address, {"act": "delete:All mails", "latest": "1"}).status_code == 403
    assert SyncRule.objects.count() == 1


def test_two_thousand_workflows_are_pages_that_can_be_searched(
    ann: Client, workflow: Workflow, destination: SnowflakeConfiguration, django_assert_max_num_queries: Any
) -> None:
    assert workflow.user
    Workflow.objects.bulk_create(
        Workflow(workflow_id=f"w-{n}", name=f"Sales of {n}", user=workflow.user) for n in range(2_000)
    )
    with django_assert_max_num_queries(20):
        page = text(ann, at(destination))
    assert len(page) < 60_000
    assert "Page 1 of 81" in page
    assert "Sales of 1234" in text(ann, at(destination, query="?q=of+1234"))
    assert "No workflow is called “none”" in text(ann, at(destination, query="?q=none"))
    assert "Page 81 of 81" in text(ann, at(destination, query="?page=99999"))


def test_an_odd_workflow_costs_no_page(ann: Client, workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    odd = WorkflowFactory.create(user=workflow.user, workflow_id="a*b & c", name="<b>\n")
    ExecutionFactory.create(workflow=odd, result_columns=[{"name": "x\ny"}, {"name": "p*"}], result_rows=[])
    assert "&lt;b&gt;" in ann.get(at(destination)).content.decode()
    page = text(ann, at(destination, query="?workflow=a*b+%26+c"))
    assert "stands for any characters in a rule" in page
    assert ann.get(at(destination, query="?workflow=none")).status_code == 404
    assert ann.get(at(destination, query="?workflow=a%00b")).status_code == 404


def test_rules_that_cannot_be_read_are_said_so(ann: Client, destination: SnowflakeConfiguration) -> None:
    SyncRuleVersion.objects.create(configuration=destination, version=1, rules=[{"kind": "of later on"}])
    assert "rules_unreadable" in text(ann, at(destination))


def test_a_user_without_a_name_is_an_author(destination: SnowflakeConfiguration) -> None:
    user = User.objects.create_superuser("s@example.com", "a password")
    put(destination, HASH)
    client_of(user).post(at(destination, "change-rule"), {"version": "1", "act": "off:All mails"})
    assert SyncRuleVersion.objects.get(version=2).author == "s@example.com"
