"""Rows of the application, and destinations, for tests."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.db import connection
from factory.django import DjangoModelFactory

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync.models import Workflow, WorkflowExecution

_STATE = {field.name for field in DestinationState._meta.fields}


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.com")
    name = "A user"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class ConfigurationFactory(DjangoModelFactory[SnowflakeConfiguration]):
    """A destination that has logged in a moment ago with its password, which the local Snowflake takes.

    It has no catalogue, so that tests count the statements of loads; those of tests/warehouse say what it is called.
    """

    class Meta:
        model = SnowflakeConfiguration

    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"destination {n}")
    account_identifier = "myorg-myaccount"
    warehouse = "LOADING"
    database = "ANALYTICS"
    schema = "PUBLIC"
    catalogue_name = ""
    username = "SYNC"
    last_login_at = factory.LazyFunction(lambda: datetime.now(UTC))
    created_at = factory.Sequence(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, secret: str = "not-a-real-password", **kwargs: Any) -> Any:
        state = {name: kwargs.pop(name) for name in _STATE & set(kwargs)}
        configuration = model_class(*args, **kwargs)
        configuration.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, secret)
        configuration.save()
        DestinationState.objects.filter(pk=configuration.pk).update(**state)
        return configuration

    @classmethod
    def _build(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        """Its state comes with its row."""
        return model_class(*args, **{name: value for name, value in kwargs.items() if name not in _STATE})


class WorkflowFactory(DjangoModelFactory[Workflow]):
    class Meta:
        model = Workflow

    workflow_id = factory.Sequence(lambda n: f"workflow-{n}")
    name = "Campaign report"
    user = factory.SubFactory(UserFactory)


class ExecutionFactory(DjangoModelFactory[WorkflowExecution]):
    """A completed execution with two columns and two rows; the trigger queues it."""

    class Meta:
        model = WorkflowExecution

    execution_id = factory.LazyFunction(lambda: str(uuid.uuid4()))
    workflow = factory.SubFactory(WorkflowFactory)
    status = "completed"
    result_columns = factory.LazyFunction(
        lambda: [{"name": "campaign", "type": "string"}, {"name": "clicks", "type": "integer"}]
    )
    result_rows = factory.LazyFunction(lambda: [{"campaign": "Spring", "clicks": 17}, {"campaign": "", "clicks": None}])
    result_total_rows = factory.LazyAttribute(lambda e: len(e.result_rows) if e.result_rows is not None else None)


class QueuedFactory(ExecutionFactory):
    """The same, and what arrived in the inbox stands in the queue itself: a test makes of it the item that it needs."""

    class Meta:
        skip_postgeneration_save = True

    @factory.post_generation
    def queued(self, *_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                WITH arrived AS (DELETE FROM snowflake_sync_inbox WHERE execution_id = %s RETURNING *)
                INSERT INTO snowflake_sync_queue (id, execution_id, user_id, run_after, created_at, updated_at)
                SELECT id, execution_id, user_id, run_after, created_at, updated_at FROM arrived
                """,
                [str(self.execution_id)],
            )
