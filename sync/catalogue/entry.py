"""What the catalogue says of an error."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    DESTINATION = "destination"


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
    no to the credentials, and counts how often it did.
    """

    code: str
    kind: Kind
    meaning: str
    remedy: str
    pause: float = 60.0
    refuses: bool = False

    def meanwhile(self, remedy: str = "") -> str:
        """What there is to do while the item is pending again; `remedy` in place of the catalogue's."""
        return _MEANWHILE[self.kind].format(remedy or self.remedy)
