"""The views of a destination's workflows."""

from collections.abc import Collection
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.snowflake.session import Session


def follow(session: Session, configuration: SnowflakeConfiguration, workflow_ids: Collection[UUID]) -> None:
    """Makes or changes the views of these workflows (workflows.id), once the catalogue has what they show.

    Raises SyncError.
    """
