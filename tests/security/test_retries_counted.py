"""Retries and backfills by page: counted with those by the API, a user."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiToken, User
from sync.models import SyncQueueItem
from tests.factories import QueuedFactory
from tests.security.conftest import client_of


@pytest.fixture
def item(db: None, settings: Settings) -> SyncQueueItem:
    """A failed one; two retries and two backfills a minute are allowed."""
    settings.API_RATES = {"retry": "2/min", "backfill": "2/min"}
    item: SyncQueueItem = QueuedFactory.create().sync_items.get()
    SyncQueueItem.objects.filter(pk=item.pk).update(status="failed")
    item.refresh_from_db()
    return item


def by_item(client: Client, item: SyncQueueItem) -> int:
    return client.post(f"/items/{item.pk}/retry").status_code


def by_page(client: Client, item: SyncQueueItem) -> int:
    data = {"as_of": timezone.now().isoformat(), "wanted": 1}
    return client.post(f"/retry?user={item.user}", data).status_code


def by_api(_client: Client, item: SyncQueueItem) -> int:
    token = ApiToken.objects.create(User.objects.get(email="root@example.com"))[1]
    path = f"/api/snowflake-sync/retry/{item.pk}"
    return Client(headers={"Authorization": f"Bearer {token}"}).post(path).status_code


Way = Callable[[Client, SyncQueueItem], int]


@pytest.mark.parametrize("way", [by_item, by_page])
@pytest.mark.parametrize("before", [by_item, by_page, by_api])
def test_the_monitoring_page_counts_them(root: User, item: SyncQueueItem, before: Way, way: Way) -> None:
    client = client_of(root)
    for _ in range(2):
        assert before(client, item) < 400 or before is by_api
    SyncQueueItem.objects.filter(pk=item.pk).update(status="failed")
    assert way(client, item) == 429
    item.refresh_from_db()
    assert item.status == "failed"
    assert by_api(client, item) == 429


def test_what_the_admin_leads_to_counts_them(root: User, item: SyncQueueItem) -> None:
    client = client_of(root)
    for _ in range(2):
        by_item(client, item)
    SyncQueueItem.objects.filter(pk=item.pk).update(status="failed")
    data = {"item": [item.pk], "as_of": timezone.now().isoformat(), "wanted": 1}
    assert client.post("/retry", data).status_code == 429
    item.refresh_from_db()
    assert item.status == "failed"


def test_a_backfill_counts_its_looks_too(root: User, item: SyncQueueItem) -> None:
    client = client_of(root)
    for _ in range(2):
        assert "too often" not in client.post("/backfill", {"limit": ""}).content.decode()
    assert "too often" in client.post("/backfill", {"limit": ""}).content.decode()
