"""The load of a batch: executions that travel together, from PostgreSQL to one destination.

It knows nothing of threads, and changes no item's state. No PostgreSQL transaction is open while Snowflake is
being talked to.
"""

import logging
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from sync.destinations import Access
from sync.errors import DestinationError, SyncError, failure
from sync.load import table_registry as registry
from sync.load.extract import Extracted, extract
from sync.load.fence import fenced, settle, takes_long
from sync.load.first_loads import load_together
from sync.load.plans import Plans
from sync.load.record import Record, note_session, session_for, timed
from sync.load.released import Release
from sync.load.removal import leave_out
from sync.load.target import Target, targets_of
from sync.models import WorkflowExecution
from sync.queue import Claim, OpenLoad, Outcome, Removed, excluded_now, past_retention
from sync.results import StagedFile
from sync.snowflake.load import (
    FileLoad,
    assume_stage,
    clear_staged_files,
    clear_tables,
    load_again,
    load_first,
    load_shared,
    read_columns,
    staged_name,
)
from sync.snowflake.session import Session
from sync.snowflake.statements import Table
from sync.telemetry import note

logger = logging.getLogger(__name__)

# How often a load looks for staged files that were left behind in a destination, and how old such files have to be.
CLEAR_EVERY = timedelta(days=1)
# Workflows of a batch that its trace names.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Part:
    """Executions of the batch that go to one table, with the target as it is known.

    `look`: the executions do not fit what is known of the table, so Snowflake is asked first.
    """

    records: Sequence[Record]
    target: Target
    look: bool = False

    @property
    def is_first(self) -> bool:
        """Whether it is a table of an execution's own that nothing was loaded into, in the destination's schema."""
        return self.target.known is None and not self.target.shared and not self.target.request.is_special


