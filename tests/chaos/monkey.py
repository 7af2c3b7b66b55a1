"""A monkey with a seeded generator among the workers: kills, stops, freezes, cut connections, restarts."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

from tests.chaos.fleet import WorkerProcess
from tests.chaos.world import World

HOSTS = "ab"
# Loads take turns on this machine: more of them at once take longer each, and more of them are killed.
CONCURRENCY = "2"
# What comes between the kills, in turn.
RARE = ("terminate", "freeze", "storm", "long freeze", "fast", "outage", "storm", "immediate")
# Few enough kills that no item can use up its retries with them.
FEW = ("kill", "storm", "freeze", "kill", "outage", "terminate", "kill")


def without_end() -> Iterator[str]:
    """Three kills, then one of the others, and so on."""
    for rare in cycle(RARE):
        yield from ("kill", "kill", "kill", rare)


@dataclass
class Monkey:
    """Keeps `workers` processes at work and does them harm, one deed each `every` seconds.

    `deeds` in this order. `lease`: theirs, in seconds. `hurried`: the leases of killed workers are over at once, in
    place of after so long.
    """

    world: World
    seed: int
    workers: int
    every: float
    lease: float
    deeds: Iterator[str]
    hurried: bool = False
    has_finished: bool = False
    done: Counter[str] = field(default_factory=Counter)
    _frozen: dict[str, tuple[float, WorkerProcess]] = field(default_factory=dict)
    _outage_until: float | None = None
    _next: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def has_done(self, deeds: int) -> bool:
        """Looks, and says whether so many deeds are done, or all that there are."""
        self.look()
        return self.done.total() >= deeds or self.has_finished

    def look(self) -> None:
        """To be called again and again: replaces the dead, and does what it is time for."""
        self._thaw(time.monotonic())
        while len(self.world.fleet.running) < self.workers:
            self._start()
        if time.monotonic() < self._next:
            return
        awake = [process for process in self.world.fleet.running if self._is_up(process)]
        if not awake:
            return
        self._next = time.monotonic() + self.every
        deed = next(self.deeds, None)
        if deed is None:
            self.has_finished = True
            return
        self.done[deed] += 1
        self._do(deed, self._chance.choice(awake))

    def rest(self) -> None:
        """Does no more; everybody is awake, and there are enough."""
        self._thaw(float("inf"))
        while len(self.world.fleet.running) < self.workers:
            self._start()

    def _start(self) -> None:
        self.world.worker("--concurrency", CONCURRENCY, lease=self.lease, host=self._chance.choice(HOSTS))

    def _is_up(self, process: WorkerProcess) -> bool:
        if process.name in self._frozen:
            return False
        return bool(self.world.rows("SELECT 1 FROM snowflake_sync_workers WHERE pid = %s", (process.pid,)))

    def _do(self, deed: str, victim: WorkerProcess) -> None:
        match deed:
            case "kill":
                self.world.fleet.kill(victim)
                if self.hurried:
                    self._end_outage()  # it is asked what of this one still runs there
                    self.world.expire(victim)
            case "terminate":
                # It goes on to the end of its loads; who comes in its place does not wait for that.
                victim.popen.terminate()
            case "freeze" | "long freeze":
                self.world.fleet.freeze(victim)
                seconds = self._chance.uniform(1, 3) if deed == "freeze" or self.hurried else self.lease * 1.2
                self._frozen[victim.name] = (time.monotonic() + seconds, victim)
            case "storm":
                for _ in range(self._chance.randrange(2, 10)):
                    self.world.postgres.terminate(self.world.database)
            case "outage":
                self.world.snowflake.refuse()
                self._outage_until = time.monotonic() + self._chance.uniform(1, 5)
            case mode:
                self.world.postgres.restart(mode)

    def _thaw(self, now: float) -> None:
        for name, (at, process) in list(self._frozen.items()):
            if at <= now:
                del self._frozen[name]
                self.world.fleet.thaw(process)
        if self._outage_until is not None and self._outage_until <= now:
            self._end_outage()

    def _end_outage(self) -> None:
        self._outage_until = None
        self.world.snowflake.accept()
