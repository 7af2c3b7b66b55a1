"""Tables are of the kind that their destination says, however they are made."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import WorkflowExecution
from tests.destinations.checking import run
from tests.world import World

COLUMNS = [("a", "integer"), ("b", "string")]
KEEPING = " DATA_RETENTION_TIME_IN_DAYS = 0 "


def made(world: World) -> list[str]:
    """The statements that made tables which stay."""
    sent = [statement.sql for statement in world.snowflake.statements()]
    return [sql for sql in sent if sql.startswith("CREATE") and " TABLE " in sql and " TEMPORARY " not in sql]


def test_every_table_that_stays_is_of_the_destinations_kind(world: World) -> None:
    SnowflakeConfiguration.objects.update(is_transient=True, time_travel_days=0)
    execution = world.complete(COLUMNS, [[1, "x"]])
    world.work()
    declared = [{"name": "c", "type": "float"}]
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_columns=declared, result_rows=[[0.5]])
    world.work()
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    world.complete(COLUMNS, [[2, "y"]])
    world.work()
    assert run(world).checked.passed
    first, anew, shared, check = made(world)
    assert all(sql.startswith("CREATE TRANSIENT TABLE ") for sql in (first, shared, check))
    assert anew.startswith("CREATE OR REPLACE TRANSIENT TABLE ")
    assert all(KEEPING in sql for sql in (first, anew, shared, check))


@pytest.mark.parametrize("days", [None, 30])
def test_a_permanent_table_has_its_days(world: World, days: int | None) -> None:
    SnowflakeConfiguration.objects.update(time_travel_days=days)
    execution = world.complete(COLUMNS, [[1, "x"]])
    world.work()
    (sql,) = made(world)
    assert sql.startswith("CREATE TABLE ")
    assert (f" DATA_RETENTION_TIME_IN_DAYS = {days} " in sql) == (days is not None)
    assert world.rows(execution) == [(1, "x")]


def test_more_days_than_the_edition_lets_tables_have_pause_the_destination(world: World) -> None:
    SnowflakeConfiguration.objects.update(time_travel_days=30)
    said = "SQL compilation error: invalid value [30] for parameter 'DATA_RETENTION_TIME_IN_DAYS'"
    world.snowflake.server.inject("^CREATE TABLE", "error", code="001008", sqlstate="22023", message=said)
    execution = world.complete(COLUMNS, [[1, "x"]])
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == ("pending", "time_travel_refused")
    world.configuration.refresh_from_db()
    assert world.configuration.state.breaker_code == "time_travel_refused"
