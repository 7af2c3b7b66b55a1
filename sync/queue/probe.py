"""A look at the queue that costs next to nothing: is there anything to route, or to claim?"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sync.postgres import one_statement, read_sql

(_PROBE,) = read_sql(__file__, "probe")


class Due(NamedTuple):
    """Whether there is anything to route, and anything to claim."""

    to_route: bool
    to_claim: bool


def probe(
    *,
    scan_starts: Mapping[UUID, datetime] | None = None,
    scan_start: datetime | None = None,
    now: datetime | None = None,
) -> Due:
    """Whether there is anything to route or to claim. Writes nothing; a batch key that is busy counts as something."""
    params = {
        "scan_start_ids": list(scan_starts or ()),
        "scan_starts": list((scan_starts or {}).values()),
        "scan_start": scan_start,
        "now": now,
    }
    return Due(*one_statement(_PROBE, params)[0])
