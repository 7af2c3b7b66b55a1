"""Of each workflow the last results stay and all else goes, whatever becomes of workers and of Snowflake meanwhile."""

import random

import pytest

from tests.chaos.length import EXECUTIONS, KILL_EVERY, LONG, SECONDS, SEED, WORKERS
from tests.chaos.mischief import FAULTS
from tests.chaos.monkey import FEW, Monkey, without_end
from tests.chaos.results import result
from tests.chaos.retention import keep_last, past, prune
from tests.chaos.verdict import judge, retried_by_hand
from tests.chaos.waiting import until
from tests.chaos.world import World

LAYOUTS = (["per_execution"], ["per_workflow"], ["per_workflow", "per_execution"])
KEPT = 2
A_TURN = 10
TURNS = EXECUTIONS // A_TURN if LONG else 5
# More of them than come in a few turns are waited for.
BACKLOG = 100


@pytest.mark.long
@pytest.mark.timeout(3 * SECONDS if LONG else 600)
def test_retention_among_loads_at_random(world: World) -> None:
    print(f"CHAOS_SEED={SEED}")
    chance = random.Random(SEED)
    owners = [world.application.add_owner(layouts, workflows=2) for layouts in LAYOUTS]
    keep_last(world, KEPT)
    deeds = without_end() if LONG else iter(FEW)
    monkey = Monkey(world, SEED, WORKERS, KILL_EVERY, 45, deeds, hurried=not LONG)
    known: list[str] = []

    world.snowflake.disturb(0.05, SEED, FAULTS)
    for turn in range(TURNS):
        for number in range(A_TURN):
            owner = chance.choice(owners)
            rows = result(chance, number % 5)
            known.append(world.application.complete(owner, rows, workflow=chance.randrange(2)))
            if chance.random() < 0.3:
                world.application.complete_again(chance.choice(known), result(chance, 2))
        until(lambda: monkey.has_done(turn + 1), "something was done to the workers", pause=0.1)  # noqa: B023
        until(lambda: monkey.has_done(0) and world.open_items() < BACKLOG, "few are waiting", SECONDS, pause=0.1)
        prune(world)
    until(lambda: monkey.has_done(len(FEW) + 1), "all was done to the workers", pause=0.1)
    monkey.rest()
    world.calm()
    world.settle(SECONDS)
    retried_by_hand(world, 0.1)
    prune(world)
    world.settle(SECONDS)
    world.past = past(world, KEPT)
    assert len(known) - 6 * KEPT <= len(world.past) < len(known)
    world.finish()
    judge(world, used_up_share=0)
