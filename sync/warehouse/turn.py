"""Whose turn it is to write a destination's catalogue: one publisher's at a time, for a while, by a token."""

import time
from dataclasses import dataclass, field
from uuid import UUID

from sync.errors import SyncError
from sync.postgres import as_stored, one_statement, read_sql
from sync.snowflake.statements import Table

_TAKE, _TAKE_ONE, _KEEP, _END, _GIVE_BACK, _FAIL, _MOVED, _REFILL, _FORGET_NAMES, _SWITCH_OFF, _DROP_UNWANTED = (
    read_sql(
        __file__,
        "take",
        "take_one",
        "keep",
        "end",
        "give_back",
        "fail",
        "moved",
        "refill",
        "forget_names",
        "switch_off",
        "drop_unwanted",
    )
)
# Seconds between two writings of one catalogue, and for which a warehouse is taken to be awake after a load.
EVERY, AWAKE = 30.0, 60.0
# Changes of a destination that are kept at most while nobody can write them.
_MOST = 100_000
# Seconds beside those that the statements of one step may take.
_SPARE = 30


class TurnLostError(Exception):
    """Somebody else writes this catalogue by now."""


@dataclass
class Turn:
    """A destination's catalogue in one publisher's hands. `seconds`: how long its longest statement may take.

    `is_awake`: a warehouse may be used; if not, views are to be made, which need none.
    """

    configuration_id: UUID
    token: int
    is_awake: bool
    seconds: float
    _ends_at: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._ends_at = time.monotonic() + self.seconds + _SPARE

    @property
    def key(self) -> dict[str, object]:
        return {"configuration": self.configuration_id, "token": self.token, "now": None}

    def check(self) -> None:
        """Before a statement: it has to end while nobody else may write. Raises TurnLostError."""
        asked_at = time.monotonic()
        if asked_at + self.seconds <= self._ends_at:
            return
        if not one_statement(_KEEP, self.key | {"seconds": self.seconds + _SPARE}):
            raise TurnLostError
        self._ends_at = asked_at + self.seconds + _SPARE

    def end(self, *, written: bool) -> None:
        """All is well; `written`: the catalogue has been."""
        one_statement(_END, self.key | {"written": written, "awake": self.is_awake, "every": EVERY})

    def give_back(self) -> None:
        """It could not be tried now, and nothing is known to be wrong."""
        one_statement(_GIVE_BACK, self.key)

    def fail(self, error: SyncError) -> None:
        """Notes what is wrong; the next try is after a while, longer with each in a row."""
        one_statement(_FAIL, self.key | as_stored(error))

    def moved(self, table: Table, left: str) -> None:
        """The catalogue is in `table` from now on, and not in `left` any more: all of it is to be written there."""
        place = {"database": table.database, "schema": table.schema, "table": table.name, "left": left}
        one_statement(_MOVED, self.key | place)
        self.refill()

    def refill(self) -> None:
        """All of it is to be written again."""
        one_statement(_REFILL, self.key)
        one_statement(_FORGET_NAMES, self.key)


def take(seconds: float, *, every: float = EVERY) -> Turn | None:
    """The destination whose catalogue is to be written next; None: there is nothing to write, or no warehouse awake."""
    asked = {"seconds": seconds + _SPARE, "every": every, "awake": AWAKE, "now": None}
    return _turn(one_statement(_TAKE, asked), seconds)


def take_one(configuration_id: UUID, seconds: float) -> Turn | None:
    """This destination's, all of which is to be written; None: somebody else writes it now."""
    asked = {"configuration": configuration_id, "seconds": seconds + _SPARE, "now": None}
    return _turn(one_statement(_TAKE_ONE, asked), seconds)


def tidy() -> None:
    """Drops changes that no catalogue will say, and follows those that were switched off."""
    one_statement(_SWITCH_OFF, {})
    one_statement(_DROP_UNWANTED, {"most": _MOST})


def _turn(rows: list[tuple[UUID, int, bool]], seconds: float) -> Turn | None:
    return Turn(*rows[0], seconds) if rows else None
