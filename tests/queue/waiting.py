"""Items that wait at a destination, and claims of them."""

from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.models import Workflow
from sync.queue import Line
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory

LEASE = 3600.0

_ITEMS = """
WITH execution AS (
    INSERT INTO workflow_executions (execution_id, workflow_id, status)
    SELECT gen_random_uuid()::text, %(workflow)s, 'running' FROM generate_series(1, %(count)s)
    RETURNING execution_id
)
INSERT INTO snowflake_sync_queue (execution_id, user_id, configuration_id, batch_key, run_after)
SELECT execution_id, %(user)s, %(configuration)s, %(batch_key)s,
    now() + %(after)s * interval '1 second' + row_number() OVER () * interval '1 microsecond'
FROM execution
"""


def add(
    configuration: SnowflakeConfiguration, count: int = 1, *, batch_key: str | None = None, after: float = -60
) -> None:
    """Items that are due at a destination."""
    workflow = Workflow.objects.filter(user=configuration.user).first() or WorkflowFactory.create()
    params: dict[str, Any] = {
        "workflow": workflow.pk,
        "user": configuration.user_id,
        "configuration": configuration.pk,
        "count": count,
        "batch_key": batch_key,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, params)


def of_a_user(user: User | None = None, **fields: Any) -> SnowflakeConfiguration:
    user = user or WorkflowFactory.create(user=UserFactory.create()).user
    return ConfigurationFactory.create(user=user, **fields)


def served(worker_id: int, threads: int = 1, *, line: Line | None = None, batch: int = 1) -> list[UUID]:
    """Whose items a claim takes."""
    claims = queue.claim(worker_id, threads, lease_seconds=LEASE, batch=batch, line=line)
    return [claim.configuration_id for claim in claims]
