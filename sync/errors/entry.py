"""A catalogue's entry for an error: its meaning, what to do, and what happens to item and destination."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Kind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DESTINATION = "destination"


class Retry(StrEnum):
    """Whether another try can help an item that has failed for good."""

    NOW = "now"
    ONCE_MENDED = "once_mended"
    NEVER = "never"


# By kind, the remedy of an item that is still pending.
_MEANWHILE = {
    Kind.TRANSIENT: "It is tried again by itself. If that does not help: {}",
    Kind.PERMANENT: "Newer results have come, and are loaded by themselves.",
    Kind.DESTINATION: "{}",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the catalogue.

    `remedy` is for an item that is not tried again by itself, and for a destination that is paused.

    Of an item: `counts`: a try that ends with this error costs a retry. `wait`: seconds until the next try, in place of
    pauses that grow. `may_come`: the item waits a while for the results that are missing. `splits_batch`: if several
    executions travel together, it may be the fault of one of them, but it is not known of which. `of_target`: if the
    execution asked for a schema or table, the error is the execution's own. `of_the_host`: other items would fail in
    the same way on this host; a try costs a retry only after many.

    Of a destination: `pause`: seconds that it pauses at first, doubled with each failure in a row. `refuses`: Snowflake
    refused the credentials, and counts how often it did. `ends_session`: the session is gone or may be; nothing more
    is to be sent through it. `login_step`: how far the log-in came in a check that fails with this error.
    `grants_help`: the cause may be a missing grant.
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
        """The remedy while the item is pending again; `remedy` replaces the catalogue's."""
        return _MEANWHILE[self.kind].format(remedy or self.remedy)


transient = partial(Entry, Kind.TRANSIENT, retry=Retry.NOW)
permanent = partial(Entry, Kind.PERMANENT)
destination = partial(Entry, Kind.DESTINATION)
