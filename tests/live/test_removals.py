"""What a rule excludes is taken out again."""

import pytest

from sync.errors import SyncError
from sync.models import SyncAttempt, Workflow, WorkflowExecution
from sync.operations import erase_results
from sync.queue import Erased
from sync.snowflake.identifiers import qualified, quote
from tests.live.account import Account
from tests.live.whole_way import arrive, table_of
from tests.load.excluded import ask, complete, exclude, is_forgotten, noisy
from tests.world import World

__all__ = ["noisy"]

COLUMNS = [("a", "integer"), ("b", "string")]


def take_out(world: World, *executions: WorkflowExecution) -> None:
    exclude(world, "noisy")
    assert ask(world).changed == len(executions)
    world.work()
    assert all(map(is_forgotten, executions))


def latest(execution: WorkflowExecution) -> list[SyncAttempt]:
    return list(SyncAttempt.objects.filter(item__execution=execution, outcome="removed"))


def names(account: Account) -> set[str]:
    return {row["name"] for row in account.ask(f"SHOW TABLES IN SCHEMA {quote(account.schema)}").rows}


def test_an_own_table_is_dropped(world: World, account: Account, noisy: Workflow) -> None:
    """A table of an execution's own that a rule excludes is dropped, and no other; UNDROP brings it back."""
    loud, kept = complete(world, noisy), arrive(world, COLUMNS, [[1, "x"]])
    table = table_of(world, loud)
    take_out(world, loud)
    assert kept.snowflake_table_name in names(account)
    assert loud.execution_id.upper().replace("-", "_") not in str(names(account))
    account.ask(f"UNDROP TABLE {table}")
    assert account.rows(f"SELECT COUNT(*) FROM {table}") == [(2,)]


def test_an_erased_table_cannot_be_had_back(world: World, account: Account, noisy: Workflow) -> None:
    """What is erased has no Time Travel: UNDROP does not bring it back."""
    loud = complete(world, noisy)
    world.work()
    table = table_of(world, loud)
    erase_results(Erased("execution", loud.execution_id))
    assert loud.execution_id.upper().replace("-", "_") not in str(names(account))
    with pytest.raises(SyncError):
        account.ask(f"UNDROP TABLE {table}")


def test_a_table_that_was_dropped_by_hand(world: World, account: Account, noisy: Workflow) -> None:
    """Of a table that somebody has dropped nothing is left, nor of what is made to see whether it is hidden."""
    loud = complete(world, noisy)
    world.work()
    account.ask(f"DROP TABLE {table_of(world, loud)}")
    take_out(world, loud)
    assert loud.execution_id.upper().replace("-", "_") not in str(names(account))


def test_rows_of_a_shared_table_are_deleted(world: World, account: Account, noisy: Workflow) -> None:
    """Rows of executions that a rule excludes are deleted from a table that others share, whose rows stay."""
    loud = [complete(world, noisy, snowflake_table_name="SHARED") for _ in range(2)]
    kept = complete(world, world.workflow, snowflake_table_name="SHARED")
    world.work()
    take_out(world, *loud)
    assert [attempt.row_count for one in loud for attempt in latest(one)] == [2, 2]
    assert account.rows(f'SELECT DISTINCT "_EXECUTION_ID" FROM {table_of(world, kept)}') == [(kept.execution_id,)]


def test_a_table_whose_ownership_was_taken(world: World, admin: Account, noisy: Workflow) -> None:
    """A table that another role owns by now, and ours does not see, does not count as removed: table_refused."""
    loud = complete(world, noisy)
    world.work()
    table = table_of(world, loud)
    owner = quote(admin.admin_role)
    admin.administer(
        f"GRANT OWNERSHIP ON TABLE {qualified(admin.database, admin.schema)}.{table.partition('.')[2]} TO ROLE {owner} "
        "REVOKE CURRENT GRANTS"
    )
    exclude(world, "noisy")
    ask(world)
    world.work()
    item = world.item(loud)
    assert (item.status, item.error_code, item.is_to_be_removed) == ("failed", "table_refused", True)
