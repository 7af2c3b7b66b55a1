"""What a page counts is what its words say, and what the list has to which a number leads."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting import history
from tests.factories import ConfigurationFactory, QueuedFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def test_what_is_counted_by_loads_and_by_attempts_says_so(ada: Owner, login: Login) -> None:
    item, second = ada.failed(), ConfigurationFactory.create(user=ada.user)
    SyncQueueItem.objects.filter(pk=QueuedFactory.create().sync_items.get().pk).update(
        execution=item.execution_id, user=ada.user, configuration=second, status="failed", error_code="load_rejected"
    )
    # It was retried, and failed again.
    for ago in (120, 60):
        SyncAttempt.objects.create(
            item=item,
            configuration=ada.configuration,
            outcome="failed",
            error_code="load_rejected",
            finished_at=timezone.now() - timedelta(seconds=ago),
        )
    history.add_up()
    said = words(text(login(ada.user), "/errors"))
    assert "2 loads failed in 2 groups. A run is a load for each of its destinations." in said
    assert "2 attempts failed in the last 24 hours" in said
    assert "1 run, the latest failure first" in words(text(login(ada.user), "/runs?status=failed"))


def test_what_waits_for_a_destination_is_not_said_to_be_left_out(ada: Owner, login: Login) -> None:
    for code in ("no_destination", "no_destination", "excluded_by_rule"):
        ada.item("skipped", error_code=code)
    client = login(ada.user)
    assert "2 results wait for a destination that is on." in words(text(client, "/"))
    page = text(client, "/runs?status=skipped")
    assert "left out, or no destination 3" in words(page)
    assert "2 of them wait for a destination, and are loaded by themselves once there is one." in words(page)
    (address,) = re.findall(r'href="([^"]*error_code=no_destination)">2 of them', page)
    assert "2 runs, the last queued first" in words(text(client, f"/runs{address}"))
    for other in ("/runs", "/runs?status=failed", "/runs?status=skipped&error_code=excluded_by_rule"):
        assert "of them wait" not in words(text(client, other))


def test_what_was_queued_in_seven_days_is_what_the_list_has(ada: Owner, login: Login) -> None:
    items = [
        ada.item(status, ago=ago) for status, ago in (("completed", 60), ("pending", 50), ("completed", 9 * 86_400))
    ]
    workflow = items[0].execution.workflow
    assert workflow
    WorkflowExecution.objects.filter(execution_id__in=[item.execution_id for item in items]).update(workflow=workflow)
    # What came in before, and was loaded again today, is not of these days.
    SyncQueueItem.objects.filter(pk=items[2].pk).update(updated_at=timezone.now())
    client = login(ada.user)
    page = text(client, f"/destinations/{ada.configuration.pk}/data")
    assert "Queued in 7 days" in page
    (address,) = re.findall(r'href="(/runs[^"]+)">2 runs, 1 loaded</a>', page)
    assert "2 runs, the last queued first" in words(text(client, address))
