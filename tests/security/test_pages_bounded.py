"""What is changed on pages: nobody's but one's own, and no more often than through the API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.models import SyncMute, SyncQueueItem
from sync.operations import change_rules, rules_of
from tests.factories import UserFactory
from tests.web.admin.conftest import Make, client_of, destination, make, workflow
from tests.web.console.reading import words

__all__ = ["destination", "make", "workflow"]
pytestmark = pytest.mark.django_db(transaction=True)
HASH: dict[str, Any] = {"name": "All mails", "kind": "column", "action": "hash", "columns": ["*mail*"]}


@pytest.fixture
def owner(destination: SnowflakeConfiguration) -> Client:
    return client_of(destination.user)


@pytest.fixture
def group(make: Make) -> dict[str, str]:
    """What names a group of failures."""
    item: SyncQueueItem = make(status="failed", error_code="load_rejected")
    assert item.execution.workflow
    workflow_id = item.execution.workflow.workflow_id
    return {"error_code": "load_rejected", "workflow": workflow_id, "destination": str(item.configuration_id)}


def test_nobody_mutes_for_others(group: dict[str, str], owner: Client) -> None:
    sent = {**group, "how_long": "1d"}
    assert client_of(UserFactory.create()).post("/errors/mute", sent).status_code == 404
    assert not SyncMute.objects.exists()
    owner.post("/errors/mute", sent)
    assert SyncMute.objects.count() == 1


def test_errors_are_muted_so_often_and_no_more(group: dict[str, str], owner: Client, settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "configure": "2/min"}
    sent = ({"how_long": "1d"}, {"unmute": "1"}, {"how_long": "1d"})
    assert [owner.post("/errors/mute", group | each).status_code for each in sent] == [302, 302, 429]
    assert not SyncMute.objects.exists()


def test_versions_of_rules_are_made_so_often_and_no_more(
    owner: Client, destination: SnowflakeConfiguration, settings: Any
) -> None:
    """Each keeps all rules: nobody fills the database with them by clicking."""

    def post(name: str, *more: object, **sent: str) -> str:
        answer = owner.post(reverse(f"console:{name}", args=[destination.pk, *more]), sent, follow=True)
        return words(answer.content.decode())

    for rules in ([HASH], []):
        change_rules(destination.pk, rules, author="grace@example.com", expected_version=None)
    settings.API_RATES = {**settings.API_RATES, "configure": "1/min"}
    post("rules", 1, latest="2")
    assert rules_of(destination.pk).version == 3
    assert "again in" in post("rules", 2, latest="3")
    assert "again in" in post("change-rule", version="3", act="off:All mails")
    assert "again in" in post("hash-key", version="3")
    assert rules_of(destination.pk).version == 3


def test_loading_again_and_leaving_out_have_the_limits_of_the_api(make: Make, owner: Client, settings: Any) -> None:
    settings.API_RATES = {**settings.API_RATES, "configure": "1/min", "backfill": "1/min"}
    item = make(status="completed")
    run = {"ticked": "1", "run": item.execution_id}
    again = {**run, "as_of": "2999-01-01T00:00:00Z", "wanted": "1"}
    assert [owner.post("/load-again", again).status_code for _ in range(2)] == [302, 429]
    parts = [{"part": f"{item.configuration_id}:{version}:1"} for version in (0, 1)]
    assert [owner.post("/leave-out", run | part).status_code for part in parts] == [302, 429]
