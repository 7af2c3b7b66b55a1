"""procrastinate, run for speed; in a virtual environment of the peers' own.

`prepare URL COUNT` installs it and defers no-op jobs. `drain URL CONCURRENCY` works them off once a line comes in:
asynchronous, a pool of connections, no waiting for notifications. It fetches one job at a time. A job costs it two
UPDATEs in a table of six indexes, and two INSERTs into its events by trigger.
"""

import asyncio
import sys

from procrastinate import App, PsycopgConnector


def application(url: str, connections: int) -> App:
    """With one task that does nothing."""
    app = App(connector=PsycopgConnector(conninfo=url, min_size=connections, max_size=connections))

    @app.task(name="noop")
    async def noop() -> None:
        pass

    return app


async def prepare(url: str, count: int) -> None:
    """Its tables, and jobs."""
    app = application(url, 1)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await app.configure_task("noop").batch_defer_async(*({} for _ in range(count)))


async def drain(url: str, concurrency: int) -> None:
    """Works until nothing is left."""
    app = application(url, 10)
    async with app.open_async():
        print("ready", flush=True)
        sys.stdin.readline()
        await app.run_worker_async(wait=False, concurrency=concurrency, listen_notify=False)


if __name__ == "__main__":
    command, url, number = sys.argv[1:]
    asyncio.run({"prepare": prepare, "drain": drain}[command](url, int(number)))
