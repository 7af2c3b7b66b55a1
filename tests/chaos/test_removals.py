"""What the rules exclude is taken out, whatever becomes of the workers meanwhile; and all else is there once."""

import random

import pytest

from tests.chaos.mischief import FAULTS
from tests.chaos.monkey import FEW, Monkey
from tests.chaos.results import result
from tests.chaos.rules import bring_back, leave_out, take_out
from tests.chaos.steps import (
    FIRST,
    OUT,
    OUT_GONE,
    OUT_SHARED,
    SHARED,
    WAYS,
    Step,
    hold,
    steps_of_a_kill,
    wait_until_held,
)
from tests.chaos.test_freezes import freeze_each_at_its_step
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

LEASE = 18
_RESCUED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'rescued'"
_REFUSED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'refused'"
_ASKED = "SELECT count(*) FROM snowflake_sync_queue WHERE is_to_be_removed"
_TABLES = """
SELECT TABLE_SCHEMA, TABLE_NAME FROM "{}".INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME LIKE 'WORKFLOW_EXECUTION%'
"""


def test_a_worker_killed_at_any_step_of_a_removal_leaves_nothing_there(world: World) -> None:
    chance = random.Random(11)
    gone = steps_of_a_kill(world, "per_execution", OUT_GONE)
    steps = gone + steps_of_a_kill(world, "per_execution", OUT) + steps_of_a_kill(world, "per_workflow", OUT_SHARED)
    for step in steps:
        world.application.complete(step.owner, result(chance, 3))
    assert world.worker("--once").popen.wait(120) == 0
    schemas = {f"S_{step.owner.logins[0].split('_')[-2]}_0" for step in gone}
    for row in world.snowflake_rows(_TABLES.format(world.application.snowflake_database)):
        if row["TABLE_SCHEMA"] in schemas:
            name = f'"{world.application.snowflake_database}"."{row["TABLE_SCHEMA"]}"."{row["TABLE_NAME"]}"'
            world.snowflake_rows(f"DROP TABLE {name}")
    for step in steps:
        leave_out(world, step.owner, step.owner.workflows)
    take_out(world)
    assert world.rows(_ASKED) == [(len(steps),)]
    hold(world, steps)
    killed = world.worker("--concurrency", str(len(steps)))
    wait_until_held(world, steps)

    world.fleet.kill(killed)
    world.snowflake.clear_faults()
    world.expire(killed)
    world.worker()
    world.settle()

    assert world.rows(_RESCUED) == [(len(steps),)]
    world.finish()
    judge(world, used_up_share=0)


# The layout, and the statement at which a worker freezes; `lost`: it is sent once more when the worker wakes up.
REMOVING = (("per_execution", OUT["drop"]), ("per_workflow", OUT_SHARED["delete"]))
LOADING = (("per_execution", FIRST["copy"]), ("per_workflow", SHARED["copy"]))


@pytest.mark.parametrize("what", ["a removal, and then it is loaded anew", "a load, and then a rule leaves it out"])
@pytest.mark.long
def test_what_a_frozen_worker_sends_late_does_no_harm(world: World, what: str) -> None:
    chance = random.Random(12)
    removes = what.startswith("a removal")
    steps = [
        Step(match, match, way, world.application.add_owner([layout]))
        for layout, match in (REMOVING if removes else LOADING)
        for way in WAYS
    ]
    if removes:
        for step in steps:
            world.application.complete(step.owner, result(chance, 3))
        assert world.worker("--once").popen.wait(120) == 0
        for step in steps:
            leave_out(world, step.owner, step.owner.workflows)
        take_out(world)
    hold(world, steps)
    workers = [world.worker("--concurrency", "1", lease=LEASE) for _ in steps]
    if not removes:
        for step in steps:
            world.application.complete(step.owner, result(chance, 3))
    frozen = freeze_each_at_its_step(world, steps, workers)
    world.snowflake.clear_faults()
    for step in steps:
        leave_out(world, step.owner, () if removes else step.owner.workflows)

    world.worker(lease=LEASE)
    until(lambda: world.rows(_RESCUED)[0][0] >= len(frozen), "the leases of the frozen workers end", LEASE + 60)
    world.settle()
    for worker in frozen:
        world.fleet.thaw(worker)
        worker.says("The lease was lost; registering again")
    until(lambda: world.rows(_REFUSED)[0][0] >= len(frozen), "the late ends are refused")
    world.settle()
    world.finish()
    judge(world, used_up_share=0)


LAYOUTS = (["per_execution"], ["per_workflow"], ["per_workflow", "per_execution"])


@pytest.mark.long
@pytest.mark.timeout(600)
def test_removals_among_loads_at_random(world: World) -> None:
    chance = random.Random(13)
    owners = [world.application.add_owner(layouts, workflows=2) for layouts in LAYOUTS]
    monkey = Monkey(world, 13, 2, 2.0, 45, iter(FEW), hurried=True)
    known: list[str] = []

    def complete(count: int) -> None:
        for number in range(count):
            owner = chance.choice(owners)
            known.append(world.application.complete(owner, result(chance, number % 5), workflow=chance.randrange(2)))
            if chance.random() < 0.3:
                world.application.complete_again(chance.choice(known), result(chance, 2))

    complete(12)
    world.snowflake.disturb(0.05, 13, FAULTS)
    for turn in range(4):
        until(lambda: monkey.has_done(turn + 1), "something was done to the workers", pause=0.1)  # noqa: B023
        for owner in owners:
            leave_out(world, owner, chance.sample(owner.workflows, chance.randrange(3)))
        take_out(world)
        complete(6)
    until(lambda: monkey.has_done(len(FEW) + 1), "all was done to the workers", pause=0.1)
    monkey.rest()
    world.calm()
    world.settle()
    # In the end the first workflow of each is left out, what is loaded of it is taken out, and the other comes back.
    for owner in owners:
        leave_out(world, owner, owner.workflows[:1])
    bring_back(world)
    world.settle()
    take_out(world)
    world.settle()
    world.finish()
    judge(world)
