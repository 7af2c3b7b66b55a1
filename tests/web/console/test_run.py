"""The page of a run, and the search that leads there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from pytest_django.asserts import assertRedirects

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.destinations import pause_destination
from sync.errors import failure
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import change_rules
from tests.factories import UserFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]

RULES: list[dict[str, Any]] = [
    {"kind": "column", "action": "hash", "name": "no addresses", "columns": ["e_mail"]},
    {"kind": "column", "action": "drop", "name": "no notes", "columns": ["note"], "workflow": "another"},
    {"kind": "rows", "name": "paid", "where": {"column": "state", "operator": "eq", "value": "paid"}},
]


def loaded(ada: Owner, **fields: Any) -> SyncQueueItem:
    return ada.item("completed", schema_name="PUBLIC", table_name="WORKFLOW_EXECUTION_1", row_count=12, **fields)


def test_it_says_what_to_paste(ada: Owner, login: Login, settings: Settings) -> None:
    settings.SNOWFLAKE_ENDPOINT = ""
    SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).update(
        account_identifier="myorg-myaccount", database="sales"
    )
    page = text(login(ada.user), f"/runs/{loaded(ada).execution_id}")
    assert "SELECT * FROM SALES.PUBLIC.WORKFLOW_EXECUTION_1" in words(page)
    address = "app.snowflake.com/myorg/myaccount/#/data/databases/SALES/schemas/PUBLIC/table/WORKFLOW_EXECUTION_1"
    assert f'href="https://{address}"' in page
    # An account by its locator has no address that is known for sure.
    SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).update(account_identifier="xy12345.eu-west-1")
    assert "app.snowflake.com" not in text(login(ada.user), f"/runs/{loaded(ada).execution_id}")


def test_it_says_by_which_rules_it_was_shaped(ada: Owner, login: Login) -> None:
    change_rules(ada.configuration.pk, RULES, author="ada", expected_version=None)
    page = words(text(login(ada.user), f"/runs/{loaded(ada, rules_version=1, source_row_count=41).execution_id}"))
    assert "Shaped by e_mail hashed · only some rows: paid" in page
    assert "note dropped" not in page
    assert "12 of 41 rows kept" in page


def test_rows_are_the_owners_to_see_and_are_read_when_asked_for(ada: Owner, staff: User, login: Login) -> None:
    item = loaded(ada)
    WorkflowExecution.objects.filter(execution_id=item.execution_id).update(
        result_columns=[{"name": "campaign", "type": "text"}],
        result_rows=[{"campaign": "a secret of ada's"}],
        execution_parameters={"month": "March"},
    )
    operator = UserFactory.create(is_staff=True)
    operator.user_permissions.set([])
    address = f"/runs/{item.execution_id}"
    with CaptureQueriesContext(connection) as queries:
        assert "a secret" not in text(login(ada.user), address)
    assert not any("result_rows" in query["sql"] for query in queries)
    shown = text(login(ada.user), f"{address}?rows=1")
    assert "a secret of ada's" in shown
    assert "March" in shown
    assert "a secret" in text(login(staff), f"{address}?rows=1")
    assert login(operator).get(f"{address}?rows=1").status_code == 404


def test_the_attempt_before_is_history_while_it_is_tried_again(ada: Owner, login: Login) -> None:
    item, began = ada.failed(), timezone.now() - timedelta(minutes=1)
    SyncAttempt.objects.create(
        item=item,
        configuration=ada.configuration,
        outcome="failed",
        error_code="load_rejected",
        error_message="It was refused.",
        started_at=began,
        finished_at=began + timedelta(seconds=2),
        timings={"load": 1200.0},
    )

    def shown() -> str:
        return words(
            text(login(ada.user), f"/runs/{item.execution_id}").partition("<main")[2].partition("History (")[0]
        )

    bar = "tried to load into Snowflake"
    assert bar in shown()
    assert " Load rejected. It was refused" in shown()
    for status in ("pending", "processing"):
        SyncQueueItem.objects.filter(pk=item.pk).update(status=status)
        assert "The attempt before: load rejected. It was refused" in shown()
        assert bar not in shown(), status
    assert bar in words(text(login(ada.user), f"/runs/{item.execution_id}"))


def test_search_leads_straight_to_what_can_only_be_meant(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    item, other = ada.item(), owner().item()
    client = login(ada.user)
    Workflow.objects.filter(workflowexecution=item.execution).update(name="Quarterly noise")
    for asked in (item.execution_id, item.execution_id[:8], item.execution_id[:8].upper().lower()):
        assertRedirects(client.get("/search", {"q": asked}), f"/runs/{item.execution_id}")
    table = f"SALES.PUBLIC.WORKFLOW_EXECUTION_20260131_{item.execution_id.upper().replace('-', '_')}"
    assertRedirects(client.get("/search", {"q": table}), f"/runs/{item.execution_id}")
    assert client.get("/search", {"q": "noise"}).status_code == 302
    for asked in (other.execution_id, "nothing at all", "a\0b", "%", "'", "\\"):
        page = words(text(client, f"/search?q={asked.replace('%', '%25')}"))
        assert "Nothing is known of it here" in page or "Found for" in page
        assert other.execution_id[:8] not in page.replace(asked, "")


def test_search_shows_by_kind_what_may_be_meant(ada: Owner, staff: User, login: Login) -> None:
    for number in (1, 2):
        Workflow.objects.filter(workflowexecution=ada.item().execution).update(name=f"Quarterly noise {number}")
    page = text(login(ada.user), "/search?q=quarterly")
    assert "Quarterly noise 1" in page
    assert "Quarterly noise 2" in page
    assert f'href="/runs?user={ada.user.email}' in text(login(staff), "/search?q=@example.com").replace("%40", "@")
    assert ada.user.email not in words(text(login(ada.user), "/search?q=@example.com")).replace(ada.user.email, "", 1)


def test_what_waits_for_a_destination_ends_in_what_mends_that(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("a-host", 1, 5)
    pause_destination(ada.configuration.pk, failure("login_refused", "It was refused"))
    settings = f'href="/destinations/{ada.configuration.pk}/settings">Enter new credentials'
    address = f"/runs/{ada.item('pending').execution_id}"
    page = text(login(ada.user), address)
    assert "its destination is paused. Snowflake refused the log-in." in words(page)
    assert settings in page
    assert settings not in text(login(ada.user), f"/runs/{loaded(ada).execution_id}")
    homeless = ada.item("skipped", configuration=None, error_code="no_destination", error_message="There is none.")
    page = text(login(ada.user), f"/runs/{homeless.execution_id}")
    assert 'href="/connect">Connect Snowflake' in page
    assert "waiting" in words(page)
    assert "left out" not in words(page)
    assert f'href="/connect?user={ada.user.email}">' in text(login(staff), f"/runs/{homeless.execution_id}").replace(
        "%40", "@"
    )


def test_a_run_in_snowflake_says_each_thing_once(ada: Owner, login: Login) -> None:
    page = words(text(login(ada.user), f"/runs/{loaded(ada).execution_id}"))
    assert page.count("WORKFLOW_EXECUTION_1") == 1
    assert page.count("12 rows") == 1


def test_a_search_is_suggested_with_and_without_a_script(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login
) -> None:
    grace = owner()
    for each, name in ((ada, "Quarterly <noise>"), (grace, "Quarterly figures")):
        Workflow.objects.filter(workflowexecution=each.item().execution).update(name=name)
    SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).update(name="Quarters")
    listed = '<datalist id="found"><option>Quarterly <noise></option></datalist>'
    assert listed in text(login(ada.user), "/workflows")
    suggested = text(login(ada.user), "/search/suggestions?q=quarter")
    assert suggested == "<option>Quarterly <noise></option><option>Quarters</option>"
    assert "<option>Quarterly figures</option>" in text(login(staff), "/search/suggestions?q=quarter")
    assert f"<option>{grace.user.email}</option>" in text(login(staff), f"/search/suggestions?q={grace.user.email[:6]}")
    assert "@" not in text(login(ada.user), f"/search/suggestions?q={grace.user.email[:6]}")
