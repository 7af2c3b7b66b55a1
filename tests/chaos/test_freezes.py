"""Workers that are frozen (SIGSTOP) in the middle of a statement for longer than their lease, and wake up again."""

import random

from tests.chaos.fleet import WorkerProcess
from tests.chaos.results import result
from tests.chaos.steps import AGAIN, FIRST, SHARED, Step, hold
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

# All are frozen before the first lease ends, also where six workers start on two busy cores.
LEASE = 30
# The layout, the statement, and whether it had taken effect when the worker froze; `lost` and `late` had not.
FROZEN_AT = (
    ("per_execution", FIRST["copy"], "late"),
    ("per_execution", FIRST["copy"], "done"),
    ("per_execution", FIRST["copy"], "lost"),
    ("per_execution", AGAIN["overwrite"], "late"),
    ("per_workflow", SHARED["delete"], "done"),
    ("per_workflow", SHARED["commit"], "late"),
)
FIRST_LOADS = 3
_RESCUED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'rescued'"
_REFUSED = "SELECT count(*) FROM snowflake_sync_attempts WHERE outcome = 'refused'"
_HOLDER = """
SELECT worker.pid
FROM snowflake_sync_queue AS item
JOIN snowflake_configurations AS configuration ON configuration.id = item.configuration_id
JOIN snowflake_sync_workers AS worker ON worker.id = item.worker_id
WHERE item.status = 'processing' AND configuration.username = %s
"""


def test_workers_frozen_past_their_lease_and_woken_again_do_no_harm(world: World) -> None:
    chance = random.Random(5)
    steps = [Step(match, match, way, world.application.add_owner([layout])) for layout, match, way in FROZEN_AT]
    later = [world.application.complete(step.owner, result(chance, 3)) for step in steps[FIRST_LOADS:]]
    assert world.worker("--once").popen.wait(120) == 0
    hold(world, steps)
    workers = [world.worker("--concurrency", "1", lease=LEASE) for _ in steps]
    for execution_id in later:
        world.application.complete_again(execution_id, result(chance, 5))
    for step in steps[:FIRST_LOADS]:
        world.application.complete(step.owner, result(chance, 3))
    frozen = freeze_each_at_its_step(world, steps, workers)
    # What was under way takes effect, or is lost, while they are frozen.
    world.snowflake.clear_faults()

    other = world.worker(lease=LEASE)
    until(lambda: world.rows(_RESCUED)[0][0] >= len(frozen), "the leases of the frozen workers end", LEASE + 60)
    for worker in frozen:
        world.fleet.thaw(worker)
        worker.says("The lease was lost; registering again")
    world.settle()
    assert all(worker.runs for worker in [*frozen, other])
    # The late finish of a load that had been sent is refused, and the load is done once more.
    assert world.rows(_REFUSED)[0][0] > 0
    world.finish()
    judge(world, used_up_share=0)


def freeze_each_at_its_step(world: World, steps: list[Step], workers: list[WorkerProcess]) -> list[WorkerProcess]:
    by_pid = {worker.pid: worker for worker in workers}
    frozen: dict[str, WorkerProcess] = {}
    seen = 0

    def all_frozen() -> bool:
        nonlocal seen
        news = [strike for strike in world.strikes() if strike.n > seen]
        for strike in news:
            holder = world.rows(_HOLDER, (strike.user,))
            if strike.user not in frozen and holder:
                frozen[strike.user] = by_pid[holder[0][0]]
                world.fleet.freeze(frozen[strike.user])
            seen = strike.n
        return len(frozen) == len(steps)

    until(all_frozen, "each worker is frozen at its step", 180, pause=0.01)
    return list(frozen.values())
