"""What somebody breaks by hand in Snowflake is found by name, and what may be mended is mended."""

from decimal import Decimal

import pytest

from sync.models import SyncFinding, SyncReconciliation, WorkflowExecution
from sync.operations import CannotCureError, Cure, cure_finding, cures_of
from sync.snowflake import show_statements
from sync.snowflake.session import Pool
from sync.snowflake.warehouse import listing
from sync.warehouse import reconcile, said
from sync.warehouse.drift import known
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer"), ("spent", "decimal(10,2)")]
LOADED = [("Spring", 17, Decimal("1.50")), ("", None, None), ("Autumn", 3, Decimal("2.25"))]
ROWS = [["Spring", 17, "1.50"], ["", None, None], ["Autumn", 3, "2.25"]]

# By hand, of the table {t}: what is done, and what is found and said then.
WAYS = {
    "dropped": ("DROP TABLE {t}", "missing", "is not there"),
    "renamed": ("ALTER TABLE {t} RENAME TO {s}.ELSEWHERE", "renamed", "is called ELSEWHERE now"),
    "truncated": ("TRUNCATE TABLE {t}", "truncated", "has 0 rows; 3 were loaded"),
    "rows deleted": ("DELETE FROM {t} WHERE CLICKS = 3", "fewer_rows", "has 2 rows; 3 were loaded"),
    "rows put in": ("INSERT INTO {t} (CAMPAIGN) VALUES ('mine')", "more_rows", "has 4 rows; 3 were loaded"),
    "a column added": ("ALTER TABLE {t} ADD COLUMN MINE DATE", "columns", "MINE was added"),
    "a column dropped": ("ALTER TABLE {t} DROP COLUMN SPENT", "columns", "SPENT is gone"),
    "a column renamed": ("ALTER TABLE {t} RENAME COLUMN CLICKS TO HITS", "columns", "CLICKS is called HITS"),
    "another type": (
        "ALTER TABLE {t} ALTER COLUMN SPENT SET DATA TYPE NUMBER(20,2)",
        "columns",
        "SPENT is NUMBER(20,2), and was NUMBER(10,2)",
    ),
    "a view in its place": (
        "ALTER TABLE {t} RENAME TO {s}.ASIDE; COMMENT ON TABLE {s}.ASIDE IS ''; CREATE VIEW {t} AS SELECT 1 AS A",
        "replaced",
        "a view is in its place",
    ),
    "made anew": ("CREATE OR REPLACE TABLE {t} (A VARCHAR)", "replaced", "a table without our mark is in its place"),
    "ownership taken": ("GRANT OWNERSHIP ON TABLE {t} TO ROLE THEIRS", "other_owner", "belongs to the role THEIRS"),
    "a copy": ("CREATE TABLE {s}.MINE (A INT) COMMENT = '{mark}'", "unknown", "it is a copy"),
}


def table_of(world: World, execution: WorkflowExecution) -> str:
    execution.refresh_from_db()
    return f'"{world.snowflake.database}"."PUBLIC"."{execution.snowflake_table_name}"'


def by_hand(world: World, statements: str, **names: str) -> None:
    for statement in statements.format(s=f'"{world.snowflake.database}"."PUBLIC"', **names).split("; "):
        world.snowflake.rows(statement)


def found(world: World) -> dict[str, list[tuple[str, str]]]:
    """A look: by table, the kinds of what is open there, and what is said."""
    pool = Pool()
    reconcile(world.configuration.pk, pool)
    pool.close()
    open_: dict[str, list[tuple[str, str]]] = {}
    for one in SyncFinding.objects.filter(closed_at=None).order_by("id"):
        open_.setdefault(one.table_name, []).append((one.kind, said(one.kind, one.expected, one.found)))
    return open_


def test_each_way_of_breaking_a_table_is_found_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (show_statements, listing):
        monkeypatch.setattr(module, "SHOWN", 6)
    monkeypatch.setattr(known, "PAGE", 4)
    executions = {way: world.complete(COLUMNS, ROWS) for way in WAYS}
    world.complete(COLUMNS, ROWS)
    world.work()
    assert found(world) == {}
    for way, (statements, *_) in WAYS.items():
        mark = (
            f"universal-snowflake-sync: execution {executions[way].execution_id}, destination {world.configuration.pk}"
        )
        by_hand(world, statements, t=table_of(world, executions[way]), mark=mark)

    stranger = f"universal-snowflake-sync: execution x, destination {world.user.pk}"
    by_hand(world, "CREATE TABLE {s}.STRANGER (A INT) COMMENT = '{mark}'", mark=stranger)

    there = found(world)

    assert SyncReconciliation.objects.get().strangers == 1
    for way, (_, kind, words) in WAYS.items():
        executions[way].refresh_from_db()
        name = "MINE" if way == "a copy" else str(executions[way].snowflake_table_name)
        ((found_kind, sentence),) = there.pop(name)
        assert found_kind == kind, way
        assert words in sentence, way
    assert there == {}
    assert_mended(world, executions)


def assert_mended(world: World, executions: dict[str, WorkflowExecution]) -> None:
    """Load again mends what may be mended; the rest says what to do, and is quiet once it is adopted."""
    left = {}
    for one in SyncFinding.objects.filter(closed_at=None):
        if Cure.LOAD_AGAIN in cures_of(one):
            assert cure_finding(one.pk, Cure.LOAD_AGAIN) == 1
        else:
            left[one.pk] = one
            with pytest.raises(CannotCureError):
                cure_finding(one.pk, Cure.LOAD_AGAIN)
    assert {one.kind for one in left.values()} == {"replaced", "other_owner", "unknown"}
    world.work()
    # Where the table has another name by now, the earlier one is left: a copy.
    assert {kind for kinds in found(world).values() for kind, _ in kinds} == {"replaced", "other_owner", "unknown"}
    for way, (_, kind, _) in WAYS.items():
        if kind not in {"replaced", "unknown"}:
            assert world.rows(executions[way], "CAMPAIGN, CLICKS, SPENT") == LOADED
    for one in SyncFinding.objects.filter(closed_at=None):
        if one.kind == "replaced":
            with pytest.raises(CannotCureError, match="rename it or drop it"):
                cure_finding(one.pk, Cure.ADOPT)
        else:
            cure_finding(one.pk, Cure.ADOPT)
    by_hand(world, "GRANT OWNERSHIP ON TABLE {t} TO ROLE OTHERS", t=table_of(world, executions["ownership taken"]))
    # What was adopted is quiet, unless it changes once more.
    assert {kind for kinds in found(world).values() for kind, _ in kinds} == {"replaced", "other_owner"}
