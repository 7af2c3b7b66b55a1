"""What belongs to another role, and a warehouse that sleeps."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.snowflake.identifiers import qualified, quote
from sync.snowflake.statements import STAGE
from tests.live.account import Account
from tests.live.whole_way import arrive
from tests.world import World

COLUMNS = [("a", "integer")]


@pytest.fixture
def theirs(world: World, admin: Account, request: pytest.FixtureRequest) -> str:
    """A schema of the administrator's, in which the sync's role may make tables and stages."""
    schema = admin.name(request.node.name.upper())
    name, role = qualified(admin.database, schema), quote(admin.destination.role)
    admin.administer(
        f"CREATE SCHEMA {name}",
        f"GRANT USAGE, CREATE TABLE, CREATE STAGE ON SCHEMA {name} TO ROLE {role}",
        undo=[f"DROP SCHEMA IF EXISTS {name}"],
    )
    SnowflakeConfiguration.objects.update(schema=quote(schema))
    return name


def test_a_table_of_another_role(world: World, admin: Account, theirs: str) -> None:
    """A table of that name that another role owns and nobody may see fails the execution with table_not_ours."""
    admin.administer(f"CREATE TABLE {theirs}.T (A VARCHAR)")
    execution = world.complete(COLUMNS, [[1]], snowflake_table_name="T")
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == (SyncQueueItem.Status.FAILED, "table_not_ours")


def test_a_stage_of_another_role(world: World, admin: Account, theirs: str) -> None:
    """A stage that another role owns pauses the destination with privilege_missing."""
    admin.administer(f"CREATE STAGE {theirs}.{STAGE}")
    world.complete(COLUMNS, [[1]])
    world.work()
    assert SnowflakeConfiguration.objects.get().state.breaker_code == "privilege_missing"


def warehouse(admin: Account, what: str, *, resumes: bool) -> str:
    """A warehouse that sleeps."""
    name = admin.name(what)
    admin.administer(
        f"CREATE WAREHOUSE {quote(name)} WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 "
        f"AUTO_RESUME = {str(resumes).upper()} INITIALLY_SUSPENDED = TRUE",
        f"GRANT USAGE ON WAREHOUSE {quote(name)} TO ROLE {quote(admin.destination.role)}",
        undo=[f"DROP WAREHOUSE IF EXISTS {quote(name)}"],
    )
    SnowflakeConfiguration.objects.update(warehouse=quote(name))
    return name


def test_a_warehouse_that_sleeps(world: World, admin: Account) -> None:
    """A warehouse that is suspended wakes up for a load."""
    warehouse(admin, "SLEEPS", resumes=True)
    assert world.rows(arrive(world, COLUMNS, [[1]])) == [(1,)]


def test_a_warehouse_that_nobody_wakes(world: World, admin: Account) -> None:
    """A suspended warehouse without AUTO_RESUME pauses the destination with warehouse_missing."""
    warehouse(admin, "STAYS_ASLEEP", resumes=False)
    world.complete(COLUMNS, [[1]])
    world.work()
    assert SnowflakeConfiguration.objects.get().state.breaker_code == "warehouse_missing"
