"""The workflows and their pages: what became of their runs lately, where they go, and whose they are."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncAttempt, SyncRuleVersion, Workflow, WorkflowExecution
from sync.operations import change_rules
from tests.factories import ConfigurationFactory
from tests.unnamed import workflows_without_ids
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]


def of(item: Any) -> Workflow:
    found = WorkflowExecution.objects.select_related("workflow").get(execution_id=item.execution_id).workflow
    assert found
    return found


def test_each_workflow_says_what_became_of_its_runs(ada: Owner, login: Login) -> None:
    good, bad = ada.item("completed", row_count=5), ada.failed()
    Workflow.objects.filter(pk=of(good).pk).update(name="Sales")
    client = login(ada.user)
    said = words(text(client, "/workflows?q=sal"))
    assert "Sales" in said
    assert "100 %" in said
    assert of(bad).workflow_id not in said
    said = words(text(client, f"/workflows?q={of(bad).workflow_id}"))
    assert "failed" in said
    assert "0 %" in said
    assert "No workflow is called “none”" in text(client, "/workflows?q=none")
    assert "No workflow is called" in text(client, "/workflows?q=a%00b")


def test_a_workflow_that_is_left_out_says_so_where_it_is(ada: Owner, login: Login) -> None:
    workflow = of(ada.item("completed"))
    rule = {"name": "Out", "kind": "scope", "action": "exclude", "workflow": workflow.workflow_id}
    other = ConfigurationFactory.create(user=ada.user, name="Another one")
    change_rules(ada.configuration.pk, [rule], author="", expected_version=None)
    for address in ("/workflows", f"/workflows/{workflow.pk}"):
        page = text(login(ada.user), address)
        assert words(page).count("left out") == 1, address
        assert f"/destinations/{ada.configuration.pk}/data?q={workflow.workflow_id}" in page
        assert "Another one" in page
    SyncRuleVersion.objects.create(configuration=other, version=1, rules=[{"kind": "of later on"}])
    assert login(ada.user).get("/workflows").status_code == 200


def test_where_a_workflow_goes_is_said_by_the_rules_as_they_are_now(ada: Owner, login: Login) -> None:
    workflow = of(ada.item("completed"))
    rule = {"name": "Out", "kind": "scope", "action": "exclude", "workflow": workflow.workflow_id}
    for rules, times in ([], 0), ([rule], 1), ([], 0):
        change_rules(ada.configuration.pk, rules, author="", expected_version=None)
        for address in ("/workflows", f"/workflows/{workflow.pk}"):
            assert words(text(login(ada.user), address)).count("left out") == times, (address, rules)


def test_a_page_says_where_it_goes_and_how_its_loads_went(ada: Owner, login: Login) -> None:
    item = ada.item("completed", row_count=41, schema_name="PUBLIC", table_name="CAMPAIGNS", ago=5)
    now = timezone.now()
    SyncAttempt.objects.create(item=item, outcome="completed", started_at=now, finished_at=now + timedelta(seconds=3))
    workflow = of(item)
    page = text(login(ada.user), f"/workflows/{workflow.pk}")
    table = f"SELECT * FROM {ada.configuration.database.upper()}.PUBLIC.CAMPAIGNS"
    assert table in page
    assert f'href="/runs?workflow={workflow.workflow_id}"' in page
    assert f'href="/destinations/{ada.configuration.pk}/data?workflow={workflow.workflow_id}"' in page
    assert "Rows of the last 1 load" in page
    assert "41 at last" in page
    assert "3 s at last" in page


def test_a_backfill_from_its_page_is_of_this_workflow(ada: Owner, login: Login) -> None:
    workflow = of(ada.item("completed"))
    Workflow.objects.filter(pk=workflow.pk).update(workflow_id="sales & more")
    client = login(ada.user)
    (link,) = re.findall(r'href="([^"]+/backfill[^"]*)"', text(client, f"/workflows/{workflow.pk}"))
    assert 'value="sales & more"' in text(client, link)


def test_failures_stand_in_groups_with_what_to_do(ada: Owner, login: Login) -> None:
    item = ada.failed("table_not_ours")
    workflow = of(item)
    page = text(login(ada.user), f"/workflows/{workflow.pk}")
    assert f"/runs?workflow={workflow.workflow_id}&status=failed&error_code=table_not_ours" in page


def test_what_is_somebody_elses_is_not_there(ada: Owner, owner: Callable[[], Owner], staff: User, login: Login) -> None:
    workflow = of(owner().item())
    client = login(ada.user)
    assert client.get(f"/workflows/{workflow.pk}").status_code == 404
    assert workflow.workflow_id not in text(client, "/workflows")
    assert workflow.user
    page = text(login(staff), f"/workflows?q={workflow.user.email}")
    assert workflow.workflow_id in page
    assert login(staff).get(f"/workflows/{workflow.pk}").status_code == 200


def test_one_without_an_owner_says_what_to_do(ada: Owner, staff: User, login: Login) -> None:
    workflow = of(ada.item())
    Workflow.objects.filter(pk=workflow.pk).update(user=None)
    assert "give it one" in text(login(staff), f"/workflows/{workflow.pk}")
    assert login(staff).get("/workflows").status_code == 200


def test_more_workflows_ask_no_more_statements(
    ada: Owner, staff: User, login: Login, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        ada.item()
    Workflow.objects.bulk_create(Workflow(workflow_id=f"w-{n}", name=f"N {n}", user=ada.user) for n in range(2_000))
    for _ in range(5):
        ConfigurationFactory.create(user=ada.user)
    for user in (ada.user, staff):
        client = login(user)
        with django_assert_max_num_queries(14):
            page = client.get("/workflows").content
        assert len(page) < 60_000
        assert b"and 2 more" in page
        assert b"Page 1 of 51" in page


def test_a_name_that_turns_words_or_shows_nothing_is_read_as_words(ada: Owner, login: Login) -> None:
    turning, unseen = of(ada.failed()), of(ada.failed())
    Workflow.objects.filter(pk=turning.pk).update(name="Sales \u202egnidaelsim\u202c")
    Workflow.objects.filter(pk=unseen.pk).update(name=" \u200b\u2069")
    client, run = login(ada.user), WorkflowExecution.objects.get(workflow=unseen).execution_id
    for address in ("/workflows", "/runs", "/errors", f"/workflows/{unseen.pk}", f"/runs/{run}"):
        # Beside it stand names that a search may be for, as they are.
        page = words(text(client, address).partition("<main")[2])
        assert not {"\u202e", "\u202c", "\u2069"} & set(page), address
        assert unseen.workflow_id in page, address
    assert "Sales gnidaelsim" in words(text(client, "/errors"))


def test_so_is_the_name_of_a_destination(ada: Owner, login: Login) -> None:
    ada.failed()
    destination, client = SnowflakeConfiguration.objects.get(user=ada.user), login(ada.user)
    for name, read in (("Main \u202egnp", "Main gnp"), ("\u200b", destination.account_identifier)):
        SnowflakeConfiguration.objects.filter(pk=destination.pk).update(name=name)
        for address in ("/", "/destinations", f"/destinations/{destination.pk}", "/workflows", "/runs", "/errors"):
            page = words(text(client, address).partition("<main")[2])
            assert "\u202e" not in page, address
            assert read in page, address


def test_the_state_of_a_destination_is_that_of_the_last_run_there(ada: Owner, login: Login) -> None:
    before = ada.item("completed", row_count=41, schema_name="PUBLIC", table_name="CAMPAIGNS")
    workflow = of(before)
    after = ada.failed(ago=5)
    WorkflowExecution.objects.filter(execution_id=after.execution_id).update(workflow=workflow)
    page = text(login(ada.user), f"/workflows/{workflow.pk}")
    (where,) = re.findall(r'<section aria-labelledby="where-title">.*?</section>', page, re.DOTALL)
    assert "PUBLIC.CAMPAIGNS" in where
    assert "failed" in words(where)
    assert "in Snowflake" not in words(where)


def test_one_without_a_workflow_id_goes_by_its_id(ada: Owner, login: Login) -> None:
    workflow = of(ada.item("completed"))
    with workflows_without_ids():
        rule = {"name": "Out", "kind": "scope", "action": "exclude", "workflow": str(workflow.pk)}
        change_rules(ada.configuration.pk, [rule], author="", expected_version=None)
        client = login(ada.user)
        for address in ("/workflows", f"/workflows/{workflow.pk}"):
            page = words(text(client, address).partition("<main")[2])
            assert "None" not in page, address
            assert str(workflow.pk) in page, address
            assert page.count("left out") == 1, address
        assert str(workflow) in words(text(client, f"/runs?workflow={workflow.pk}").partition("<main")[2])
