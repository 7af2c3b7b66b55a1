"""A table's life on the whole way: the first load, later ones, and what others have hung on the table."""

from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.snowflake.identifiers import qualified, quote
from tests.live.account import Account
from tests.live.whole_way import arrive, change, table_of
from tests.world import Columns, World

COLUMNS = [("a", "integer"), ("b", "string")]
ROWS = [[1, "x"], [2, ""]]
LATER: dict[str, tuple[Columns, list[Any]]] = {
    "same": (COLUMNS, [[3, "y"]]),
    "more": ([*COLUMNS, ("c", "json")], [[3, "y", {"z": 1}]]),
    "fewer": (COLUMNS[:1], [[3]]),
    "others": ([("c", "float"), ("d", "timestamptz")], [[0.5, "2024-02-29T12:00:00+05:30"]]),
    "other types": ([("a", "string"), ("b", "string")], [["one", "y"]]),
    "none": (COLUMNS, []),
}


def test_a_first_load(world: World) -> None:
    """A first load makes the table and fills it."""
    assert world.rows(arrive(world, COLUMNS, ROWS)) == [(1, "x"), (2, "")]


def test_a_first_load_without_rows(world: World) -> None:
    """A first load without rows makes the table."""
    assert world.rows(arrive(world, COLUMNS, [])) == []


@pytest.mark.parametrize("kind", LATER)
def test_a_later_load(world: World, kind: str) -> None:
    """A later load replaces the rows, whatever its columns are."""
    columns, rows = LATER[kind]
    execution = arrive(world, COLUMNS, ROWS)
    change(world, execution, columns, rows)
    found = world.rows(execution, ", ".join(quote(name.upper()) for name, _ in columns))
    assert len(found) == len(rows)
    if kind in {"same", "other types"}:
        assert [list(row) for row in found] == rows


def test_transient_tables(world: World, account: Account) -> None:
    """A destination's tables are transient, without Time Travel, where it says so: also one that is made anew."""
    SnowflakeConfiguration.objects.update(is_transient=True, time_travel_days=0)
    execution = arrive(world, COLUMNS, ROWS)
    change(world, execution, *LATER["others"])
    assert len(world.rows(execution, "C, D")) == 1
    (row,) = account.ask(f"SHOW TABLES IN SCHEMA {qualified(account.database, account.schema)}").rows
    assert (row["kind"], str(row["retention_time"])) == ("TRANSIENT", "0")


def test_a_later_load_after_the_table_was_dropped(world: World, account: Account) -> None:
    """Where somebody has dropped the table, a later load makes it again."""
    execution = arrive(world, COLUMNS, ROWS)
    account.ask(f"DROP TABLE {table_of(world, execution)}")
    change(world, execution, COLUMNS, [[3, "y"]])
    assert world.rows(execution) == [(3, "y")]


def test_a_table_a_workflow(world: World) -> None:
    """In a shared table each execution replaces its own rows, and columns are added as results gain them."""
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    first, second = arrive(world, COLUMNS, ROWS), arrive(world, COLUMNS, [[5, "z"]])
    change(world, first, [*COLUMNS, ("c", "integer")], [[6, "v", 7]])
    table = table_of(world, first)
    assert table_of(world, second) == table
    found = world.snowflake.rows(f"SELECT A, B, C FROM {table} ORDER BY A")
    assert found == [(5, "z", None), (6, "v", 7)]


def test_a_table_of_somebody_else_s_is_left_alone(world: World, account: Account) -> None:
    """A table of that name that is not ours fails the execution with table_not_ours, and stays as it is."""
    account.ask(f"CREATE TABLE {quote(account.schema)}.THEIRS (A VARCHAR)")
    execution = world.complete(COLUMNS, ROWS, snowflake_table_name="THEIRS")
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == (SyncQueueItem.Status.FAILED, "table_not_ours")
    assert account.rows(f"SELECT * FROM {quote(account.schema)}.THEIRS") == []


