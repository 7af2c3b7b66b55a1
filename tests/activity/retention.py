"""What is done to results that a destination no longer keeps."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from sync import operations
from sync.activity import Action
from sync.postgres import database_now

_LOADED = """
INSERT INTO snowflake_sync_results
SELECT %s, %s, %s, %s, 'S', 'T', 5, at, at FROM (VALUES (now() - interval '2 days')) AS loaded (at)
"""


def set_retention(place: Any) -> None:
    wanted = operations.Retention("days", 1, only_copies=True)
    operations.set_retention(place.configuration, place.workflow, wanted)


def prune_results(place: Any) -> None:
    item = place.loaded()
    set_retention(place)
    with connection.cursor() as cursor:
        cursor.execute(_LOADED, [place.configuration.pk, item.execution_id, place.workflow.pk, place.user.pk])
    operations.prune_results(place.configuration.pk, as_of=database_now(), wanted=1)


OF_RETENTION: dict[str, tuple[Callable[[Any], None], Action]] = {
    "set_retention": (set_retention, Action.RETENTION_CHANGED),
    "prune_results": (prune_results, Action.RESULTS_PRUNED),
}
