"""Retention at all destinations, and what is past it taken out of Snowflake, as operations do it."""

from tests.chaos.world import World

_KEEP = """
INSERT INTO snowflake_sync_retention (configuration_id, keeps, amount)
SELECT id, 'last', %s FROM snowflake_configurations
"""
_PRUNE = """
from accounts.models import SnowflakeConfiguration
from sync.operations import preview_prune, prune_results
for pk in SnowflakeConfiguration.objects.values_list("pk", flat=True):
    found = preview_prune(pk)
    prune_results(pk, as_of=found.as_of, wanted=found.total("results"))
"""
_PAST = """
SELECT execution_id FROM (
    SELECT execution_id, row_number() OVER (
        PARTITION BY workflow_id ORDER BY completed_at DESC, execution_id DESC
    ) AS place
    FROM workflow_executions
    WHERE status = 'completed'
) AS completed
WHERE place > %s
"""


def keep_last(world: World, count: int) -> None:
    """From now on each destination keeps so many results of each workflow."""
    world.tell(_KEEP, (count,))


def prune(world: World) -> None:
    """Asks for all that is past retention, everywhere."""
    world.manage("shell", "-v", "0", "-c", _PRUNE)


def past(world: World, count: int) -> set[str]:
    """The executions that are past it once all are loaded."""
    return {row[0] for row in world.rows(_PAST, (count,))}