def test_names_in_lower_case(world: World, account: Account) -> None:
    """Lower-case names, always quoted, work for schema, table and columns."""
    schema = account.run.lower()
    columns = [("lower case", "integer"), ("select", "string")]
    SnowflakeConfiguration.objects.update(schema=quote(schema), identifier_case="preserve")
    with account.another_schema(schema):
        execution = arrive(world, columns, ROWS)
        assert table_of(world, execution).startswith(quote(schema))
        assert world.rows(execution, '"lower case", "select"') == [(1, "x"), (2, "")]
        change(world, execution, columns, [[3, "y"]])
        assert world.rows(execution, '"lower case", "select"') == [(3, "y")]


def show(account: Account, sql: str, **wanted: Any) -> list[dict[str, Any]]:
    """The rows of a SHOW whose columns have these values."""
    rows = account.ask(sql).rows
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def test_a_reader_s_grant_survives(world: World, admin: Account) -> None:
    """A role that was given SELECT on a table has it after later loads of every kind."""
    role = admin.name("READER")
    admin.administer(f"CREATE ROLE {quote(role)}", undo=[f"DROP ROLE IF EXISTS {quote(role)}"])
    execution = arrive(world, COLUMNS, ROWS)
    table = table_of(world, execution)
    admin.ask(f"GRANT SELECT ON TABLE {table} TO ROLE {quote(role)}")
    for columns, rows in LATER.values():
        change(world, execution, columns, rows)
        assert show(admin, f"SHOW GRANTS ON TABLE {table}", privilege="SELECT", grantee_name=role)


@pytest.mark.parametrize("kind", ["same", "none", "more"])
def test_a_stream_stays_fresh(world: World, account: Account, kind: str) -> None:
    """A stream on a table is not stale after a later load."""
    execution = arrive(world, COLUMNS, ROWS)
    stream = f"{quote(account.schema)}.{quote('STREAM_' + kind.upper())}"
    account.ask(f"CREATE STREAM {stream} ON TABLE {table_of(world, execution)}")
    change(world, execution, *LATER[kind])
    assert account.rows(f"SELECT COUNT(*) > 0 FROM {stream}") == [(True,)]
    (row,) = account.ask(f"SHOW STREAMS LIKE 'STREAM_{kind.upper()}' IN SCHEMA {quote(account.schema)}").rows
    assert row["stale"] == "false"


@pytest.mark.parametrize("kind", ["same", "none", "more"])
def test_a_masking_policy_stays(world: World, account: Account, kind: str) -> None:
    """A masking policy on a column masks after a later load (Enterprise Edition)."""
    execution = arrive(world, COLUMNS, ROWS)
    policy = f"{quote(account.schema)}.{quote('MASK_' + kind.upper())}"
    account.ask(f"CREATE MASKING POLICY {policy} AS (V VARCHAR) RETURNS VARCHAR -> 'masked'")
    table = table_of(world, execution)
    account.ask(f"ALTER TABLE {table} MODIFY COLUMN B SET MASKING POLICY {policy}")
    change(world, execution, *LATER[kind])
    change(world, execution, *LATER["same"])
    assert world.rows(execution, "B") == [("masked",)]


def test_a_tag_stays(world: World, account: Account) -> None:
    """A tag on a table is there after a later load with other columns (Enterprise Edition)."""
    execution = arrive(world, COLUMNS, ROWS)
    tag, table = f"{quote(account.schema)}.TAGGED", table_of(world, execution)
    account.ask(f"CREATE TAG {tag}")
    account.ask(f"ALTER TABLE {table} SET TAG {tag} = 'kept'")
    change(world, execution, *LATER["others"])
    assert account.rows(f"SELECT SYSTEM$GET_TAG('{tag}', '{table}', 'table')") == [("kept",)]


def test_whose_a_table_is(world: World, account: Account) -> None:
    """A table belongs to the role of the configuration."""
    table_of(world, execution := arrive(world, COLUMNS, ROWS))
    named = f"SHOW TABLES LIKE '{execution.snowflake_table_name}' IN SCHEMA {quote(account.schema)}"
    assert [row["owner"] for row in account.ask(named).rows] == [account.destination.role]
