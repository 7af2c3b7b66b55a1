"""What is said of an item that waits is so."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, SyncWorker
from sync.reporting.counts import Scope
from sync.reporting.overview import overview
from sync.reporting.status_text import status_text
from tests.web.console.conftest import Owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> None:
    now = timezone.now()
    SyncWorker.objects.create(host="here", pid=1, concurrency=5, started_at=now, heartbeat_at=now)


@pytest.mark.usefixtures("worker")
def test_an_item_of_a_destination_that_is_off_waits_for_that(ada: Owner) -> None:
    item = ada.item("pending")
    SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).update(is_active=False)
    item = SyncQueueItem.objects.get(pk=item.pk)
    assert "switched off" in status_text(item, timezone.now())


@pytest.mark.usefixtures("worker")
def test_who_has_no_destination_is_told_what_waits(owner: Callable[[], Owner]) -> None:
    ada = owner()
    for _ in range(2):
        ada.item("skipped", error_code="no_destination", configuration=None)
    mine, everyones = (overview(Scope(user_id), with_workers=False).verdict for user_id in (ada.user.pk, None))
    assert mine.headline == "2 results wait for a destination that is on. Connect Snowflake, or switch one on."
    assert everyones.headline == "All synced, except what has no destination yet."
