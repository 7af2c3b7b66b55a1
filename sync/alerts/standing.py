"""How alerts stand: for operators, in a terminal and on a page."""

from dataclasses import dataclass
from datetime import datetime

from sync.models import SyncAlert
from sync.postgres import fetch, read_sql

(_STANDING,) = read_sql(__file__, "standing")

# At most so many alerts are listed.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """Open alerts, some of them listed, the latest first; messages that wait, and those that were tried in vain.

    `looked_at`: when the last look came to its end, None: none has; `unseen`: what it could not see, and why.
    """

    open: int
    listed: tuple[SyncAlert, ...]
    waiting: int
    in_vain: int
    failing_channels: int
    looked_at: datetime | None
    unseen: str


def standing() -> Standing:
    """Of the whole installation."""
    open_, waiting, in_vain, failing, looked_at, unseen = fetch(_STANDING)[0]
    listed = SyncAlert.objects.filter(closed_at=None).order_by("-opened_at", "-pk")[:LISTED] if open_ else ()
    return Standing(open_, tuple(listed), waiting, in_vain, failing, looked_at, unseen)
