"""Whose turn it is: destinations stand in line if they may have something due, and sleep until then.

The table is described in migrations_sql/0027_turns.
"""

import time
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sync.postgres import Prepared, array, one_statement, read_sql

_LOCK_SPENT, _LEAVE, _WAKE, _STAND, _REJOIN, _MAKE_TURNS = read_sql(
    __file__, "lock_spent", "leave", "wake", "stand", "rejoin", "make_turns"
)
TYPES = {"turn_start": "bigint", "now": "timestamptz"}
LOCK_SPENT = Prepared(_LOCK_SPENT, {"spent": "uuid[]", "turn_start": "bigint"})
LEAVE = Prepared(_LEAVE, {"now": "timestamptz"})
WAKE = Prepared(_WAKE, TYPES | {"wake_start": "timestamptz"})
STAND = Prepared(_STAND, {"turn_start": "bigint", "limit": "bigint"})

# Seconds that a transaction which appends a turn may take, and be seen at once. What commits later is seen by the next
# full pass.
SLACK = 5.0


class _Seen(NamedTuple):
    """The first turn of the line, and when the first who sleeps is due: nobody stood or slept before."""

    turn: int
    due_at: datetime | None


class Line:
    """What a worker remembers of the line: who had nothing more at its last claim, and before what there is nobody.

    Who was served leaves a dead entry behind in the index until vacuum may remove it, which a long transaction anywhere
    in the database prevents. So a look begins where the line began some seconds ago. Forgotten with every full pass.
    """

    def __init__(self) -> None:
        self.spent: list[UUID] = []
        self.forget()

    def forget(self) -> None:
        self._start = self._next = _Seen(0, None)
        self._moves_at = time.monotonic() + SLACK

    @property
    def params(self) -> dict[str, Any]:
        """Where looks begin, and who is to leave."""
        return {"turn_start": self._start.turn, "wake_start": self._start.due_at, "spent": array(self.spent)}

    def learn(self, turn: int, due_at: datetime) -> None:
        """Takes down what a look found first."""
        if time.monotonic() >= self._moves_at:
            self._start, self._next = self._next, _Seen(turn, due_at)
            self._moves_at = time.monotonic() + SLACK


def rejoin(configuration_id: UUID) -> None:
    """A batch key of this destination is free again: who left it alone may look."""
    one_statement(_REJOIN, {"configuration_id": configuration_id})


def make_turns(*, now: datetime | None = None) -> None:
    """Makes turns for all that is due and has none."""
    one_statement(_MAKE_TURNS, {"now": now})
