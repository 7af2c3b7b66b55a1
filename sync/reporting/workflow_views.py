"""The views of a workflow's results in Snowflake: what they are called, and what keeps one from being made."""

from typing import NamedTuple
from uuid import UUID

from sync.postgres import fetch
from sync.snowflake.identifiers import readable

_VIEWS = """
SELECT configuration_id, database_name, schema_name, latest_name, latest_hash IS NOT NULL, all_name,
    all_hash IS NOT NULL, coalesce(error_message, ''), coalesce(error_remedy, '')
FROM snowflake_sync_views
WHERE workflow_id = %s
"""


class WorkflowViews(NamedTuple):
    """Their full names, as somebody may paste them; None: there is no such view."""

    latest: str | None = None
    all: str | None = None
    trouble: str = ""
    remedy: str = ""


def views_of(workflow_id: UUID | None) -> dict[UUID | None, WorkflowViews]:
    """By destination."""
    return {
        configuration: WorkflowViews(
            readable(database, schema, latest) if has_latest else None,
            readable(database, schema, of_all) if has_all else None,
            trouble,
            remedy,
        )
        for configuration, database, schema, latest, has_latest, of_all, has_all, trouble, remedy in fetch(
            _VIEWS, [workflow_id]
        )
    }
