"""What the catalogue says of an error: its meaning, what to do, and what happens to whom when it occurs."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Kind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DESTINATION = "destination"


class Retry(StrEnum):
    """Whether another try can help what has failed for good."""

    NOW = "now"
    ONCE_MENDED = "once_mended"
    NEVER = "never"


# By kind, of an item that has not come to its end.
_MEANWHILE = {
    Kind.TRANSIENT: "It is tried again by itself. If that does not help: {}",
    Kind.PERMANENT: "Newer results have come, and are loaded by themselves.",
    Kind.DESTINATION: "{}",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue.

    `remedy` is for an item that is not tried again by itself, and for a destination that is paused.

    Of an item: `counts`: a try that ends so costs a retry. `wait`: seconds until the next try, in place of pauses that
    grow. `may_come`: what is missing is waited for, a while. `splits_batch`: where several executions travel together,
    it may be the fault of one of them, and is not known whose. `of_target`: it is the execution's own where that asked
    for a schema or table. `of_the_host`: other items would fare alike on this host; a try costs a retry only after
    many.

    Of a destination: `pause`: seconds that it pauses at first, doubled with each failure in a row. `refuses`: Snowflake
    said no to the credentials, and counts how often it did. `ends_session`: the session is gone or may be; nothing more
    is to be sent through it. `login_step`: how far a log-in has come in a check that fails so. `grants_help`: it may be
    a missing grant.
    """

    kind: Kind
    meaning: str
    remedy: str
    retry: Retry = Retry.ONCE_MENDED
    counts: bool = True
    wait: float = 0.0
    may_come: bool = False
    splits_batch: bool = False
    of_target: bool = False
    of_the_host: bool = False
    pause: float = 60.0
    refuses: bool = False
    ends_session: bool = False
    login_step: str = "log_in"
    grants_help: bool = False

    def meanwhile(self, remedy: str = "") -> str:
        """What there is to do while the item is pending again; `remedy` in place of the catalogue's."""
        return _MEANWHILE[self.kind].format(remedy or self.remedy)


transient = partial(Entry, Kind.TRANSIENT, retry=Retry.NOW)
permanent = partial(Entry, Kind.PERMANENT)
destination = partial(Entry, Kind.DESTINATION)
