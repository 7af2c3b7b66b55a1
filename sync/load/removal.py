"""What the rules exclude is taken out of Snowflake: where somebody asked for it, or an earlier try may have left it."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from sync.destinations import Access
from sync.errors import DestinationError, SyncError, failure
from sync.load.fence import fenced
from sync.load.record import Record, note_session, session_for, timed
from sync.load.released import Release
from sync.load.target import targets_of
from sync.models import SyncTable, WorkflowExecution
from sync.queue import Claim, Outcome, Removed, have_ended_with, to_remove
from sync.snowflake.load import delete_rows, drop_own, staged_name
from sync.snowflake.session import NOT_FOUND, Session, errno_of
from sync.snowflake.statements import Table, result_marker

_ELSEWHERE = (
    "Grant the role what it lacks there (USAGE, and CREATE TABLE to see what is hidden), then retry the run. "
    "If nothing is left, as of a schema that is gone for good, or once it was taken out by hand, skip the item."
)
# Schema and name, as items say where results are.
_Place = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Made:
    """A table, and the execution whose own it is; None: one that several share."""

    table: Table
    execution_id: str | None


def leave_out(
    access: Access,
    claims: Iterable[Claim],
    records: Mapping[str, Record],
    excluded: Mapping[str, SyncError],
    outcomes: dict[str, Outcome | Removed | SyncError],
    release: Release,
) -> None:
    """Gives each of the excluded executions its outcome: what excludes it, or that it was taken out because of that.

    Raises errors that concern all that are left: of the destination, access, or database.
    """
    concerned = [claim for claim in claims if claim.execution_id in excluded]
    removal = _Removal(access, concerned, records, release)
    outcomes |= {one: error for one, error in excluded.items() if one not in removal.items}
    for execution_id, error in removal.run():
        outcomes[execution_id] = error or Removed(excluded[execution_id])


class _Removal:
    """Rows of a shared table are deleted for all executions together; of the own tables, each is dropped by itself."""

    def __init__(
        self, access: Access, claims: Sequence[Claim], records: Mapping[str, Record], release: Release
    ) -> None:
        self._access, self._records, self._release = access, records, release
        self._claims = {claim.execution_id: claim for claim in claims}
        self.items = {item.execution_id: item for item in to_remove(claims)}
        self._tables = self._find()
        left = Counter(one for executions in self._tables.values() for one in executions)
        # What nobody asked for, and has no table, was never there.
        self.items = {one: item for one, item in self.items.items() if item.is_asked or left[one]}
        self._left = left
        self._errors: dict[str, SyncError] = {}

    def run(self) -> Iterator[tuple[str, SyncError | None]]:
        """Each execution once it is done, with the error that kept something of it where it is."""
        yield from ((one, None) for one in self.items if not self._left[one])
        for made, executions in self._tables.items():
            self._try(made, executions)
            self._left.subtract(executions)
            yield from ((one, self._errors.get(one)) for one in executions if not self._left[one])

    def _find(self) -> dict[_Made, list[str]]:
        """The tables that may have results of these executions, and whose: those of their own, wherever they are."""
        if not self.items:
            return {}
        tables = SyncTable.objects.filter(configuration=self._access.configuration).order_by("id")
        names = ("execution_id", "database_name", "schema_name", "table_name")
        found: dict[_Made, list[str]] = {}
        for owner, *name in tables.filter(execution_id__in=list(self.items)).values_list(*names):
            found[_Made(Table(*name), owner)] = [owner]
        places = self._places()
        shared = tables.filter(execution_id__isnull=True, table_name__in={name for _, name in places})
        for _, database, schema, name in shared.values_list(*names):
            if executions := places.get((schema, name)):
                found[_Made(Table(database, schema, name), None)] = executions
        return found | self._unregistered(found)

    def _unregistered(self, found: Mapping[_Made, Collection[str]]) -> dict[_Made, list[str]]:
        """Where an item says that it is loaded, and the register does not: the table's comment alone decides."""
        here = self._access.destination
        known = {(made.table.schema, made.table.name, one) for made, executions in found.items() for one in executions}
        return {
            _Made(Table(here.database, item.schema_name or here.schema, item.table_name), item.execution_id): [
                item.execution_id
            ]
            for item in self.items.values()
            if item.table_name and (item.schema_name, item.table_name, item.execution_id) not in known
        }

    def _places(self) -> dict[_Place, list[str]]:
        """Where the executions were loaded to, or where a try would have put what is not known to be loaded."""
        unknown = [item.execution_id for item in self.items.values() if item.table_name is None]
        targets = self._targets(unknown) if unknown else {}
        places: dict[_Place, list[str]] = {}
        for item in self.items.values():
            place = targets.get(item.execution_id, (item.schema_name, item.table_name))
            places.setdefault(place, []).append(item.execution_id)
        return places

    def _targets(self, execution_ids: Sequence[str]) -> dict[str, _Place]:
        executions = (
            WorkflowExecution.objects.select_related("workflow")
            .defer("result_rows", "result_columns", "execution_parameters")
            .filter(execution_id__in=execution_ids)
        )
        targets = targets_of(list(executions), self._access.configuration, self._access.destination)
        return {one: (target.table.schema, target.table.name) for one, target in targets.items()}

    def _try(self, made: _Made, executions: Sequence[str]) -> None:
        records = self._of(executions)
        for record in records:
            record.batch_size = len(records)
        try:
            with timed(records, "remove"), session_for(records, self._access) as session:
                if made.execution_id is None:
                    self._delete(made.table, executions, session)
                else:
                    self._drop(made.table, made.execution_id, session)
        except SyncError as error:
            # A schema or database that some executions went to must not pause the destination for all.
            elsewhere = self._is_elsewhere(made.table)
            if elsewhere and (error.entry.of_target or errno_of(error) in NOT_FOUND):
                error = failure("target_refused", error.happened, remedy=_ELSEWHERE, query_id=error.query_id)
            elif isinstance(error, DestinationError):
                raise
            self._errors |= dict.fromkeys(executions, error)

    def _drop(self, table: Table, execution_id: str, session: Session) -> None:
        mark = result_marker(table, execution_id, self._access.configuration.pk)
        releases = partial(self._release, configuration=self._access.configuration, tables=[table])
        was_there = drop_own(session, table, mark, releases=releases)
        self._count(execution_id, self.items[execution_id].row_count if was_there else 0)

    def _delete(self, table: Table, executions: Sequence[str], session: Session) -> None:
        mark = result_marker(table, None, self._access.configuration.pk)
        releases = partial(
            self._release, configuration=self._access.configuration, tables=[table], executions=executions
        )
        placing = self._placing(session, table, executions)
        deleted = delete_rows(session, table, mark, executions, placing, releases=releases)
        known = {one: self.items[one].row_count for one in executions}
        if sum(rows or 0 for rows in known.values()) != deleted:
            # Whose they were is not said.
            known = dict.fromkeys(executions, None if deleted and len(executions) > 1 else deleted)
        for one, rows in known.items():
            self._count(one, rows)

    def _placing(
        self, session: Session, table: Table, executions: Sequence[str]
    ) -> Callable[[], AbstractContextManager[Session]]:
        """What ran out of time goes in a named transaction, which has more of it, as loads do."""
        claims, records = [self._claims[one] for one in executions], self._of(executions)
        if not have_ended_with(claims, "statement_timeout", "statement_cancelled"):
            return lambda: nullcontext(session)
        name = staged_name(records[0].started_at, uuid.uuid4().hex)
        return partial(fenced, self._access, claims, table, name, partial(note_session, records))

    def _of(self, executions: Iterable[str]) -> list[Record]:
        return [self._records[one] for one in executions]

    def _count(self, execution_id: str, rows: int | None) -> None:
        record = self._records[execution_id]
        record.rows = record.rows if rows is None else (record.rows or 0) + rows

    def _is_elsewhere(self, table: Table) -> bool:
        """Whether it is not where the destination's results go to by themselves."""
        return table.beside("") != self._access.destination.table("")
