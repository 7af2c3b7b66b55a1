"""How long results stay: set on a page; what is past that is counted, confirmed, then exactly that is asked for."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.models import SyncActivity, Workflow
from sync.operations import Retention, retention_of
from tests.web.admin.conftest import client_of, operator
from tests.web.api.conftest import Owned
from tests.web.api.test_retention_api import asked_for, loaded
from tests.web.console.reading import words

pytestmark = pytest.mark.django_db(transaction=True)


def read(page: Any) -> str:
    return words(page.content.decode())


@pytest.fixture
def owned(workflow: Workflow, destination: SnowflakeConfiguration) -> Owned:
    owned: Owned = Owned.__new__(Owned)
    owned.user, owned.workflow, owned.configuration = destination.user, workflow, destination
    return owned


@pytest.fixture
def staff(transactional_db: None) -> Client:
    return client_of(operator("view_snowflakeconfiguration", "change_snowflakeconfiguration"))


def test_it_is_set_counted_confirmed_and_asked_for(staff: Client, owned: Owned) -> None:
    about, workflow = owned.configuration, owned.workflow
    old = loaded(owned, 9)
    loaded(owned, 10, only_copy=True)
    loaded(owned, 1)
    page, prune = (reverse(f"console:{name}", args=[about.pk]) for name in ("retention", "prune"))
    data = reverse("console:data", args=[about.pk])
    assert "All results" in read(staff.get(data))
    assert "There is nothing to take out of Snowflake" in read(staff.get(prune))
    refused = staff.post(page, {"keeps": "days"})
    assert "Say how many results, or days" in read(refused)
    staff.post(page, {"keeps": "days", "amount": 7})
    assert "7 days" in read(staff.get(data))
    of_one = f"{page}?workflow={workflow.workflow_id}"
    staff.post(of_one, {"keeps": "all"})
    assert set(retention_of(about.pk).values()) == {Retention("days", 7), Retention()}
    assert "1 workflow with something of its own" in read(staff.get(data))
    staff.post(of_one, {"keeps": ""})
    assert retention_of(about.pk) == {None: Retention("days", 7)}
    asked = staff.get(prune)
    said = read(asked)
    assert "Take 1 result out of Snowflake?" in said
    assert "1 row would be deleted from tables that others share." in said
    assert "1 result past retention: the only copy" in said
    assert asked_for() == set()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.content.decode()))
    fields.pop("csrfmiddlewaretoken", None)
    done = staff.post(prune, fields, follow=True)
    assert "1 of 1 result queued to be taken out of Snowflake" in read(done)
    assert asked_for() == {old.execution_id}
    entry = SyncActivity.objects.latest("id")
    assert (entry.action, entry.count, entry.subject_id) == ("results_pruned", 1, str(about.pk))


def test_who_may_not_change_a_destination_sees_it_and_takes_nothing_out(owned: Owned) -> None:
    viewer = client_of(operator("view_snowflakeconfiguration"))
    page, prune = (reverse(f"console:{name}", args=[owned.configuration.pk]) for name in ("retention", "prune"))
    assert viewer.get(page).status_code == 200
    assert viewer.post(page, {"keeps": "last", "amount": 1}).status_code == 403
    assert (viewer.get(prune).status_code, viewer.post(prune).status_code) == (403, 403)
    assert retention_of(owned.configuration.pk) == {}
