"""Erasure: all that was loaded of a user, a workflow or an execution leaves Snowflake, whatever PostgreSQL has.

First what could be loaded again meanwhile ends, then the tables go, one by one. A run that is broken off is begun anew,
and does the rest. Whose destination is deleted, nobody can log in to: an administrator gets the statements.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.activity import Action, Counted, Kind
from sync.destinations import NotDoneError, destination_of, login_by_hand
from sync.errors import DestinationError, SyncError
from sync.load import Left, erase, find_left, forget_left, forget_results
from sync.models import Workflow, WorkflowExecution
from sync.operations.progress import Progress, silent
from sync.queue import Erased, count_not_erased, end_erased, excluded_now, forget_erased
from sync.reporting import counted
from sync.rules import latest
from sync.snowflake.erasure_statements import for_administrator
from sync.snowflake.load import clear_staged_files, clear_tables
from sync.snowflake.session import Limits, Pool, Session
from sync.warehouse import (
    destinations_of,
    erase_lines,
    erase_marked,
    forget_names,
    is_catalogue_busy,
    places_of,
    release,
)

# Seconds that loads under way are waited for, and between two looks.
PATIENCE = 120.0
_LOOK = 0.5
# Before so many tables go, views let go of them.
_RELEASED = 500
# Of a workflow, so many of its latest executions are asked about.
_ASKED = 1_000
_KINDS = {"user": Kind.USER, "workflow": Kind.WORKFLOW, "execution": Kind.RUN}


class ComesBackError(NotDoneError):
    """What is to be erased would be loaded again at once."""

    code = "comes_back"


class UnderWayError(NotDoneError):
    """A worker is busy with it."""

    code = "under_way"
    what_to_do = "Nothing was erased, and nothing new is loaded of it. Run it again in a few minutes."


@dataclass(slots=True)
class ErasedPlace:
    """A destination, and what is left there of what is meant; without a `configuration` its row is gone.

    Once it was erased: `tables` that were dropped, `rows` deleted in shared ones, `lines` of the catalogue;
    in `refused` what Snowflake did not let go, or could not be reached for, with the error.
    """

    id: UUID
    configuration: SnowflakeConfiguration | None
    left: list[Left]
    tables: int = 0
    rows: int = 0
    lines: int = 0
    refused: list[tuple[str, SyncError | NotDoneError]] = field(default_factory=list)
    # No credentials lead to these: their destination is deleted, or in another account by now.
    out_of_reach: list[Left] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is called; empty where its row is gone."""
        return str(self.configuration or "")

    @property
    def told(self) -> str:
        """What was deleted beside tables that were dropped; empty if nothing was."""
        rows = f"{counted(self.rows, 'row')} of shared tables" if self.rows else ""
        lines = f"{counted(self.lines, 'line')} of the catalogue" if self.lines else ""
        return ", ".join(filter(None, [rows, lines]))

    @property
    def is_left(self) -> bool:
        """Whether anything is there still, as far as it is known."""
        return bool(self.refused or self.out_of_reach)

    @property
    def scripts(self) -> dict[str, list[str]]:
        """By account, the statements that its administrator is to run."""
        accounts = dict.fromkeys(left.account for left in self.out_of_reach)
        return {
            account: for_administrator(
                self.id, [left.to_erase for left in self.out_of_reach if left.account == account]
            )
            for account in accounts
        }


def plan_erasure(what: Erased) -> list[ErasedPlace]:
    """What is known to be in Snowflake of what is meant, destination by destination. Changes nothing."""
    found = {id_: list(left) for id_, left in groupby(find_left(what), key=lambda left: left.configuration_id)}
    there = SnowflakeConfiguration.objects.in_bulk(found.keys() | destinations_of(what))
    here = [ErasedPlace(id_, configuration, found.get(id_, [])) for id_, configuration in there.items()]
    gone = [ErasedPlace(id_, None, left, out_of_reach=left) for id_, left in found.items() if id_ not in there]
    return here + gone


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
    """Somebody has removed by hand what was left: it leaves the register. Raises as `erase_results`."""
    check_stays_away(what)
    _end(what, patience)
    places = plan_erasure(what)
    for place in places:
        entry = _entry(what, place)
        for left in place.left:
            forget_left(left, for_certain=True)
            place.tables += left.executions is None
        entry.so_far(place.tables, "removed by hand, as was said")
    _forget(what, ())
    return places


def check_stays_away(what: Erased) -> None:
    """Raises ComesBackError where further results would be loaded. Of an execution none are: its item ends."""
    if what.whose == "execution":
        return
    workflow = None
    destinations = SnowflakeConfiguration.objects.filter(is_active=True)
    if what.configuration:
        destinations = destinations.filter(pk=what.configuration)
    if what.whose == "user":
        destinations = destinations.filter(user=UUID(what.subject))
    else:
        workflow = Workflow.objects.filter(workflow_id=what.subject).first()
        destinations = destinations.filter(user=workflow.user_id) if workflow else destinations.none()
    if on := [place for place in destinations if workflow is None or not _leaves_out(place, workflow)]:
        named = ", ".join(map(str, on))
        cure = "Switch it off first" if len(on) == 1 else "Switch them off first"
        rule = ", or leave the workflow out by a rule" if workflow else ""
        raise ComesBackError(f"Further results would be loaded into {named}. {cure}{rule}. Nothing was erased.")


def _leaves_out(configuration: SnowflakeConfiguration, workflow: Workflow) -> bool:
    """Whether the rules exclude all executions of the workflow, as far as its latest ones tell."""
    latest_ones = WorkflowExecution.objects.filter(workflow=workflow).order_by("-created_at", "-pk")
    ids = list(latest_ones.values_list("execution_id", flat=True)[:_ASKED])
    rules = latest(configuration.pk)
    return bool(ids and rules.scope) and len(excluded_now(configuration.pk, rules.version, ids)) == len(ids)


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
    with _sessions(place.configuration) as session_for:
        for number, left in enumerate(place.left):
            try:
                with session_for() as session:
                    session.about = {"work": "erasure"}
                    if number % _RELEASED == 0:
                        going = [one.table for one in place.left[number : number + _RELEASED] if one.executions is None]
                        release(session, place.configuration, going)
                    _take_out(place, place.configuration.account_identifier, left, session)
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


def _take_out(place: ErasedPlace, account: str, left: Left, session: Session) -> None:
    rows = erase(session, left)
    if rows is None and left.account != account:
        place.out_of_reach.append(left)
        return
    place.tables += left.executions is None and rows is not None
    place.rows += rows or 0
    forget_left(left)


@contextmanager
def _sessions(found: SnowflakeConfiguration) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Sessions of a destination that somebody asked for, whether it is switched on or not."""
    pool = Pool()
    configuration, destination, *_ = destination_of(found.pk)
    lock = partial(login_by_hand, configuration, seconds=pool.limits.longest_login)
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
