"""A user, another, staff, and their tokens."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory

BASE = "/api/snowflake-sync"


@dataclass
class Caller:
    """Somebody with a token, or without."""

    token: str = ""

    def ask(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """The answer; a `body` that is no text yet goes as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if isinstance(body, (str, bytes)) else "" if body is None else json.dumps(body)
        return Client(headers=headers).generic(method, path, data, content_type if data else "")

    def get(self, path: str) -> Any:
        return self.ask("GET", f"{BASE}/{path}")

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", f"{BASE}/{path}", body)


def caller_of(user: User, **fields: Any) -> Caller:
    """Somebody with a new token of this user's."""
    return Caller(ApiToken.objects.create(user, **fields)[1])


@dataclass
class Owned:
    """What a user has: a destination, a workflow, an execution that failed there."""

    user: User
    caller: Caller
    configuration: SnowflakeConfiguration
    workflow: Workflow
    execution: WorkflowExecution
    item: SyncQueueItem

    def more(self, count: int = 1, **fields: Any) -> list[SyncQueueItem]:
        """Items like it, each of an execution of its own."""
        executions = QueuedFactory.create_batch(count, workflow=self.workflow)
        return [failed_at(execution, self.configuration, **fields) for execution in executions]


def failed_at(execution: WorkflowExecution, configuration: SnowflakeConfiguration, **fields: Any) -> SyncQueueItem:
    """The execution's item, failed at this destination, unless `fields` say otherwise."""
    item = execution.sync_items.get()
    values = {"status": "failed", "error_code": "value_does_not_fit", "error_message": "Row 3 has 'many'."} | fields
    SyncQueueItem.objects.filter(pk=item.pk).update(configuration=configuration, **values)
    SyncAttempt.objects.create(item=item, configuration=configuration, outcome="failed", timings={"extract": 1.5})
    item.refresh_from_db()
    return item


@pytest.fixture
def owned(db: None) -> Callable[[], Owned]:
    """Makes a user with all that belongs to one."""

    def make() -> Owned:
        user = UserFactory.create()
        configuration = ConfigurationFactory.create(user=user)
        workflow = WorkflowFactory.create(user=user)
        execution = QueuedFactory.create(workflow=workflow)
        item = failed_at(execution, configuration)
        return Owned(user, caller_of(user), configuration, workflow, execution, item)

    return make


@pytest.fixture
def ada(owned: Callable[[], Owned]) -> Owned:
    return owned()


@pytest.fixture
def bob(owned: Callable[[], Owned]) -> Owned:
    return owned()


@pytest.fixture
def staff(db: None) -> Caller:
    return caller_of(User.objects.create_superuser("staff@example.com"))
