"""What a worker remembers of what waits to be routed, so that it does not walk over items that are done.

A routed item leaves a dead entry behind in the index until vacuum may remove it, which a long transaction anywhere in
the database prevents: 150,000 dead entries cost every look 20 ms. A scan start is a moment before which nothing is due
any more.
"""

from datetime import datetime, timedelta
from typing import Any

from sync.queue.rows import Routed

# An item that became due may become visible this much later, if its transaction took so long.
SLACK = timedelta(seconds=60)


class ScanStart:
    """It is learnt from the last routing, and forgotten with every full pass.

    The full pass sees the items of longer transactions. While there is more than one look can take, the next look
    begins where the last one ended. Otherwise it begins a little earlier, for items that were committed late.
    """

    def __init__(self) -> None:
        self._scan_start: datetime | None = None
        self._again_start: datetime | None = None
        self._more = False

    @property
    def scan_start(self) -> datetime | None:
        """The moment to look from in the inbox."""
        return self._scan_start and self._scan_start - (timedelta(0) if self._more else SLACK)

    @property
    def again_start(self) -> datetime | None:
        """The same for items of the queue that are pending again: a full inbox says nothing of these."""
        return self._again_start and self._again_start - SLACK

    @property
    def params(self) -> dict[str, Any]:
        """For probe() and route()."""
        return {"scan_start": self.scan_start, "again_start": self.again_start}

    def forget(self) -> None:
        self._scan_start = self._again_start = None

    def learn(self, routed: Routed, *, more: bool) -> None:
        """Items are routed in the order in which they became due. `more`: as many as were asked for."""
        self._more = more
        self._scan_start = routed.first_due or self._scan_start
        self._again_start = routed.again_due or self._again_start
