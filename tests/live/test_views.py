"""Views of a workflow's results, as the publisher of the catalogue makes them, and what becomes of them."""

import secrets
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync import warehouse
from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.session import Pool
from tests.live.account import Account
from tests.live.whole_way import arrive, change
from tests.world import World

COLUMNS = [("a", "integer"), ("b", "string")]


def publish(world: World) -> None:
    world.configuration.refresh_from_db()
    pool = Pool()
    try:
        warehouse.publish_whole(world.configuration.pk, pool)
    finally:
        pool.close()


def shown(world: World, account: Account, which: str, what: str = "A, B") -> list[tuple[Any, ...]]:
    name = qualified(account.database, account.schema, f"{world.workflow.name.upper()}_{which}")
    return account.rows(f"SELECT {what} FROM {name} ORDER BY 1")


@pytest.fixture
def named(world: World, account: Account) -> World:
    """A destination with a catalogue of this test's own, and a workflow whose name no other test's has."""
    mine = secrets.token_hex(4)
    world.workflow.name = account.name(f"RUNS_{mine}").lower()
    world.workflow.save()
    SnowflakeConfiguration.objects.update(catalogue_name=quote(account.name(f"EXECUTIONS_{mine}")), makes_views=True)
    return world


@pytest.mark.parametrize("later", [COLUMNS[:1], [("a", "string"), ("c", "json")]])
def test_views_can_be_read_whatever_becomes_of_the_latest(named: World, account: Account, later: Any) -> None:
    """Views of own tables show the latest and all; they can be read after a load of other columns, and follow it."""
    arrive(named, COLUMNS, [[1, "x"]])
    latest = arrive(named, COLUMNS, [[2, "y"]])
    publish(named)
    assert shown(named, account, "LATEST") == [(2, "y")]
    assert shown(named, account, "ALL") == [(1, "x"), (2, "y")]

    change(named, latest, later, [["3"] * len(later)] if len(later) > 1 else [[3]])

    assert len(shown(named, account, "LATEST", "A")) == len(shown(named, account, "ALL", "A")) == 1
    publish(named)
    assert len(shown(named, account, "LATEST", ", ".join(name.upper() for name, _ in later))) == 1


def test_the_latest_of_a_shared_table(named: World, account: Account) -> None:
    """A subquery of the catalogue says which rows of a shared table are the latest."""
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    arrive(named, COLUMNS, [[1, "x"]])
    publish(named)
    assert shown(named, account, "LATEST") == [(1, "x")]
    arrive(named, COLUMNS, [[2, "y"]])
    publish(named)
    assert (shown(named, account, "LATEST"), len(shown(named, account, "ALL"))) == ([(2, "y")], 2)


def test_a_name_that_is_taken(named: World, account: Account) -> None:
    """CREATE VIEW does not replace somebody's table; the view gets another name, and its comment says whose it is."""
    taken = f"{named.workflow.name.upper()}_LATEST"
    account.ask(f"CREATE TABLE {qualified(account.database, account.schema, taken)} (A INT)")
    arrive(named, COLUMNS, [[1, "x"]])
    publish(named)
    assert shown(named, account, "LATEST", "A") == []
    where = f"IN SCHEMA {qualified(account.database, account.schema)} STARTS WITH {literal(taken[:-7])} LIMIT 10"
    rows = account.ask(f"SHOW VIEWS {where}").rows
    assert len(rows) == 2
    assert all(f"of the workflow {named.workflow.workflow_id}" in row["comment"] for row in rows)