class BatchLoad:
    """Loads executions into one destination: each gets one outcome, the place of its result or its error.

    An execution without an outcome was not loaded because of the error that `run` raised. `records` say how far each
    execution has come, also while `run` goes on.
    """

    _access: Access
    _targets: dict[str, Target]
    _plans: Plans

    def __init__(self, claims: Iterable[Claim], directory: Path | None, release: Release) -> None:
        self._claims = {claim.execution_id: claim for claim in claims}
        self.records = {
            execution_id: Record(execution_id, attempt=claim.claim_token)
            for execution_id, claim in self._claims.items()
        }
        self.outcomes: dict[str, Outcome | Removed | SyncError] = {}
        self._directory = directory
        self._release = release

    def run(self, access: Access) -> None:
        """Loads all executions. Raises errors that concern all that are left: of the destination, access, or database.

        Each part that comes back from a try has fewer executions, or more is known of its table: the names of keys,
        which columns there are, that none can grow. So this ends, unless results get new keys all the time.
        """
        self._access = access
        for record in self.records.values():
            record.rules_version = access.rules.version
        self._settle_earlier_loads()
        self._leave_out()
        executions = self._executions()
        self._plans = Plans(access.configuration, access.rules, executions)
        self._targets = targets_of(executions, access.configuration, access.destination)
        parts = self._parts()
        self._load_together([part for part in parts if part.is_first])
        while parts:
            part = parts.pop(0)
            if left := self._left(part.records):
                parts[:0] = self._try(replace(part, records=left))

    def _settle_earlier_loads(self) -> None:
        """Executions wait for as long as an earlier load of theirs may still land."""
        earlier: dict[OpenLoad, list[Claim]] = {}
        for claim in self._claims.values():
            if claim.open_load:
                earlier.setdefault(claim.open_load, []).append(claim)
        for load, claims in earlier.items():
            try:
                records = [self.records[claim.execution_id] for claim in claims]
                settle(session_for(records, self._access), claims, load)
            except DestinationError:
                raise
            except SyncError as error:
                self.outcomes |= {claim.execution_id: error for claim in claims}

    def _leave_out(self) -> None:
        """What is excluded or past retention is not loaded, and taken out where that was asked for."""
        rules = self._access.rules
        left = [record.execution_id for record in self._left(self.records.values())]
        excluded = past_retention(self._claims[one] for one in left)
        if rules.scope and left:
            found = excluded_now(self._access.configuration.pk, rules.version, left)
            excluded |= {one: failure("excluded_by_rule", said) for one, said in found.items()}
        if excluded:
            leave_out(self._access, self._claims.values(), self.records, excluded, self.outcomes, self._release)

    def _executions(self) -> list[WorkflowExecution]:
        """The executions that are still the owner's, without their results, which are never read into Python."""
        visible = {
            execution.execution_id: execution
            for execution in WorkflowExecution.objects.select_related("workflow")
            .defer("result_rows", "result_columns", "execution_parameters")
            .filter(execution_id__in=[record.execution_id for record in self._left(self.records.values())])
        }
        for record in self._left(self.records.values()):
            execution_id = record.execution_id
            execution = visible.get(execution_id)
            if execution is None:
                refused = f"The worker's database role does not see execution {execution_id}"
                self.outcomes[execution_id] = failure("execution_not_visible", refused)
            elif execution.workflow is None or execution.workflow.user_id != self._access.configuration.user_id:
                refused = f"Execution {execution_id} was queued for another user"
                self.outcomes[execution_id] = failure("owner_changed", refused)
            else:
                record.workflow_id = execution.workflow.workflow_id
        mine = [visible[record.execution_id] for record in self._left(self.records.values())]
        note(workflows=sorted({execution.workflow.workflow_id for execution in mine if execution.workflow})[:_NAMED])
        return mine

    def _parts(self) -> list[_Part]:
        together: dict[Table, list[Record]] = {}
        for record in self._left(self.records.values()):
            table = self._targets[record.execution_id].table
            logger.info("Syncing execution %s to Snowflake table %s", record.execution_id, table.name)
            together.setdefault(table, []).append(record)
        return [_Part(records, self._targets[records[0].execution_id]) for records in together.values()]

    def _left(self, records: Iterable[Record]) -> list[Record]:
        return [record for record in records if record.execution_id not in self.outcomes]

    def _load_together(self, parts: Sequence[_Part]) -> None:
        """First loads of own tables, as far as they come; what has no outcome then is to be tried by itself."""
        if len(parts) > 1:
            loads = [(record, part.target) for part in parts for record in part.records]
            load_together(loads, self._access, self._directory, self.outcomes, self._takes_long, self._plans)
            self._clear(*loads[0])

    def _try(self, part: _Part) -> list[_Part]:
        """Loads the executions that fit the table as it is known. Returns the parts in which to try the others."""
        target = self._as_it_is(part) if part.look else part.target
        with StagedFile(self._directory) as staged:
            with timed(part.records, "extract"):
                case = self._access.destination.identifier_case
                extracted = extract(staged, part.records, target, case, self._plans)
            self.outcomes |= extracted.refused
            if extracted.unnamed:
                target = registry.name_columns(target, extracted.unnamed, case)
            if extracted.unnamed or staged.is_partly_written:
                return [_Part(self._left(part.records), target)]
            if target.is_certain:
                self.outcomes |= extracted.conflicts
            try:
                self._load(staged, extracted, target)
            except DestinationError:
                raise
            except SyncError as error:
                return self._after(error, part, extracted.loaded, target)
        return [_Part(self._left(part.records), target, look=True)]

    def _after(self, error: SyncError, part: _Part, loaded: Sequence[Record], target: Target) -> list[_Part]:
        """The parts to try next after Snowflake refused a file."""
        if error.entry.splits_batch and len(loaded) > 1:
            # It is not known whose result is at fault: each half is tried alone.
            left = self._left(part.records)
            half = len(left) // 2
            return [_Part(left[:half], target), _Part(left[half:], target)]
        if error.code == "table_conflict" and target.grows:
            # A column did not grow: results that need no wider column are loaded all the same.
            target = replace(target, grows=False)
        else:
            if error.code == "table_not_ours":
                registry.forget(target)
            self.outcomes |= {record.execution_id: error for record in self._left(loaded)}
        return [_Part(self._left(part.records), target, look=True)]

    def _as_it_is(self, part: _Part) -> Target:
        """The target with its columns as Snowflake has them."""
        with session_for(part.records, self._access) as session:
            return part.target.knowing(read_columns(session, part.target.table))

    def _load(self, staged: StagedFile, extracted: Extracted, target: Target) -> None:
        if not extracted.loaded:
            return
        first = extracted.loaded[0]
        name = staged_name(first.started_at, uuid.uuid4().hex)
        load = extracted.as_load(staged.paths, target, name, self._access.destination.identifier_case)
        if self._takes_long(extracted.loaded, staged.finish()):
            claims, use = self._claims_of(extracted.loaded), partial(note_session, extracted.loaded)
            load = replace(load, fenced=partial(fenced, self._access, claims, target.table, name, use))
        if target.known is None:
            registry.register(target)
        else:
            told = partial(self._release, configuration=self._access.configuration, tables=[target.table])
            known = target.known_columns
            load = replace(load, releases=lambda session, becomes: told(session, becomes=becomes, known=known))
        with timed(extracted.loaded, "load"), session_for(extracted.loaded, self._access) as session:
            if target.known is not None:
                assume_stage(session, target.table)
            try:
                _send(session, load, target, [record.execution_id for record in extracted.loaded])
            except SyncError as error:
                raise self._of_the_request(error, first) from error.__cause__
        registry.note_loaded(target, load.columns)
        for record in extracted.loaded:
            request = self._targets[record.execution_id].request
            self.outcomes[record.execution_id] = target.landed(record.rows, request)
        self._clear(first, target)

    def _takes_long(self, records: Iterable[Record], size: int) -> bool:
        return takes_long(self._claims_of(records), size, self._access.limits)

    def _claims_of(self, records: Iterable[Record]) -> list[Claim]:
        return [self._claims[record.execution_id] for record in records]

    def _clear(self, record: Record, target: Target) -> None:
        """Looks for what died attempts have left, once a day."""
        if registry.is_time_to_clear(self._access.configuration, CLEAR_EVERY):
            with self._access.session() as session:
                session.about = {"work": "tidying up"}
                clear_staged_files(session, target.table, record.started_at - CLEAR_EVERY)
                for schema in {target.table.beside(""), self._access.destination.table("")}:
                    clear_tables(session, schema, record.started_at - CLEAR_EVERY)

    def _of_the_request(self, error: SyncError, record: Record) -> SyncError:
        """The error to raise: a schema or table that one execution asked for must not pause the destination for all."""
        if error.entry.of_target and self._targets[record.execution_id].request.is_special:
            return failure("target_refused", error.happened, query_id=error.query_id)
        return error


def _send(session: Session, load: FileLoad, target: Target, execution_ids: Sequence[str]) -> None:
    if target.shared:
        earlier = registry.perhaps_there(target, execution_ids)
        load_shared(session, load, execution_ids, earlier=earlier, shape_known=target.has(load.columns))
    elif target.known is None:
        load_first(session, load)
    else:
        load_again(session, load, lacking=target.lacking(load.columns))
