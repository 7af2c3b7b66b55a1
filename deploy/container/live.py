"""Exits 0 if what this container runs is alive: a worker by the date of its spool, a web server by /healthz.

Needs nothing but Python, since it runs every half minute. A worker dates its spool whenever it looks at the queue, also
while PostgreSQL or Snowflake is away: these are no reasons to restart it.
"""

import os
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

# Seconds. A look at the queue takes far less, and a stop, during which there is none, 40 at most.
LONGEST = 300


def worker_is_live(spool: Path) -> bool | None:
    """None where no worker runs."""
    dates = [directory.stat().st_mtime for directory in spool.glob("spool-*")]
    return time.time() - max(dates) < LONGEST if dates else None


def web_is_live() -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    connection = HTTPConnection("127.0.0.1", 8000, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except OSError as error:
        print(error)
        return False


if __name__ == "__main__":
    live = worker_is_live(Path(os.environ["SYNC_SPOOL_DIRECTORY"]))
    sys.exit(0 if (web_is_live() if live is None else live) else 1)
