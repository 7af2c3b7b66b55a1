"""Workers that are killed, or frozen and woken again, with a statement under way that ends long after their rescue.

Its results are large enough for a named transaction, whose statements the lease does not bound. What was under way is
held until everything else is done: nothing of it may land then.
"""

import random

import pytest

from tests.chaos.fleet import WorkerProcess
from tests.chaos.results import large_result, result
from tests.chaos.steps import FENCED, WAYS, Step, steps_of_a_kill, wait_until_held
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

# Such a lease leaves other statements two seconds, in which so many bytes may not be loaded.
LEASE = 33
LARGE = 900_000
NAMES = ("campaign", "clicks")
_HOLDER = """
SELECT worker.pid
FROM snowflake_sync_queue AS item
JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
JOIN snowflake_sync_workers AS worker ON worker.id = item.worker_id
WHERE item.status = 'processing' AND configuration.username = %s
"""
_OPEN_LOADS = "SELECT count(*) FROM snowflake_sync_queue WHERE open_load IS NOT NULL"
_COMPLETED = "SELECT count(*) FROM snowflake_sync_queue WHERE status = 'completed'"
_END_LEASE = "UPDATE snowflake_sync_workers SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE pid = ANY(%s)"


def _hold_once(world: World, steps: list[Step]) -> None:
    """Each owner's load stops at its step until the faults are taken away; whoever comes after it does not."""
    for step in steps:
        (login,) = step.owner.logins
        world.snowflake.inject(step.match, WAYS[step.way], user=login, seconds=600, sticky=True)


def _begin(world: World, chance: random.Random, first: list[Step], later: list[Step]) -> None:
    """Large results for all; those of `later` replace small ones, which are loaded here."""
    small = [world.application.complete(step.owner, result(chance, 3, names=NAMES)) for step in later]
    assert world.worker("--once").popen.wait(120) == 0
    _hold_once(world, first + later)
    for execution_id in small:
        world.application.complete_again(execution_id, large_result(chance, LARGE))
    for step in first:
        world.application.complete(step.owner, large_result(chance, LARGE))


def _end(world: World, steps: list[Step]) -> None:
    """All that was under way goes on to its end, and nothing of it is found."""
    until(lambda: world.rows(_COMPLETED)[0][0] == len(steps), "all is loaded while it is still under way", 120, 0.2)
    world.snowflake.clear_faults()
    until(lambda: not any(found.requests for found in world.snowflake.sessions()), "the late statements ended")
    world.settle()
    assert world.rows(_OPEN_LOADS) == [(0,)]
    world.finish()
    judge(world, used_up_share=0)


def test_what_a_killed_worker_left_under_way_never_lands(world: World) -> None:
    chance = random.Random(7)
    first = steps_of_a_kill(world, "per_execution", {name: FENCED[name] for name in ("begin", "copy", "commit")})
    later = [step for layout in ("per_execution", "per_workflow") for step in steps_of_a_kill(world, layout, FENCED)]
    steps = first + later
    _begin(world, chance, first, later)
    # Only now: a small one goes in short statements, which have ended with a lease, but not when it is said to be over.
    killed = world.worker("--concurrency", str(len(steps)), lease=LEASE, host="b")
    wait_until_held(world, steps, 120)

    # Between two tries of the connector a session has no connection.
    world.fleet.ports_of_the_killed |= {port for found in world.snowflake.sessions() for port in found.ports}
    world.fleet.kill(killed)
    world.tell(_END_LEASE, ([killed.pid],))
    world.worker()

    _end(world, steps)


@pytest.mark.long
def test_workers_frozen_with_a_statement_under_way_and_woken_again_load_nothing_late(world: World) -> None:
    chance = random.Random(8)
    steps = [
        Step(match, match, way, world.application.add_owner([layout]))
        for layout, match, way in (
            ("per_execution", FENCED["begin"], "late"),
            ("per_execution", FENCED["copy"], "late"),
            ("per_workflow", FENCED["copy"], "done"),
            ("per_workflow", FENCED["commit"], "late"),
        )
    ]
    _begin(world, chance, [], steps)
    workers = [world.worker("--concurrency", "1", lease=LEASE, host="b") for _ in steps]
    wait_until_held(world, steps, 120)
    frozen = _freeze(world, steps, workers)
    world.tell(_END_LEASE, ([worker.pid for worker in frozen],))

    other = world.worker()
    until(lambda: world.rows(_COMPLETED)[0][0] == len(steps), "another worker loads all", 120, 0.2)
    for worker in frozen:
        world.fleet.thaw(worker)
        worker.says("The lease was lost; registering again")
    assert all(worker.runs for worker in [*frozen, other])

    _end(world, steps)


def _freeze(world: World, steps: list[Step], workers: list[WorkerProcess]) -> list[WorkerProcess]:
    """Those that hold an item."""
    pids = {world.rows(_HOLDER, step.owner.logins)[0][0] for step in steps}
    holding = [worker for worker in workers if worker.pid in pids]
    for worker in holding:
        world.fleet.freeze(worker)
    return holding
