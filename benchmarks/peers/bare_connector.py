"""The least that a load by the connector takes: CREATE, PUT of a file that is there, and COPY, in an open session."""

import gzip
import tempfile
import time
from pathlib import Path

from benchmarks.installation import Installation
from benchmarks.peers.dataframe import connect

_ROWS = "\n".join(",".join([str(row)] * 12) for row in range(100))


def processor_time(installed: Installation, loads: int) -> float:
    """Seconds of this process a load, in the mean of so many, one a second, as they come on an idle system."""
    columns = ", ".join(f"C{number} NUMBER" for number in range(12))
    used = 0.0
    with tempfile.TemporaryDirectory() as directory, connect(installed) as session:
        file = Path(directory) / "rows.csv.gz"
        file.write_bytes(gzip.compress(_ROWS.encode()))
        session.cursor().execute("CREATE STAGE IF NOT EXISTS BARE_CONNECTOR")
        for number in range(loads):
            before = time.process_time()
            session.cursor().execute(f"CREATE TABLE BARE_CONNECTOR_{number} ({columns})")
            session.cursor().execute(f"PUT 'file://{file}' @BARE_CONNECTOR/{number}/ AUTO_COMPRESS=FALSE")
            session.cursor().execute(f"COPY INTO BARE_CONNECTOR_{number} FROM @BARE_CONNECTOR/{number}/")
            used += time.process_time() - before
            time.sleep(1)
    return used / loads
