"""Names in any script: what is different stays different, from the application to Snowflake and back."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import SnowflakeConfiguration
from sync.models import SyncTable, WorkflowExecution
from sync.snowflake.identifiers import OWN_COLUMNS, qualified
from tests.factories import ExecutionFactory, WorkflowFactory
from tests.long import first
from tests.world import World

characters = st.characters(exclude_characters="\0")
ALIKE = ["unit price", "unit_price", "Unit Price", "UNIT_PRICE", "unit-price", "売上", "在庫", "é", "e\u0301", "größe"]
ALIKE += ["grösse", "current_date", "_current_date", "CURRENT_DATE", "_row_number", "_ROW_NUMBER_2", "", "__", "a", "A"]
# Half of them of one family, so that a few loads into a few tables are enough for names to meet.
keys = st.one_of(st.sampled_from(ALIKE[:5]), st.one_of(st.sampled_from(ALIKE), st.text(characters, max_size=8)))
drawn = st.one_of(st.sampled_from([key for key in ALIKE[5:] if key]), st.text(characters, min_size=1, max_size=8))


@st.composite
def several_loads(draw: st.DrawFn) -> list[list[tuple[str | None, list[str]]]]:
    """Of each load its results: the table that is asked for (None: one of its own), and the keys in their order."""
    tables = [None, *ALIKE[:2], draw(drawn)]
    results = st.tuples(st.sampled_from(tables), st.lists(keys, min_size=1, max_size=4, unique=True))
    return draw(st.lists(st.lists(results, min_size=3, max_size=5), min_size=3, max_size=3))


def in_tables(world: World) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What stands in Snowflake, by execution and table; a value is the key that it had."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    columns: dict[str, list[str]] = defaultdict(list)
    for table, column in world.snowflake.rows(
        "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'PUBLIC' "
        "ORDER BY TABLE_NAME, ORDINAL_POSITION"
    ):
        columns[table].append(column)
    for table, names in columns.items():
        for row in world.snowflake.rows(f"SELECT * FROM {qualified(world.snowflake.database, 'PUBLIC', table)}"):
            values = dict(zip(names, row, strict=True))
            found[values["_EXECUTION_ID"], table].append(
                {name: value for name, value in values.items() if name not in OWN_COLUMNS and value is not None}
            )
    return found


def start_anew(world: World) -> None:
    for table in SyncTable.objects.values_list("table_name", flat=True):
        world.snowflake.rows(f"DROP TABLE IF EXISTS {qualified(world.snowflake.database, 'PUBLIC', table)}")
    SyncTable.objects.all().delete()
    WorkflowExecution.objects.all().delete()


@pytest.mark.parametrize("case", first(1, ["upper", "preserve"]))
def test_every_value_is_read_back_under_its_key(world: World, case: str) -> None:
    world.configuration.identifier_case = case
    world.configuration.save()

    @settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(several_loads(), st.data())
    def carried(batches: list[list[tuple[str | None, list[str]]]], data: st.DataObject) -> None:
        start_anew(world)
        wanted: dict[str, tuple[str | None, list[str]]] = {}
        for batch in batches:
            for asked, names in batch:
                execution = ExecutionFactory.create(
                    workflow=world.workflow, snowflake_table_name=asked, **result(names)
                )
                wanted[execution.execution_id] = asked, names
            # New results of one that was loaded before, with its keys in another order.
            again = data.draw(st.sampled_from(list(wanted)))
            asked, names = wanted[again]
            names = data.draw(st.permutations([*names, "new"] if "new" not in names else names))
            WorkflowExecution.objects.filter(execution_id=again).update(**result(names))
            wanted[again] = asked, names
            world.work()
            check(world, wanted)

    carried()


def result(names: list[str]) -> dict[str, Any]:
    return {
        "result_columns": [{"name": name, "type": "string"} for name in names],
        "result_rows": [{name: name for name in names}],
        "result_total_rows": 1,
    }


def check(world: World, wanted: dict[str, tuple[str | None, list[str]]]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    asked_for: dict[str, set[str | None]] = defaultdict(set)
    meaning: dict[tuple[str, str], set[str]] = defaultdict(set)
    found = in_tables(world)
    assert {execution_id for execution_id, _ in found} == set(wanted), [
        (e.snowflake_table_name, e.snowflake_error_message)
        for e in WorkflowExecution.objects.exclude(snowflake_status="completed")
    ]
    for (execution_id, table), rows in found.items():
        asked, names = wanted[execution_id]
        assert [sorted(row.values()) for row in rows] == [sorted(names)]
        owners[execution_id].add(table)
        asked_for[table].add(asked if asked else execution_id)
        for column, key in rows[0].items():
            meaning[table, column].add(key)
    assert all(len(places) == 1 for places in owners.values())
    # A column has one key for good, and a table is one that was asked for. (Case is Snowflake's to fold.)
    assert all(len(keys) == 1 for keys in meaning.values())
    fold = str.lower if world.configuration.identifier_case == "upper" else str
    assert all(len({fold(str(name)) for name in names}) == 1 for names in asked_for.values())


def test_workflows_whose_ids_fold_alike_have_tables_of_their_own(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    ids = ["sales-eu", "sales_eu", "Sales EU", "営業", "経理"]
    executions = []
    for workflow_id in ids:
        world.workflow = WorkflowFactory.create(user=world.user, workflow_id=workflow_id)
        executions += [world.complete([("n", "string")], [[workflow_id]]) for _ in range(2)]
    world.work()
    names = []
    for number, execution in enumerate(executions):
        assert world.rows(execution, '"N"') == [(ids[number // 2],)] * 2
        execution.refresh_from_db()
        names.append(str(execution.snowflake_table_name))
    assert len(set(names)) == len(ids)
    assert {"WORKFLOW_SALES_EU", "WORKFLOW_営業", "WORKFLOW_経理"} <= set(names)
    assert names[2] == "WORKFLOW_SALES_EU"


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
def test_a_name_that_snowflake_refuses_gets_another(world: World, layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)
    refused = {"code": "002318", "sqlstate": "42601", "message": "invalid column definition name (ANSI reserved)"}
    words = "CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|CURRENT_USER|LOCALTIME|LOCALTIMESTAMP"
    world.snowflake.server.inject(f'CREATE TABLE .*"({words})"', "error", times=None, **refused)
    columns = [(word.lower(), "string") for word in words.split("|")]
    execution = world.complete(columns, [[name for name, _ in columns]])
    world.work()
    assert world.item(execution).status == "completed", world.item(execution).error_message
    assert world.rows(execution) == [tuple(name for name, _ in columns)]
    comment = world.snowflake.rows("SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC'")[0][0]
    assert "_LOCALTIME is 'localtime'" in comment


@pytest.mark.parametrize("first", [[[10], [20]], []])
def test_what_comes_first_does_not_decide_that_there_are_no_cents(world: World, first: list[list[int]]) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    for rows, declared in ((first, "number"), ([["10.5"]], "number"), ([["10.25"]], "decimal(12,2)")):
        execution = world.complete([("spend", declared)], rows)
        world.work()
        assert world.item(execution).status == "completed", world.item(execution).error_message
    found = [value for (value,) in world.rows(execution, '"SPEND"::TEXT')]
    assert sorted(found) == sorted(f"{value:.9f}" for value in [*(n for (n,) in first), 10.5, 10.25])


def test_a_column_of_whole_numbers_takes_a_fraction_later(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    whole = world.complete([("spend", "integer")], [[10**37]])
    world.work()
    finer = [world.complete([("spend", "number")], [["0.5"]]), world.complete([("spend", "integer")], [[7]])]
    world.work()
    # What is in the column already leaves no room for a fraction: that one fails, and says what helps.
    assert world.item(finer[0]).error_code == "table_conflict"
    assert world.item(finer[1]).status == "completed"
    for value, change in (
        ("0.25", {"snowflake_table_name": "another"}),
        ("0.75", {"snowflake_table_name": None, "result_columns": [{"name": "spend_exact", "type": "number"}]}),
    ):
        WorkflowExecution.objects.filter(pk=finer[0].pk).update(**change, result_rows=[[value]])
        world.work()
        assert world.item(finer[0]).status == "completed", change
    assert world.item(whole).status == "completed"
