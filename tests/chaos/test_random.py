"""Everything at once: small in `make test`, long in `make chaos`; a seed repeats a run as far as processes can."""

import os
import time
from collections import Counter

import pytest

from tests.chaos.crowd import Crowd
from tests.chaos.length import EXECUTIONS, KILL_EVERY, LONG, SECONDS, SEED, WORKERS
from tests.chaos.mischief import FAULTS
from tests.chaos.monkey import FEW, Monkey, without_end
from tests.chaos.verdict import judge
from tests.chaos.waiting import until
from tests.chaos.world import World

SHARE = float(os.environ.get("CHAOS_FAULTS", "0.05"))
# A lease of 45 s leaves a statement 6 s.
LEASE = 45
BACKLOG = 1000


class Progress:
    """A line every half minute."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def say(self, what: str) -> None:
        if time.monotonic() - self._said > 30:
            self._said = time.monotonic()
            print(f"{self._said - self._began:4.0f} s: {what}")


@pytest.mark.timeout(SECONDS + 300)
def test_at_random_nothing_is_lost_doubled_or_stalled(world: World) -> None:
    print(f"CHAOS_SEED={SEED} CHAOS_EXECUTIONS={EXECUTIONS} CHAOS_WORKERS={WORKERS} CHAOS_FAULTS={SHARE}")
    crowd = Crowd(world, SEED)
    deeds = without_end() if LONG else iter(FEW)
    monkey = Monkey(world, SEED, WORKERS, KILL_EVERY, LEASE, deeds, hurried=not LONG)
    world.snowflake.disturb(SHARE, SEED, FAULTS)
    began = time.monotonic()
    progress = Progress()

    def loaded_under_fire() -> bool:
        monkey.look()
        waiting = world.open_items()
        progress.say(f"{crowd.written} written, {waiting} items waiting, {sum(monkey.done.values())} deeds")
        for _ in range(min(EXECUTIONS - crowd.written, max(0, BACKLOG - waiting), 50)):
            crowd.complete_one()
        return crowd.written == EXECUTIONS and waiting < EXECUTIONS / 50 and (LONG or monkey.has_finished)

    until(loaded_under_fire, "nearly everything is loaded under fire", SECONDS, pause=0.1)
    monkey.rest()
    world.calm()
    world.settle(SECONDS)
    world.finish()
    strikes = Counter(f"{strike.action} {strike.code}".strip() for strike in world.strikes())
    print(f"{time.monotonic() - began:.0f} s; deeds {dict(monkey.done)}; faults {dict(strikes)}")
    assert sum(strikes.values()) > 0
    judge(world)
