"""PostgreSQL or Snowflake is gone for a while: nothing fails for it, and nothing has to be done afterwards."""

import os
import random
import time

import pytest

from tests.chaos.results import result
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World
from tests.long import first

# Seconds that Snowflake is away.
OUTAGE = float(os.environ.get("CHAOS_OUTAGE", "6"))
LAYOUTS = ("per_execution", "per_workflow")

_COMPLETED = "SELECT count(*) FROM snowflake_sync_queue WHERE status = 'completed'"
_FAILED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'failed'"
_FAILED_OTHERWISE = """
SELECT error_code, error_message FROM snowflake_sync_queue
WHERE status = 'failed' AND error_code NOT IN ('database_unavailable', 'worker_died')
"""
_UNEXPECTED = "SELECT error_message FROM snowflake_sync_attempts WHERE error_code = 'unexpected'"
_PAUSED = "SELECT count(*), min(breaker_code) FROM snowflake_sync_destination_states WHERE breaker_state = 'open'"


def test_a_postgresql_that_cuts_connections_and_restarts(world: World) -> None:
    chance = random.Random(6)
    owner = world.application.add_owner(LAYOUTS)
    workers = [world.worker(host=host) for host in "ab"]
    completed = 0
    for trouble in ("storm", "storm", "immediate", "storm", "fast", "storm"):
        for number in range(4):
            world.application.complete(owner, result(chance, number))
        until(lambda: world.rows(_COMPLETED)[0][0] > completed, "something is loaded in between")  # noqa: B023
        completed = world.rows(_COMPLETED)[0][0]
        if trouble == "storm":
            for _ in range(5):
                world.postgres.terminate(world.database)
        else:
            world.postgres.restart(trouble)
    world.settle()
    assert all(worker.runs for worker in workers), world.fleet.output()
    # So many outages may use up the retries of one, and of no more than that.
    assert not world.rows(_FAILED_OTHERWISE)
    assert not world.rows(_UNEXPECTED)
    world.finish()
    judge(world, used_up_share=0)


@pytest.mark.parametrize("way", first(1, ["refuses connections", "does not answer"]))
def test_a_snowflake_that_is_down_fails_nothing(world: World, way: str) -> None:
    chance = random.Random(7)
    owner = world.application.add_owner(LAYOUTS)
    world.worker(lease=60)
    world.application.complete(owner, result(chance, 2))
    until(lambda: world.rows(_COMPLETED)[0][0], "the destinations work")

    world.snowflake.refuse() if way == "refuses connections" else world.snowflake.freeze()
    began = time.monotonic()
    for number in range(10):
        world.application.complete(owner, result(chance, number))
    # The outage is as long as it is; everything else here waits for conditions.
    until(lambda: time.monotonic() - began > OUTAGE, "the outage is over", OUTAGE + 10)
    completed = world.rows(_COMPLETED)[0][0]
    world.snowflake.accept() if way == "refuses connections" else world.snowflake.thaw()
    # By then it has answered what it was asked during the outage, log-ins that nobody waits for any more among it.
    until(lambda: world.rows(_COMPLETED)[0][0] > completed, "it answers again", OUTAGE + 60)
    world.calm()

    world.settle(OUTAGE + 120)
    assert world.rows(_FAILED) == [(0,)]
    assert world.rows(_PAUSED) == [(0, None)]
    world.finish()
    judge(world, used_up_share=0)
