"""What tests of erasure share."""

from typing import Any

from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import WorkflowExecution
from sync.operations import plan_erasure
from sync.queue import Erased, Whose
from tests.world import World


def off() -> None:
    SnowflakeConfiguration.objects.update(is_active=False)


def sql(statement: str, *params: Any) -> None:
    """As the application does it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def settle() -> None:
    """What was being loaded when its execution was deleted has ended by now."""
    sql("UPDATE snowflake_sync_removed_items SET removed_at = '2020-01-01'")


def tables(world: World) -> set[str]:
    return {row[0] for row in world.snowflake.rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES")}


def known(what: Erased) -> list[str]:
    """The tables that are known to have something of it."""
    return [left.table.name for place in plan_erasure(what) for left in place.left]


def subject(world: World, whose: Whose, execution: WorkflowExecution) -> Erased:
    named = {"user": str(world.user.pk), "workflow": "noisy", "execution": execution.execution_id}
    return Erased(whose, named[whose])
