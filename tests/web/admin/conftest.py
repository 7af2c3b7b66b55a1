"""Staff with these powers and no others, and items of one user's destination."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, Workflow
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.queue.past import add, past

VIEW = (
    "view_syncqueueitem",
    "view_syncattempt",
    "view_syncworker",
    "view_synctable",
    "view_workflowexecution",
    "view_workflow",
    "view_user",
)
RETRY, BACKFILL = "retry_syncqueueitem", "backfill_workflowexecution"

Make = Callable[..., SyncQueueItem]


def operator(*powers: str, email: str = "operator@example.com", password: str = "a password") -> User:
    """Staff, no superuser, with these permissions (codenames)."""
    user = User.objects.create_user(email, password, is_staff=True)
    found = Permission.objects.filter(codename__in=powers)
    assert found.count() == len(powers), "a permission that is not there"
    user.user_permissions.set(found)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff(db: None) -> Client:
    """Somebody who may look."""
    return client_of(operator(*VIEW))


@pytest.fixture
def workflow(db: None) -> Workflow:
    user = UserFactory.create(email="ann@example.com")
    return WorkflowFactory.create(user=user, workflow_id="wf-1", name="Campaigns")


@pytest.fixture
def destination(workflow: Workflow) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=workflow.user, name="Warehouse of Ann")


@pytest.fixture
def make(workflow: Workflow, destination: SnowflakeConfiguration) -> Make:
    """An item of an execution of its own."""

    def made(**fields: Any) -> SyncQueueItem:
        execution = fields.pop("execution_id", None)
        configuration = fields.pop("configuration", destination)
        return add(past(workflow, **({"execution_id": execution} if execution else {})), configuration, **fields)

    return made
