"""The same change by pages, API, command and the application that embeds us: in the same words."""

import getpass
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import ApiToken, User
from sync.models import SyncActivity, SyncQueueItem
from sync.operations import retry_failed_sync
from sync.reporting import sentence_of
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory
from tests.web.admin.test_retry import confirm

pytestmark = pytest.mark.django_db(transaction=True)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def by_console(user: User, item: SyncQueueItem) -> None:
    assert browser(user).post(f"/items/{item.pk}/retry").status_code == 302


def by_page(user: User, item: SyncQueueItem) -> None:
    client = browser(user)
    assert client.post("/retry", confirm(client, f"retry?item={item.pk}")).status_code == 302


def by_api(user: User, item: SyncQueueItem) -> None:
    token = ApiToken.objects.create(user, name="omni-ci")[1]
    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert client.post(f"/api/snowflake-sync/retry/{item.pk}").status_code == 200


def by_call(user: User, item: SyncQueueItem) -> None:
    assert retry_failed_sync(item.pk)[0]


@pytest.fixture
def item() -> SyncQueueItem:
    configuration = ConfigurationFactory.create()
    workflow = WorkflowFactory.create(user=configuration.user, name="Campaigns")
    execution = QueuedFactory.create(workflow=workflow, execution_id="9c4a12f4-and-more")
    SyncQueueItem.objects.filter(execution=execution).update(
        status="failed", error_code="value_does_not_fit", configuration=configuration, user=configuration.user
    )
    return SyncQueueItem.objects.get(execution=execution)


@pytest.mark.parametrize(
    ("do", "face", "token"),
    [
        (by_console, "console", ""),
        (by_page, "console", ""),
        (by_api, "api", "omni-ci"),
        (by_call, "application", ""),
    ],
)
def test_each_says_who_it_was_and_the_same(
    item: SyncQueueItem, do: Callable[[User, SyncQueueItem], None], face: str, token: str
) -> None:
    user = User.objects.create_superuser("staff@example.com")
    do(user, item)
    entry = SyncActivity.objects.get()
    assert (entry.face, entry.token_name) == (face, token)
    assert (entry.user_id, entry.user_name) == ((None, "") if do is by_call else (user.pk, user.email))
    assert (str(sentence_of(entry)), entry.owner_id) == ("retry of run Campaigns 9c4a12f4", item.user_id)


COMMANDS: dict[str, tuple[list[str], str]] = {
    "retry_failed_syncs": (["--error-code", "value_does_not_fit"], "retry of 1 run"),
    "backfill_syncs": (["--force"], "backfill of 1 run"),
    "create_api_token": (["ada@example.com", "--name", "ci"], "token ci made"),
    "sync_rules": (["apply", "{rules}", "--configuration", "{configuration}", "--yes"], "rules of Warehouse changed"),
    "prune_sync_history": ([], "0 attempts pruned from the history"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_by_whoever_runs_it(name: str, item: SyncQueueItem, tmp_path: Any) -> None:
    UserFactory.create(email="ada@example.com")
    assert item.configuration is not None
    type(item.configuration).objects.update(name="Warehouse")
    rules = tmp_path / "rules.yaml"
    rules.write_text("- name: Drop\n  kind: column\n  action: drop\n  columns: [note]\n")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    SyncActivity.objects.create(face="worker", action="skip", subject_kind="runs", at=long_ago)
    arguments, said = COMMANDS[name]
    filled = [one.format(rules=rules, configuration=item.configuration_id) for one in arguments]
    call_command(name, *filled)
    entry = SyncActivity.objects.exclude(action="skip").get()
    assert (entry.face, entry.user_name, entry.user_id) == ("command", getpass.getuser(), None)
    assert str(sentence_of(entry)) == said
