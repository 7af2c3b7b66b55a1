"""Views while tables that they name are not where they were loaded to."""

from datetime import timedelta

import pytest

from sync import warehouse
from sync.models import SyncFinding
from sync.operations import Cure, cure_finding
from sync.postgres import fetch
from sync.snowflake.session import Pool, Session
from sync.snowflake.warehouse import View, change_view
from sync.warehouse import view_register, views
from tests.warehouse.viewing import NOON, follow, loaded, names, own_table, shown
from tests.world import World


@pytest.mark.parametrize(
    ("by_hand", "cure", "left"),
    [
        ("DROP TABLE {}", Cure.ADOPT, [0]),
        ("DROP TABLE {}", Cure.LOAD_AGAIN, [0, 1]),
        ("ALTER TABLE {} RENAME TO ELSEWHERE", Cure.ADOPT, [0, 1]),
    ],
)
def test_views_go_without_a_table_that_somebody_has_taken(
    world: World, by_hand: str, cure: Cure, left: list[int]
) -> None:
    before = loaded(world, NOON - timedelta(days=1), rows=[[0]])
    latest = loaded(world)
    follow(world, before, latest)
    latest_view, all_view = names(world)
    world.snowflake.rows(by_hand.format(own_table(latest)))
    pool = Pool()
    try:
        warehouse.reconcile(world.configuration.pk, pool)
        follow(world)
        assert shown(world, latest_view) == shown(world, all_view) == [0]

        cure_finding(SyncFinding.objects.get(closed_at=None).pk, cure)
        follow(world)
        assert 0 in shown(world, all_view)
        world.work()
        follow(world, before, latest)
        assert shown(world, all_view) == left
        assert shown(world, latest_view) == left[-1:]
    finally:
        pool.close()


def test_another_account_is_another_place(world: World) -> None:
    follow(world, loaded(world, NOON - timedelta(days=1), rows=[[0]]))
    for table in ("tables", "views"):
        assert fetch(f"UPDATE snowflake_sync_{table} SET account = 'before' RETURNING 1")
    latest_view, all_view = names(world)
    # As where the destination is now, where it never was.
    world.snowflake.rows(f'DROP VIEW "{latest_view}"')
    world.snowflake.rows(f'DROP VIEW "{all_view}"')

    kept = loaded(world, NOON - timedelta(days=2))
    follow(world, kept)

    assert shown(world, latest_view) == shown(world, all_view) == [1]


def test_views_that_were_changed_by_two_at_once_are_made_once_more(world: World) -> None:
    """A statement took longer than they were held for, and its definition is the older one."""
    follow(world, loaded(world, NOON - timedelta(days=1), rows=[[0]]))
    overtaking = iter([True])

    def slowly(session: Session, view: View) -> None:
        if next(overtaking, False):
            follow(world, loaded(world, NOON + timedelta(days=1), rows=[[2]]))
        change_view(session, view)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(view_register, "BUSY", 0)
        patched.setattr(views, "change_view", slowly)
        follow(world, loaded(world))
    latest_view, all_view = names(world)
    assert shown(world, latest_view) == [1]

    follow(world)
    assert shown(world, latest_view) == [2]
    assert shown(world, all_view) == [0, 1, 2]
    assert follow(world) == 0
