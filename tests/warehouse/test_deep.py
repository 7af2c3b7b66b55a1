"""One run's rows, as they would be loaded again, against those in Snowflake."""

from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, WorkflowExecution
from sync.snowflake.session import Pool
from sync.warehouse import Deep, compare_deeply
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer"), ("spent", "decimal(10,2)"), ("more", "json")]
ROWS = [["Spring", 17, "1.50", {"a": [1, None]}], ["", None, None, None], ["Autumn", 3, "2.25", "text"]]


def compared(world: World, execution: WorkflowExecution) -> Deep:
    pool = Pool()
    item = SyncQueueItem.objects.select_related("execution").get(execution=execution, configuration=world.configuration)
    found = compare_deeply(item, pool)
    pool.close()
    return found


def table_of(world: World, execution: WorkflowExecution) -> str:
    execution.refresh_from_db()
    return f'"{world.snowflake.database}"."PUBLIC"."{execution.snowflake_table_name}"'


def test_rows_are_equal_or_told_by_number(world: World) -> None:
    own = world.complete(COLUMNS, ROWS)
    world.work()
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    shared, beside = world.complete(COLUMNS, ROWS), world.complete(COLUMNS, ROWS[:1])
    world.work()
    t, together = table_of(world, own), table_of(world, shared)

    for execution, rows in ((own, 3), (shared, 3), (beside, 1)):
        found = compared(world, execution)
        assert found.are_equal
        assert found.said.endswith(f"has the same {rows} row{'s' if rows > 1 else ''}.")

    world.snowflake.rows(f"UPDATE {t} SET CLICKS = 18 WHERE CLICKS = 17")
    assert compared(world, own).said.endswith("has 3 rows; 3 were loaded. 1 row differs, by number: 1.")
    world.snowflake.rows(f"DELETE FROM {t} WHERE CAMPAIGN = 'Autumn'")
    assert compared(world, own).said.endswith("has 2 rows; 3 were loaded. 2 rows differ, by number: 1, 3.")
    world.snowflake.rows(f"""UPDATE {together} SET MORE = NULL WHERE "_EXECUTION_ID" = '{shared.execution_id}'""")
    assert compared(world, shared).said.endswith("has 3 rows; 3 were loaded. 2 rows differ, by number: 1, 3.")
    assert compared(world, beside).are_equal, "another run's rows do not count"
    world.snowflake.rows(f"ALTER TABLE {t} DROP COLUMN SPENT")
    assert compared(world, own).said.endswith("lacks the columns SPENT.")
    world.snowflake.rows(f"DROP TABLE {t}")
    assert compared(world, own).said.endswith("is not there.")
    assert not [one for one in world.snowflake.statements("Autumn") if one.tag != "test"], "no value is in a statement"


def test_what_cannot_be_compared_says_why(world: World) -> None:
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    SyncQueueItem.objects.update(rules_version=7)
    assert compared(world, execution).said == "Version 7 of the rules, by which it was loaded, is gone."
    SyncQueueItem.objects.update(rules_version=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_executions SET result_rows = NULL")
    assert compared(world, execution) == Deep(
        None, "The application has no results of it any more: what is in Snowflake is the only copy."
    )
    SyncQueueItem.objects.filter(configuration=world.configuration).update(status="failed")
    assert "is not known to be this result" in compared(world, execution).said
