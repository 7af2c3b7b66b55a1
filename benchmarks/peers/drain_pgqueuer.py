"""PgQueuer, run as its documentation says for speed; in a virtual environment of the peers' own.

`prepare URL COUNT` installs it and queues no-op jobs. `drain URL BATCH` works them off once a line comes in: asyncpg,
uvloop, one connection, `mode=drain`. A job costs it an UPDATE (picked) and a DELETE in a table of nine indexes, and
two INSERTs into its log, of five indexes.
"""

import sys

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from pgqueuer.types import QueueExecutionMode


async def prepare(url: str, count: int) -> None:
    """Its tables, with the autovacuum settings that it recommends, and jobs."""
    connection = await asyncpg.connect(url)
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    await queries.optimize_autovacuum()
    await queries.enqueue(["noop"] * count, [b""] * count, [0] * count)
    await connection.close()


async def drain(url: str, batch: int) -> None:
    """Works until nothing is left."""
    application = PgQueuer(AsyncpgDriver(await asyncpg.connect(url)))

    @application.entrypoint("noop")
    async def noop(job: Job) -> None:
        del job

    print("ready", flush=True)
    sys.stdin.readline()
    await application.qm.run(batch_size=batch, mode=QueueExecutionMode.drain)


if __name__ == "__main__":
    command, url, number = sys.argv[1:]
    uvloop.run({"prepare": prepare, "drain": drain}[command](url, int(number)))
