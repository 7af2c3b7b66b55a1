"""Workflows without a workflow_id, in Snowflake and where rules are held against what was loaded."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sync.alerts.condition import Seen
from sync.alerts.idle_rules import idle_rules
from sync.operations import change_rules
from tests.unnamed import workflows_without_ids
from tests.warehouse.conftest import Catalogued
from tests.warehouse.viewing import names


def test_they_go_by_their_id(catalogued: Catalogued) -> None:
    world = catalogued.world
    idle = {"kind": "column", "action": "hash", "name": "Hash", "columns": ["mail"], "workflow": str(world.workflow.pk)}
    with workflows_without_ids():
        change_rules(world.configuration.pk, [idle], author="", expected_version=None)
        executions = catalogued.complete(3)
        catalogued.work()
        assert catalogued.row(executions[0], "WORKFLOW_ID") == {"WORKFLOW_ID": str(world.workflow.pk)}
        latest, everything = names(world)
        assert len(world.snowflake.rows(f'SELECT "A" FROM "{latest}"')) == 1
        assert len(world.snowflake.rows(f'SELECT "A" FROM "{everything}"')) == 3
        (found,) = idle_rules(timezone.now(), Seen())
        assert "matches no column of the last 3 results" in found.facts["what"]
        with pytest.raises(CommandError, match="Further results would be loaded"):
            call_command("erase_syncs", "--workflow", str(world.workflow.pk), "--yes")
