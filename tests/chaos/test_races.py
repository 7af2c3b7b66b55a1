"""Several workers, on several hosts, at the same items."""

import random

import pytest

from tests.chaos.results import result
from tests.chaos.verdict import judge
from tests.chaos.world import World

LAYOUTS = ("per_execution", "per_workflow")


@pytest.mark.long
def test_workers_that_race_for_the_same_items_load_each_once(world: World) -> None:
    chance = random.Random(1)
    owner = world.application.add_owner(LAYOUTS)
    for host in "abc":
        world.worker(host=host)
    for number in range(20):
        world.application.complete(owner, result(chance, number % 7))
    world.settle()
    world.finish()
    judge(world)
    loaded = "SELECT count(*), max(retry_count) FROM snowflake_sync_queue"
    assert world.rows(loaded) == [(40, 0)]
    assert world.rows("SELECT DISTINCT outcome FROM snowflake_sync_attempts") == [("completed",)]
    assert world.rows("SELECT count(*) FROM snowflake_sync_attempts") == [(40,)]
