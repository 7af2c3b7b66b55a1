"""What rules make of an execution, on a page: for who may see results, by the rules in force or those in the form."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import change_rules, rules_of
from tests.factories import ExecutionFactory, UserFactory, WorkflowFactory
from tests.web.admin.conftest import client_of, operator
from tests.web.admin.test_configurations import url
from tests.web.admin.test_rules import HASH, PAID, opened, row, shown

pytestmark = pytest.mark.django_db(transaction=True)

ADMIN = ("view_snowflakeconfiguration", "change_snowflakeconfiguration", "view_workflowexecution")
MARK = "ann@secret.example"
COLUMNS = [{"name": "email", "type": "string"}, {"name": "status", "type": "string"}]


@pytest.fixture
def staff(transactional_db: None) -> Client:
    return client_of(operator(*ADMIN))


@pytest.fixture
def execution(workflow: Workflow, destination: SnowflakeConfiguration) -> WorkflowExecution:
    rows = [{"email": MARK, "status": "paid"}, {"email": None, "status": "open"}]
    return ExecutionFactory.create(workflow=workflow, execution_id="e-1", result_columns=COLUMNS, result_rows=rows)


def put(destination: SnowflakeConfiguration, *rules: dict[str, Any]) -> None:
    change_rules(destination.pk, rules, author="", expected_version=None)


def test_before_and_after_by_the_rules_in_force(
    staff: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    put(destination, HASH, {**PAID, "workflow": "*"})
    page = shown(staff.get(url("rules_preview", destination), {"execution_id": "e-1"}))
    assert "By the rules in force." in page
    before, _, after = page.partition("Before: the first rows")[2].partition("After: the first rows")
    assert f"<td>{MARK}</td>" in before
    assert "<td>open</td>" in before
    assert MARK not in after
    assert "<td>open</td>" not in after
    assert "1 of 2 rows kept" in page
    for sentence in ("Hash e-mails", "Only paid", "EMAIL", "VARCHAR"):
        assert sentence in page


def test_one_chooses_among_the_last_of_a_workflow(
    staff: Client, execution: WorkflowExecution, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    ExecutionFactory.create(workflow=workflow, execution_id="e-2", status="running", result_rows=None)
    ExecutionFactory.create_batch(25, workflow=WorkflowFactory.create(user=workflow.user, workflow_id="busy"))
    page = shown(staff.get(url("rules_preview", destination)))
    assert '<option value="wf-1">Campaigns</option>' in page
    assert "The last executions" not in page
    page = shown(staff.get(url("rules_preview", destination), {"workflow": "wf-1"}))
    assert page.count('name="execution"') == 1
    assert "Execution e-1 of workflow wf-1" in page
    page = shown(staff.get(url("rules_preview", destination), {"workflow": "busy"}))
    assert page.count('name="execution"') == 20
    assert page.count('aria-pressed="true"') == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"workflow": "none"}, "has no workflow none."),
        ({"execution_id": "none"}, "has no execution none."),
        ({"execution_id": "a\0b"}, "has no execution"),
        ({"workflow": "idle"}, "No execution of workflow idle has completed yet."),
        ({"execution_id": "strangers"}, "has no execution strangers."),
        ({"workflow": "of-a-stranger"}, "has no workflow of-a-stranger."),
    ],
)
def test_what_is_not_there_is_said_so(
    staff: Client, workflow: Workflow, destination: SnowflakeConfiguration, asked: dict[str, str], said: str
) -> None:
    WorkflowFactory.create(user=workflow.user, workflow_id="idle")
    stranger = WorkflowFactory.create(user=UserFactory.create(), workflow_id="of-a-stranger")
    ExecutionFactory.create(workflow=stranger, execution_id="strangers")
    page = shown(staff.get(url("rules_preview", destination), asked))
    assert said in page
    assert "Before: the first rows" not in page


def test_the_rules_in_the_form_are_previewed_and_not_saved(
    staff: Client, execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    fields = opened(staff, destination)
    fields |= row(0, name="Hash", kind="column", settings="action: hash\ncolumns: [email]", enabled="on")
    fields |= {"name": "Renamed", "new_secret": "a-secret-that-must-not-show"}
    answer = staff.post(url("rules_preview", destination), fields)
    page = shown(answer)
    assert "By the rules in the form, which are not saved." in page
    assert "a-secret-that-must-not-show" not in page
    draft = answer.context["draft"]
    assert json.loads(draft) == [{"name": "Hash", "kind": "column", "action": "hash", "columns": ["email"]}]
    page = shown(staff.post(url("rules_preview", destination), {"draft": draft, "execution": "e-1"}))
    before, _, after = page.partition("Before: the first rows")[2].partition("After: the first rows")
    assert MARK in before
    assert MARK not in after
    assert "made with one of this preview" in page
    assert rules_of(destination.pk).version == 0
    assert SnowflakeConfiguration.objects.get().name == destination.name
    assert not SyncQueueItem.objects.exclude(status="pending").exists()


def test_what_is_wrong_in_the_form_is_told(staff: Client, destination: SnowflakeConfiguration) -> None:
    fields = opened(staff, destination) | row(0, name="Hash", kind="column", settings="action: hash")
    page = shown(staff.post(url("rules_preview", destination), fields))
    assert "Hash: columns: is missing" in page
    for draft in ("[", "{}", '[{"kind": "x"}]', "[" * 100_000):
        assert "These are no rules." in shown(staff.post(url("rules_preview", destination), {"draft": draft}))
    assert "No rules were sent." in shown(staff.post(url("rules_preview", destination), {}))


@pytest.mark.parametrize("rights", [ADMIN[:2], ADMIN[2:], ()])
def test_values_are_for_those_alone_who_may_see_results(
    execution: WorkflowExecution, destination: SnowflakeConfiguration, rights: tuple[str, ...]
) -> None:
    client, page = client_of(operator(*rights)), url("rules_preview", destination)
    for answer in (
        client.get(page, {"execution_id": "e-1"}),
        client.get(page, {"workflow": "wf-1"}),
        client.post(page, {"draft": "[]", "execution": "e-1"}),
    ):
        assert answer.status_code == 403
        assert MARK not in answer.content.decode()
    if rights:
        link = page in client.get(url("rules", destination)).content.decode()
        assert not link


def test_who_may_look_at_results_and_rules_may_preview(
    execution: WorkflowExecution, destination: SnowflakeConfiguration
) -> None:
    client = client_of(operator("view_snowflakeconfiguration", "view_workflowexecution"))
    answer = client.get(url("rules_preview", destination), {"execution_id": "e-1"})
    assert MARK in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(operator(*ADMIN, email="other@example.com"))
    assert careful.post(url("rules_preview", destination), {"draft": "[]", "execution": "e-1"}).status_code == 403
