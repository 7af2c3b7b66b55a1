"""GET /api/snowflake-sync/stats, and its tokens."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import ApiToken, User
from sync import queue
from sync.models import SyncQueueItem
from tests.factories import ExecutionFactory, QueuedFactory, UserFactory

URL = "/api/snowflake-sync/stats"


def get(client: Client, token: str) -> tuple[int, dict[str, dict[str, object]]]:
    answer = client.get(URL, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_every_status_is_there_always(client: Client) -> None:
    _, token = ApiToken.objects.create(UserFactory.create())
    status, stats = get(client, token)
    assert status == 200
    empty = {"count": 0, "oldest_item": None, "newest_item": None, "avg_retries": 0.0}
    assert {name: stats[name] for name in SyncQueueItem.Status.values} == dict.fromkeys(
        SyncQueueItem.Status.values, empty
    )
    assert stats["summary"]["lag_seconds"] == 0.0


@pytest.mark.django_db
def test_a_user_sees_their_own_and_staff_all(client: Client) -> None:
    mine = QueuedFactory.create()
    ExecutionFactory.create_batch(2)
    SyncQueueItem.objects.filter(execution=mine).update(retry_count=2)
    _, token = ApiToken.objects.create(mine.sync_items.get().user)
    _, own = get(client, token)
    assert (own["pending"]["count"], own["pending"]["avg_retries"]) == (1, 2.0)
    _, staff = ApiToken.objects.create(User.objects.create_superuser("staff@example.com"))
    _, everything = get(client, staff)
    assert everything["pending"]["count"] == 3
    queue.route()
    assert get(client, staff)[1]["skipped"]["count"] == 3


@pytest.mark.django_db
def test_without_a_valid_token_there_is_nothing(client: Client) -> None:
    user = UserFactory.create()
    _, expired = ApiToken.objects.create(user, expiry=timedelta(seconds=-1))
    revoked, revoked_token = ApiToken.objects.create(user)
    revoked.delete()
    _, inactive = ApiToken.objects.create(UserFactory.create(is_active=False))
    assert client.get(URL).status_code == 401
    for token in (expired, revoked_token, inactive, "nonsense"):
        assert get(client, token)[0] == 401


@pytest.mark.django_db
def test_the_database_does_not_hold_the_token() -> None:
    row, token = ApiToken.objects.create(UserFactory.create(), name="laptop")
    stored = ApiToken.objects.values().get()
    assert token not in [str(value) for value in stored.values()]
    assert token not in repr(row)
    assert token not in str(row)
