"""A look at the queue that costs next to nothing: is there anything to route, or to claim?"""

from datetime import datetime
from typing import NamedTuple

from sync.postgres import one_statement, read_sql
from sync.queue.turns import Line

(_PROBE,) = read_sql(__file__, "probe")


class Due(NamedTuple):
    """Whether there is anything to route, and who may have anything to claim; see Line.learn()."""

    to_route: bool
    to_claim: bool
    turn: int
    due_at: datetime


def probe(
    *,
    line: Line | None = None,
    scan_start: datetime | None = None,
    again_start: datetime | None = None,
    now: datetime | None = None,
) -> Due:
    """Whether there is anything to route or to claim. Writes nothing."""
    params = {**(line or Line()).params, "scan_start": scan_start, "again_start": again_start, "now": now}
    return Due(*one_statement(_PROBE, params)[0])
