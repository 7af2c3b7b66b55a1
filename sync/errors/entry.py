"""What the catalogue says of an error."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DESTINATION = "destination"


class Retry(StrEnum):
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
    """A line of the catalogue: a stable code, its meaning, what to do, and whether another try can help.

    `remedy` is for an item that is not tried again by itself, and for a destination that is paused.
    `pause`: seconds that a destination pauses at first, doubled with each failure in a row. `refuses`: Snowflake said
    no to the credentials, and counts how often it did. `counts`: a try that ends so costs a retry. `wait`: seconds
    until the next try, in place of pauses that grow. `somebodys`: where several executions travel together, it may be
    the fault of one of them, and is not known whose. `of_the_place`: it is the execution's own where that asked for a
    schema or table. `curable`: a retry can help once the cause is mended.
    """

    code: str
    kind: Kind
    meaning: str
    remedy: str
    pause: float = 60.0
    refuses: bool = False
    counts: bool = True
    wait: float = 0.0
    somebodys: bool = False
    of_the_place: bool = False
    curable: bool = True

    @property
    def retry(self) -> Retry:
        """Whether another try can help what has failed for good."""
        if not self.curable:
            return Retry.NEVER
        return Retry.NOW if self.kind is Kind.TRANSIENT or self.code == "skipped_by_hand" else Retry.ONCE_MENDED

    def meanwhile(self, remedy: str = "") -> str:
        """What there is to do while the item is pending again; `remedy` in place of the catalogue's."""
        return _MEANWHILE[self.kind].format(remedy or self.remedy)
