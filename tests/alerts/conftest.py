"""What people are told of, made in the database that all tests share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration, User
from sync.alerts import Kind, Looked, look
from sync.destinations import pause_destination, resume_destination
from sync.errors import failure
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery, SyncQueueItem, Workflow
from sync.postgres import database_now
from sync.queue import register_worker
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory


@dataclass
class Told:
    """A user with a destination and a channel, and looks a minute apart."""

    user: User
    destination: SnowflakeConfiguration
    channel: SyncAlertChannel
    workflow: Workflow
    now: datetime
    looks: list[Looked | None] = field(default_factory=list)

    def look(self, after: timedelta = timedelta(seconds=30), **kwargs: Any) -> Looked | None:
        self.now = max(self.now + after, database_now())
        self.looks.append(look(now=self.now, **kwargs))
        return self.looks[-1]

    def pause(self, destination: SnowflakeConfiguration | None = None) -> None:
        pause_destination(
            (destination or self.destination).pk, failure("login_refused", "Snowflake refused the log-in")
        )

    def resume(self) -> None:
        resume_destination(self.destination.pk)

    def fail(self, count: int = 1, *, workflow: Workflow | None = None, code: str = "value_does_not_fit") -> None:
        """So many runs fail now."""
        for _ in range(count):
            execution = QueuedFactory.create(workflow=workflow or self.workflow)
            SyncQueueItem.objects.filter(execution=execution).update(
                status="failed", error_code=code, error_message="It failed.", configuration=self.destination
            )

    def open(self, kind: Kind) -> list[SyncAlert]:
        return list(SyncAlert.objects.filter(kind=kind, closed_at=None))

    def sent(self, kind: Kind | str, channel: SyncAlertChannel | None = None) -> list[str]:
        """Events of the messages about a kind, in the order in which they were queued."""
        queued = SyncAlertDelivery.objects.filter(channel=channel or self.channel, kind=kind)
        return list(queued.order_by("created_at", "id").values_list("event", flat=True))

    def message(self, kind: Kind, event: str = "opened") -> dict[str, Any]:
        found: dict[str, Any] = SyncAlertDelivery.objects.get(channel=self.channel, kind=kind, event=event).message
        return found


@pytest.fixture
def make_channel() -> Callable[..., SyncAlertChannel]:
    def make(user: User, **fields: Any) -> SyncAlertChannel:
        settings = {"name": "Mail", "kind": "email", **fields}
        channel = SyncAlertChannel.objects.create(user=user, **settings)
        channel.refresh_from_db()
        return channel

    return make


@pytest.fixture
def told(db: None, make_channel: Callable[..., SyncAlertChannel]) -> Told:
    user = UserFactory.create()
    register_worker("here", 1, 5)
    return Told(
        user,
        ConfigurationFactory.create(user=user, name="Prod"),
        make_channel(user),
        WorkflowFactory.create(user=user),
        database_now(),
    )
