"""Rules that leave workflows out, and what they exclude taken out of Snowflake, as operations do it."""

import json
from collections.abc import Iterable

from tests.chaos.application import Owner
from tests.chaos.world import World

_IDS = "SELECT workflow_id FROM workflows WHERE id = ANY(%s::uuid[])"
_VERSION = """
INSERT INTO snowflake_sync_rule_versions (configuration_id, version, rules)
SELECT configuration.id, 1 + (
    SELECT count(*) FROM snowflake_sync_rule_versions AS earlier WHERE earlier.configuration_id = configuration.id
), %s::jsonb
FROM snowflake_configurations AS configuration
WHERE configuration.user_id = %s
"""
_ASK = """
from accounts.models import SnowflakeConfiguration
from sync.operations import preview_removal, remove_excluded
for pk in SnowflakeConfiguration.objects.values_list("pk", flat=True):
    found = preview_removal(pk)
    remove_excluded(pk, version=found.version, as_of=found.as_of, wanted=found.executions)
"""
_BRING_BACK = """
from accounts.models import SnowflakeConfiguration
from sync.operations import bring_back, count_returning
for pk in SnowflakeConfiguration.objects.values_list("pk", flat=True):
    found = count_returning(pk)
    bring_back(pk, version=found.version, as_of=found.as_of, wanted=found.wanted)
"""


def leave_out(world: World, owner: Owner, workflows: Iterable[str]) -> None:
    """From now on these of the owner's workflows, and no others, are left out at each of his destinations."""
    chosen = list(workflows)
    ids = [row[0] for row in world.rows(_IDS, (chosen,))]
    rules = [{"name": id_, "kind": "scope", "action": "exclude", "workflow": id_} for id_ in ids]
    world.tell(_VERSION, (json.dumps(rules), owner.user_id))
    world.left_out = (world.left_out - set(owner.workflows)) | set(chosen)


def take_out(world: World) -> None:
    """Asks for all that the rules exclude, everywhere."""
    world.manage("shell", "-v", "0", "-c", _ASK)


def bring_back(world: World) -> None:
    """What no rule excludes any more."""
    world.manage("shell", "-v", "0", "-c", _BRING_BACK)
