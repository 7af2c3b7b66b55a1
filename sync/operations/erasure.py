"""Erasure: all that was loaded of a user, a workflow or an execution leaves Snowflake, whatever PostgreSQL has.

First what could be loaded again meanwhile ends, then the tables go, one by one. A run that is broken off is begun anew,
and does the rest. Whose destination is deleted, nobody can log in to: an administrator gets the statements.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.activity import Action, Counted, Kind
from sync.destinations import NotDoneError, by_hand
from sync.errors import DestinationError, SyncError
from sync.load import Left, erase, forget_left, forget_results, has_rows
from sync.operations.erasure_plan import ErasedPlace, check_stays_away, plan_erasure
from sync.operations.progress import Progress, silent
from sync.queue import Erased, count_not_erased, end_erased, forget_erased
from sync.reporting import counted
from sync.snowflake.load import clear_staged_files, clear_tables
from sync.snowflake.session import Limits, Pool, Session
from sync.warehouse import (
    destinations_of,
    erase_left_catalogue,
    erase_lines,
    erase_marked,
    forget_names,
    has_catalogue,
    is_catalogue_busy,
    places_of,
    release,
)

# Seconds that loads under way are waited for, and between two looks.
PATIENCE = 120.0
_LOOK = 0.5
# So many tables are named that are left.
_NAMED = 5
# Before so many tables go, views let go of them.
_RELEASED = 500
_KINDS = {"user": Kind.USER, "workflow": Kind.WORKFLOW, "execution": Kind.RUN}


class WithinReachError(NotDoneError):
    """What is said to have been removed by hand is registered still where it can be erased from here."""

    code = "within_reach"
    what_to_do = "Nothing was noted. Run it with --yes first."


class UnderWayError(NotDoneError):
    """A worker is busy with it."""

    code = "under_way"
    what_to_do = "Nothing was erased, and nothing new is loaded of it. Run it again in a few minutes."


def erase_results(what: Erased, *, patience: float = PATIENCE, progress: Progress = silent) -> list[ErasedPlace]:
    """Erases it. Runs in transactions of its own: do not call it in one.

    Raises ComesBackError and UnderWayError before anything is removed.
    """
    check_stays_away(what)
    _end(what, patience)
    places = plan_erasure(what)
    total, done = sum(len(place.left) for place in places), 0
    for place in places:
        entry = _entry(what, place)
        for _ in _erase(what, place):
            done += 1
            entry.so_far(place.tables, place.told)
            progress(min(done, total), total)
    _forget(what, [place.id for place in places if place.is_left])
    return places


def note_erased(what: Erased, *, patience: float = PATIENCE) -> list[ErasedPlace]:
    """Somebody has removed by hand what no credentials lead to: it leaves the register.

    Raises as `erase_results`, and WithinReachError where something is left that can be erased from here.
    """
    check_stays_away(what)
    _end(what, patience)
    planned = plan_erasure(what)
    if reached := [str(left.table) for place in planned for left in place.left if _within_reach(place, left)]:
        more = f" and {len(reached) - _NAMED:,} more" if len(reached) > _NAMED else ""
        raise WithinReachError(f"There may be something left in {', '.join(reached[:_NAMED])}{more}.")
    places = [replace(place, left=[left for left in place.left if place.is_elsewhere(left)]) for place in planned]
    places = [place for place in places if place.left]
    for place in places:
        _erase_made_anew(place)
    for place in places:
        entry = _entry(what, place)
        for left in place.left:
            forget_left(left, for_certain=True)
            place.tables += left.executions is None
        entry.so_far(place.tables, "removed by hand, as was said")
    noted = {place.id for place in places}
    _forget(what, [place.id for place in planned if place.id not in noted])
    return places


def _within_reach(place: ErasedPlace, left: Left) -> bool:
    """Whether something is there that can be erased from here; in a shared table, as far as it is known."""
    return not place.is_elsewhere(left) and (left.executions is None or has_rows(left))


def _erase_made_anew(place: ErasedPlace) -> None:
    """What was made in another account may have been made anew in the destination's own, under the same name."""
    if place.configuration is None:
        return
    with _sessions(place.configuration) as session_for, session_for() as session:
        for left in place.left:
            try:
                erase(session, left)
            except SyncError as error:
                if error.code != "table_not_ours":
                    raise


