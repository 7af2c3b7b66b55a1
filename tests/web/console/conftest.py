"""Owners with items in all states, and clients who look at them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory
from tests.web.admin.conftest import destination, workflow

__all__ = ["ada", "destination", "login", "owner", "staff", "workflow"]


@dataclass
class Owner:
    """A user with a destination, and items of theirs."""

    user: User
    configuration: SnowflakeConfiguration

    def item(self, status: str = "completed", *, ago: float = 30.0, **fields: Any) -> SyncQueueItem:
        """An item that came to this state so many seconds ago."""
        workflow = WorkflowFactory.create(user=self.user)
        item: SyncQueueItem = QueuedFactory.create(workflow=workflow).sync_items.get()
        moment = timezone.now() - timedelta(seconds=ago)
        values = {
            "user": self.user,
            "configuration": self.configuration,
            "status": status,
            "updated_at": moment,
            "created_at": moment,
            "run_after": moment,
            **fields,
        }
        SyncQueueItem.objects.filter(pk=item.pk).update(**values)
        item.refresh_from_db()
        return item

    def failed(self, code: str = "load_rejected", **fields: Any) -> SyncQueueItem:
        return self.item("failed", error_code=code, error_message=f"It was refused ({code}).", **fields)


@pytest.fixture
def owner(db: None) -> Callable[[], Owner]:
    def make() -> Owner:
        user = UserFactory.create()
        return Owner(user, ConfigurationFactory.create(user=user))

    return make


@pytest.fixture
def ada(owner: Callable[[], Owner]) -> Owner:
    return owner()


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("staff@example.com", "a password")


@pytest.fixture
def login() -> Callable[[User], Client]:
    """A client that is logged in as somebody."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return make
