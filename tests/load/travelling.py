"""Executions that one thread loads together."""

from collections.abc import Callable
from pathlib import Path

from sync import queue
from sync.snowflake.session import Pool
from sync.snowflake.statements import STAGE
from sync.worker.attempt import Batch
from sync.worker.host import Host
from tests.world import World


class Travelling:
    """Executions that wait, claimed at once and loaded by one thread."""

    def __init__(self, world: World, spool: Path) -> None:
        self.world = world
        self.pool = Pool()
        self._host = Host()
        self._host.directory = self.spool = spool

    def load(self, guard: Callable[[], None] = lambda: None) -> list[str]:
        """What each item became."""
        return self.batch(guard).attempt()

    def batch(self, guard: Callable[[], None] = lambda: None) -> Batch:
        """What is due, claimed."""
        queue.route()
        worker_id = queue.register_worker("host", 1, 100)
        claims = queue.claim(worker_id, 100, lease_seconds=60)
        return Batch(claims, self.pool, guard, self._host)

    @property
    def verbs(self) -> list[str]:
        return [statement.sql.split()[0] for statement in self.world.snowflake.statements()]

    @property
    def staged(self) -> int:
        return len(self.world.snowflake.rows(f'LIST @"{self.world.snowflake.database}"."PUBLIC".{STAGE}'))
