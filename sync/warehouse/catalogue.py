"""Writes a destination's catalogue: what has changed, was renamed and deleted, and the whole where that is asked."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import Error

from sync.destinations import Access, ChangedError, NotNowError
from sync.errors import SyncError, failure
from sync.models import SyncCatalogue
from sync.postgres import Unquoted
from sync.snowflake.identifiers import readable, resolve
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import Catalogue, mended
from sync.warehouse import changes, views
from sync.warehouse.content import rows_of, texts
from sync.warehouse.turn import EVERY, Turn, TurnLostError, take, take_one

logger = logging.getLogger(__name__)

Guard = Callable[[], None]
# Seconds for which a worker goes on writing the whole of one; the rest is for when a warehouse is awake again.
_PATIENCE = 30.0
# Seconds after which no other catalogue is begun: there is more to do beside loads.
_LONGEST = 30.0


class _StoppedError(Exception):
    """The guard has stopped it."""


@dataclass(slots=True)
class Published:
    """What was written: rows, and the statements that it took."""

    rows: int = 0
    statements: int = 0


def publish_due(pool: Pool, guard: Guard, *, every: float = EVERY) -> None:
    """Writes what has changed, of each destination where a load has woken a warehouse within the last minute; and makes
    views that could not be made then.

    What is in the way is noted with the destination, and tried again later. `guard` is called before every statement
    to Snowflake, and stops all of it by raising; `every`: seconds between two writings of one catalogue.
    """
    ends_at = time.monotonic() + _LONGEST
    while time.monotonic() < ends_at and (turn := take(pool.limits.longest_statement, every=every)):
        try:
            _publish(turn, pool, guard, time.monotonic() + _PATIENCE)
        except _StoppedError:
            return
        except (NotNowError, ChangedError, SyncError):
            continue


def publish_whole(configuration_id: UUID, pool: Pool) -> Published | None:
    """Writes all of a destination's catalogue, whether a warehouse is awake or not; None: somebody else writes it now.

    Raises SyncError, which is noted with the destination, NotNowError, and ChangedError.
    """
    turn = take_one(configuration_id, pool.limits.longest_statement)
    return _publish(turn, pool, lambda: None, None) if turn else None


def _table_of(access: Access) -> Table:
    """Where the catalogue is to be. Raises configuration_invalid."""
    table = access.destination.table(resolve(access.configuration.catalogue_name))
    try:
        str(table)
    except ValueError as error:
        raise failure("configuration_invalid", f"The catalogue_name cannot be right: {error}") from None
    return table


def _publish(turn: Turn, pool: Pool, guard: Guard, ends_at: float | None) -> Published:
    """Ends the turn, whatever happens. Raises what `publish_whole` raises, _StoppedError and Error."""

    def check() -> None:
        try:
            guard()
        except Exception as reason:
            raise _StoppedError from reason
        turn.check()

    published = Published()
    try:
        access = Access(turn.configuration_id, pool, check)
        if access.configuration.catalogue_name:
            with access.session() as session:
                session.about = {"work": "catalogue"}
                try:
                    _Publisher(turn, access, session, published).publish(ends_at)
                finally:
                    published.statements = session.statements
    except TurnLostError:
        logger.info("The catalogue of destination %s is written by somebody else", turn.configuration_id)
        return published
    except SyncError as error:
        logger.warning("The catalogue of destination %s waits: %s", turn.configuration_id, error)
        turn.fail(error)
        raise
    except (NotNowError, ChangedError, _StoppedError, Error):
        with suppress(Error):
            turn.give_back()
        raise
    except Exception as error:
        logger.exception("The catalogue of destination %s", turn.configuration_id, exc_info=Unquoted(error))
        unexpected = failure("unexpected", f"{type(error).__name__} while the catalogue was written")
        turn.fail(unexpected)
        raise unexpected from None
    turn.end(written=published.rows > 0)
    return published


class _Publisher:
    """One writing of a catalogue."""

    def __init__(self, turn: Turn, access: Access, session: Session, published: Published) -> None:
        self._turn = turn
        self._configuration = access.configuration
        self._database = access.destination.database
        self._session = session
        self._catalogue = Catalogue(session, _table_of(access), access.configuration.pk)
        self._published = published

    def publish(self, ends_at: float | None) -> None:
        """`ends_at`: when writing the whole has taken long enough; None: it goes on to its end."""
        if not self._turn.is_awake:
            self._follow_views(ends_at)
            return
        self._settle()
        changes.note_deleted(self._turn, whole=ends_at is None)
        self._rename()
        before = changes.waiting(self._turn)
        changes.forget(self._turn, before.of(self._fill(ends_at)))
        self._write_changes()
        # It may have turned out on the way that the table had to be made anew.
        self._fill(ends_at)
        if ends_at is None:
            views.recover(self._session, self._configuration)
        self._follow_views(None if ends_at is None else time.monotonic() + _PATIENCE)

    def _fill(self, ends_at: float | None) -> set[str]:
        """Writes the whole, as far as it was not since the table was made; the executions that it wrote."""
        written: set[str] = set()
        while (page := changes.to_fill(self._turn, self._configuration.user_id)) and (
            ends_at is None or time.monotonic() < ends_at
        ):
            # A table that was made anew on the way has nothing of what was written before.
            if self._write(page.executions):
                written.clear()
            else:
                changes.filled(self._turn, page)
                written.update(page.executions)
        return written

    def _settle(self) -> None:
        """Makes the table where it is not the one that was written until now."""
        stored = SyncCatalogue.objects.get(pk=self._configuration.pk)
        table = self._catalogue.table
        known = (stored.database_name, stored.schema_name, stored.table_name)
        if known != (table.database, table.schema, table.name):
            self._catalogue.make()
            left = [name for name in known if name is not None]
            self._turn.moved(table, readable(*left) if left else "")

    def _write_changes(self) -> None:
        while (waiting := changes.waiting(self._turn)).changes:
            self._write(waiting.executions)
            changes.forget(self._turn, waiting)
            if len(waiting.changes) < changes.PAGE:
                return

    def _write(self, executions: Sequence[str]) -> bool:
        """Whether the table had to be made anew, or given columns, for it: then all of it is to be written."""
        rows = rows_of(self._configuration.pk, self._database, executions)
        anew = False
        for text in texts(rows):
            anew |= mended(lambda text=text: self._catalogue.write(text), self._mend)  # type: ignore[misc]
        changes.note_names(self._turn, rows)
        views.note(self._configuration, executions)
        self._published.rows += len(rows)
        return anew

    def _rename(self) -> None:
        """Workflows that are called otherwise by now, each by one statement."""
        for workflow in changes.renamed(self._turn):
            moment = changes.moment()
            names = (workflow.known_as, workflow.workflow_id, workflow.name, moment)
            mended(lambda names=names: self._catalogue.rename_workflow(*names), self._mend)  # type: ignore[misc]
            changes.note_renamed(self._turn, workflow)
            views.note(self._configuration, workflow_ids=[UUID(workflow.key)])

    def _mend(self) -> bool:
        made = self._catalogue.make()
        if made:
            self._turn.refill()
        return made

    def _follow_views(self, ends_at: float | None) -> None:
        """The catalogue stands as it is, whatever becomes of the views."""
        try:
            views.follow(
                self._session,
                self._configuration,
                self._catalogue.table,
                ends_at=ends_at,
                says=self._turn.is_awake,
            )
        except SyncError as error:
            logger.warning("The views of destination %s wait: %s", self._configuration.pk, error)
