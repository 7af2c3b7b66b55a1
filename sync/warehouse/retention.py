"""Retention as workers keep to it: a look at what is past it, and results whose executions are deleted."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import groupby

from sync import queue
from sync.destinations import Access, ChangedError, NotNowError
from sync.errors import DestinationError, SyncError
from sync.models import SyncTable
from sync.queue import Going
from sync.snowflake.load import delete_rows, drop_own
from sync.snowflake.session import Pool, Session
from sync.snowflake.statements import Table, result_marker
from sync.warehouse.views import release

logger = logging.getLogger(__name__)

# Seconds for looking, and for taking out, before the rest waits for the next pass.
LOOKING, TAKING = 0.3, 10.0
# Seconds beside those that the statements of one table may take.
_SPARE = 60


class _StoppedError(Exception):
    """No more is to be sent: it might end after what was held is free again, or the guard says so."""


def keep_to_retention(pool: Pool, guard: Callable[[], None]) -> None:
    """Asks for what is past retention, and takes out what is gone in the application, for some seconds.

    What is in the way is noted. `guard` is called before every statement to Snowflake, and stops it by raising. Raises
    Error of PostgreSQL.
    """
    queue.begin_walks()
    began = time.monotonic()
    while time.monotonic() < began + LOOKING and queue.walk():
        pass
    while time.monotonic() < began + TAKING and (going := queue.next_going()):
        if not _Withdrawal(going, pool, guard).run(began + TAKING):
            return


class _Withdrawal:
    """Of one destination; each table is held by itself, right before something of it is taken out."""

    def __init__(self, going: Sequence[Going], pool: Pool, guard: Callable[[], None]) -> None:
        self._going, self._pool, self._guard = going, pool, guard
        self._configuration_id = going[0].configuration_id
        self._ends_at = 0.0

    def run(self, until: float) -> bool:
        """False: the destination cannot be reached now, or its time is over."""
        try:
            access = Access(self._configuration_id, self._pool, self._check)
            for tables, results in self._tables(access):
                if time.monotonic() > until:
                    return False
                self._try(access, tables, results)
        except (NotNowError, ChangedError, _StoppedError):
            return False
        except SyncError as error:
            logger.info("What is gone in the application stays in Snowflake for now: %s", error.happened)
            queue.put_off_going(self._configuration_id, [one.execution_id for one in self._going], error)
            return False
        return True

    def _tables(self, access: Access) -> Iterator[tuple[list[Table], list[Going]]]:
        """An own table with the one whose it is; or shared ones of a name, wherever, with those who have rows there."""
        for is_own, found in groupby(sorted(self._going, key=_place), key=_place):
            results = list(found)
            if is_own[0]:
                yield [Table(*is_own[1:])], results
            else:
                yield self._shared(access, *is_own[2:]), results

    def _shared(self, access: Access, schema: str, name: str) -> list[Table]:
        here = access.destination
        registered = SyncTable.objects.filter(
            configuration=access.configuration.pk,
            execution_id__isnull=True,
            schema_name=schema or here.schema,
            table_name=name,
        )
        names = registered.values_list("database_name", "schema_name", "table_name").order_by("id")
        return [Table(*name) for name in names]

    def _try(self, access: Access, tables: Sequence[Table], results: Sequence[Going]) -> None:
        longest = self._pool.limits.longest_statement
        self._ends_at = time.monotonic() + longest + _SPARE
        ids = [one.execution_id for one in results]
        held = queue.hold_going(self._configuration_id, ids, 2 * longest + 2 * _SPARE)
        if not held:
            return
        place = tables[-1] if tables else None
        try:
            with access.session() as session:
                session.about = {"work": "retention"}
                for table in tables:
                    self._take_out(session, access, table, held, is_own=results[0].own is not None)
        except DestinationError:
            raise
        except SyncError as error:
            logger.warning("A result whose execution is gone stays in %s: %s", place, error.happened)
            queue.put_off_going(self._configuration_id, held, error)
        else:
            names = (place.database, place.schema, place.name) if place else None
            queue.note_taken_out(self._configuration_id, held, names)

    def _take_out(self, session: Session, access: Access, table: Table, held: Sequence[str], *, is_own: bool) -> None:
        mark = result_marker(table, held[0] if is_own else None, self._configuration_id)
        releases = partial(release, configuration=access.configuration, tables=[table])
        if is_own:
            drop_own(session, table, mark, releases=releases)
        else:
            releases = partial(releases, executions=held)
            delete_rows(session, table, mark, held, lambda: nullcontext(session), releases=releases)

    def _check(self) -> None:
        if time.monotonic() > self._ends_at > 0:
            raise _StoppedError
        try:
            self._guard()
        except Exception as reason:
            raise _StoppedError from reason


def _place(one: Going) -> tuple[bool, str, str, str]:
    return (True, *one.own) if one.own else (False, "", one.schema_name or "", one.table_name)
