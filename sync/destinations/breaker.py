"""The breaker of a destination: the destination is paused, is tried by one worker at a time, and resumes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sync.activity import Action
from sync.destinations.noted import note_by_id, note_if_possible
from sync.errors import CATALOGUE, SyncError
from sync.postgres import one_statement, read_sql, short_transaction, storable

_PAUSE, _RESUME, _PAUSE_BY_HAND, _END_TRIAL, _ASK, _NOTE_LOGIN = read_sql(
    __file__, "pause", "resume", "pause_by_hand", "end_trial", "ask", "note_login"
)
# A log-in that is no older than so many seconds shows that the credentials are good.
RECENT = 600.0

_REFUSALS = [code for code, entry in CATALOGUE.items() if entry.refuses]


class Login(StrEnum):
    """May this connection log in?"""

    FREE = "free"
    TAKEN = "taken"  # yes, and nobody else meanwhile
    BUSY = "busy"  # somebody else is trying
    PAUSED = "paused"
    CHANGED = "changed"  # the settings are others by now


def pause_destination(
    configuration_id: UUID, error: SyncError, *, version: int | None = None, now: datetime | None = None
) -> None:
    """The destination is at fault: nothing is claimed for it for a while, longer with each time in a row."""
    if start_pause(configuration_id, error, version=version, now=now):
        note_if_possible(Action.DESTINATION_PAUSED, configuration_id, note=f"{error.happened}.")


def start_pause(
    configuration_id: UUID, error: SyncError, *, version: int | None = None, now: datetime | None = None
) -> bool:
    """The same, recorded nowhere. Returns whether it was working until then."""
    params = {
        "configuration_id": configuration_id,
        "version": version,
        "code": error.code,
        "reason": storable(f"{error.happened}."),
        "delay": error.entry.pause,
        "refused": error.entry.refuses,
        "refusals": _REFUSALS,
        "now": now,
    }
    return _is_new(one_statement(_PAUSE, params))


def resume_destination(configuration_id: UUID, *, version: int | None = None, by_hand: bool = False) -> None:
    """The destination works: its pause is over. A pause that somebody began by hand ends by hand only."""
    params = {"configuration_id": configuration_id, "version": version, "by_hand": by_hand}
    if _is_new(one_statement(_RESUME, params)):
        note_if_possible(Action.DESTINATION_RESUMED, configuration_id)


def pause_by_hand(configuration_id: UUID, why: str = "") -> None:
    """Nothing is claimed for the destination until `resume_destination(…, by_hand=True)`; its items stay pending.

    `why`: in the words of whoever pauses it, for whoever wonders.
    """
    reason = storable(why) or CATALOGUE["paused_by_hand"].meaning
    with short_transaction():
        if one_statement(_PAUSE_BY_HAND, {"configuration_id": configuration_id, "reason": reason}):
            note_by_id(Action.DESTINATION_PAUSED, configuration_id, note=why)


def resume_by_hand(configuration_id: UUID) -> None:
    """Ends the pause, whatever began it: the items are due again. Credentials that were refused are tried anew."""
    with short_transaction():
        resume_destination(configuration_id, by_hand=True)


def end_trial(configuration_id: UUID, *, version: int | None = None) -> None:
    """Whoever tried the destination has come to no conclusion: somebody else may try it."""
    one_statement(_END_TRIAL, {"configuration_id": configuration_id, "version": version})


def ask_login(
    configuration_id: UUID,
    *,
    seconds: float,
    version: int | None = None,
    on_trial: bool = False,
    by_hand: bool = False,
    now: datetime | None = None,
) -> Login:
    """Whether a connection may log in now; TAKEN keeps others from a log-in for `seconds`, or until the trial ends.

    `on_trial`: the caller was given the trial with its claim. `by_hand`: somebody wants to know whether the destination
    works now, so that a pause does not count.
    """
    params = {
        "configuration_id": configuration_id,
        "seconds": seconds,
        "version": version,
        "recent": RECENT,
        "on_trial": on_trial,
        "by_hand": by_hand,
        "now": now,
    }
    rows = one_statement(_ASK, params)
    return Login(rows[0][0]) if rows else Login.PAUSED


def note_login(configuration_id: UUID, *, version: int | None = None, now: datetime | None = None) -> None:
    """The destination let us in."""
    one_statement(_NOTE_LOGIN, {"configuration_id": configuration_id, "version": version, "now": now})


def _is_new(rows: list[tuple[bool]]) -> bool:
    return bool(rows and rows[0][0])
