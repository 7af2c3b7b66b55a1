"""Of each workflow the last results stay and all else goes, whatever becomes of workers and of Snowflake meanwhile."""

import random

import pytest

from tests.chaos.mischief import FAULTS
from tests.chaos.monkey import FEW, Monkey
from tests.chaos.results import result
from tests.chaos.retention import keep_last, past, prune
from tests.chaos.verdict import judge, retried_by_hand
from tests.chaos.waiting import until
from tests.chaos.world import World

LAYOUTS = (["per_execution"], ["per_workflow"], ["per_workflow", "per_execution"])
KEPT = 2


@pytest.mark.long
@pytest.mark.timeout(600)
def test_retention_among_loads_at_random(world: World) -> None:
    chance = random.Random(17)
    owners = [world.application.add_owner(layouts, workflows=2) for layouts in LAYOUTS]
    keep_last(world, KEPT)
    monkey = Monkey(world, 17, 2, 2.0, 45, iter(FEW), hurried=True)
    known: list[str] = []

    world.snowflake.disturb(0.05, 17, FAULTS)
    for turn in range(5):
        for number in range(10):
            owner = chance.choice(owners)
            rows = result(chance, number % 5)
            known.append(world.application.complete(owner, rows, workflow=chance.randrange(2)))
            if chance.random() < 0.3:
                world.application.complete_again(chance.choice(known), result(chance, 2))
        until(lambda: monkey.has_done(turn + 1), "something was done to the workers", pause=0.1)  # noqa: B023
        prune(world)
    until(lambda: monkey.has_done(len(FEW) + 1), "all was done to the workers", pause=0.1)
    monkey.rest()
    world.calm()
    world.settle()
    retried_by_hand(world, 0.1)
    prune(world)
    world.settle()
    world.past = past(world, KEPT)
    assert len(known) - 6 * KEPT <= len(world.past) < len(known)
    world.finish()
    judge(world, used_up_share=0)
