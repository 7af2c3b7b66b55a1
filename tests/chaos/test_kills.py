"""SIGKILL at every step in turn: in Snowflake before it took effect, after it, and on its way; and in PostgreSQL."""

import random

from tests.chaos import holds
from tests.chaos.results import result
from tests.chaos.steps import AGAIN, FIRST, SHARED, hold, steps_of_a_kill, wait_until_held
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

_RESCUED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'rescued'"


def test_a_worker_killed_at_any_step_in_snowflake_costs_nothing(world: World) -> None:
    chance = random.Random(2)
    first = steps_of_a_kill(world, "per_execution", FIRST)
    later = steps_of_a_kill(world, "per_execution", AGAIN) + steps_of_a_kill(world, "per_workflow", SHARED)
    known = [world.application.complete(step.owner, result(chance, 3)) for step in later]
    assert world.worker("--once").popen.wait(120) == 0
    hold(world, first + later)
    for execution_id in known:
        world.application.complete_again(execution_id, result(chance, 5))
    for step in first:
        world.application.complete(step.owner, result(chance, 3))
    killed = world.worker("--concurrency", str(len(first + later)))
    wait_until_held(world, first + later)

    world.fleet.kill(killed)
    world.snowflake.clear_faults()
    world.expire(killed)
    world.worker()
    world.settle()

    assert world.rows(_RESCUED) == [(len(first + later),)]
    world.finish()
    judge(world, used_up_share=0)


def test_workers_killed_at_any_step_in_postgresql_cost_nothing(world: World) -> None:
    chance = random.Random(3)
    holds.install(world)
    # More threads than are held: a claim looks at as many items as threads are free, of which others hold some.
    threads = str(2 * len((*holds.LOADING, *holds.MAIN)))
    workers = {worker.name: worker for worker in [world.worker("--concurrency", threads) for _ in holds.MAIN]}
    # One statement claims for all threads: its steps are come to one after the other, by a worker each.
    for steps in (holds.LOADING, *zip(holds.MAIN)):
        for step in steps:
            owner = world.application.add_owner(["per_execution"])
            holds.hold(world, step, owner)
            world.application.complete(owner, result(chance, 2))
        until(lambda: set(holds.held(world)) >= set(steps), f"workers are held at {steps}")  # noqa: B023

    reader = workers.pop(holds.held(world)["read"])
    for worker in workers.values():
        world.fleet.kill(worker)
    holds.release(world, *workers.values(), but="read")
    # This one goes on as far as to the execution and its workflow, which it cannot read.
    with world.postgres.cursor(world.database) as cursor:
        cursor.execute("BEGIN; LOCK TABLE workflows")
        world.tell("DELETE FROM chaos_holds")
        until(lambda: holds.waits_for_a_lock(world, reader), "a worker waits to read")
        world.fleet.kill(reader)
        cursor.execute("COMMIT")
    holds.remove(world)
    world.expire(*workers.values(), reader)
    world.worker()
    world.settle()
    world.finish()
    judge(world, used_up_share=0)