def _end(what: Erased, patience: float) -> None:
    """Ends the items, and waits for loads that are under way."""
    gives_up_at = time.monotonic() + patience
    while True:
        end_erased(what)
        left, busy = count_not_erased(what)
        # Who began to write it before the items ended may write of them still.
        if not left and not any(map(is_catalogue_busy, destinations_of(what))):
            return
        if time.monotonic() > gives_up_at:
            raise UnderWayError(
                f"{counted(left, 'run')} could not be ended; a load may be under way of {busy:,} of them."
                if left
                else "The catalogue is being written."
            )
        time.sleep(_LOOK)


def _erase(what: Erased, place: ErasedPlace) -> Iterator[None]:
    """Table by table, until none can be reached any more; then what stands beside them."""
    if place.configuration is None:
        return
    if not (place.left or what.whose == "user" or has_catalogue(place.id)):
        # Nobody logs in for nothing, perhaps in vain.
        return
    with _sessions(place.configuration) as session_for:
        for number, left in enumerate(place.left):
            try:
                with session_for() as session:
                    session.about = {"work": "erasure"}
                    if number % _RELEASED == 0:
                        going = [one.table for one in place.left[number : number + _RELEASED] if one.executions is None]
                        release(session, place.configuration, going)
                    _take_out(place, left, session)
            except (SyncError, NotDoneError) as error:
                place.refused.append((str(left.table), error))
                if _concerns_all(error):
                    place.refused += [(str(other.table), error) for other in place.left[number + 1 :]]
                    return
            yield
        try:
            with session_for() as session:
                _erase_beside(what, place, place.configuration, session)
        except (SyncError, NotDoneError) as error:
            place.refused.append(("What stands beside the results", error))
            return
        yield
        with suppress(SyncError, NotDoneError), session_for() as session:
            session.about = {"work": "tidying up"}
            _tidy_up(place, session)


def _concerns_all(error: SyncError | NotDoneError) -> bool:
    return not isinstance(error, SyncError) or (isinstance(error, DestinationError) and not error.entry.of_target)


def _take_out(place: ErasedPlace, left: Left, session: Session) -> None:
    elsewhere = place.is_elsewhere(left)
    if elsewhere:
        # What is erased here was made anew; what was made there is there still.
        place.out_of_reach.append(left)
    rows = erase(session, left)
    place.tables += left.executions is None and rows is not None
    place.rows += rows or 0
    if not elsewhere:
        forget_left(left)


@contextmanager
def _sessions(found: SnowflakeConfiguration) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Sessions of a destination that somebody asked for, whether it is switched on or not."""
    pool = Pool()
    destination, lock = by_hand(found.pk, pool.limits)
    try:
        yield partial(pool.session, destination, login_lock=lock)
    finally:
        pool.close()


def _erase_beside(what: Erased, place: ErasedPlace, configuration: SnowflakeConfiguration, session: Session) -> None:
    """Lines of the catalogue; of a user, whatever bears the destination's mark, also what is not registered."""
    if what.whose == "user":
        where = [left.table for left in place.left] + places_of(configuration)
        place.tables += erase_marked(session, configuration.pk, dict.fromkeys(table.beside("") for table in where))
    else:
        place.lines = erase_lines(session, configuration.pk, what)
    lines, place.unseen = erase_left_catalogue(session, configuration.pk, what)
    place.lines += lines


def _tidy_up(place: ErasedPlace, session: Session) -> None:
    """What loads that died have left beside the tables; not what may be under way."""
    before = timezone.now() - timedelta(seconds=Limits().for_fenced.longest_statement)
    for schema in dict.fromkeys(left.table.beside("") for left in place.left):
        clear_staged_files(session, schema, before)
        clear_tables(session, schema, before)


def _forget(what: Erased, unfinished: Collection[UUID]) -> None:
    """Nothing says any more that it is there, but in these destinations."""
    forget_erased(what, unfinished)
    forget_results(what, unfinished)
    forget_names(what, unfinished)


def _entry(what: Erased, place: ErasedPlace) -> Counted:
    where = f"in {place.name or f'the deleted destination {place.id}'}"
    owner = place.configuration.user_id if place.configuration else place.left[0].user_id
    return Counted(Action.ERASED, _KINDS[what.whose], what.subject, owner_id=owner, note=where)
