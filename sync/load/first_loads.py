"""First loads of many executions' own tables: one PUT for all their files, then CREATE and COPY for each.

2 N + 1 statements for N executions, in place of 3 N. Each has an outcome of its own, and the failure of one leaves the
others alone. Tables are made by CREATE and not from the staged file, which would spare one more: a CREATE TABLE … AS
says no number of rows, and knows no PURGE.
"""

import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sync.destinations import Access
from sync.errors import DestinationError, SyncError
from sync.load import table_registry as registry
from sync.load.extract import extract
from sync.load.plans import Plans
from sync.load.record import Record, session_for, timed
from sync.load.target import Target
from sync.queue import Outcome, Removed
from sync.results import StagedFile
from sync.snowflake.load import FileLoad, load_first, remove_staged, staged_name, upload_together
from sync.snowflake.session import Session, is_stage_gone

logger = logging.getLogger(__name__)

Outcomes = dict[str, Outcome | Removed | SyncError]


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """An execution, and the table of its own that it is to get; `file`: its result."""

    record: Record
    target: Target
    file: FileLoad


def load_together(
    parts: Sequence[tuple[Record, Target]],
    access: Access,
    directory: Path | None,
    outcomes: Outcomes,
    takes_long: Callable[[Sequence[Record], int], bool],
    plans: Plans,
) -> None:
    """Loads what can be loaded, all of it in one schema, and adds each outcome to `outcomes`.

    What has none then is to be tried by itself: what `takes_long`, by its size in bytes; and all of it where the files
    could not be uploaded together, since it is not known which one is at fault. Raises errors that concern all that are
    left.
    """
    records = [record for record, _ in parts]
    of_all: list[Session] = []
    for record in records:
        record.company = of_all
    with _files(parts, access, directory, outcomes, takes_long, plans) as loads:
        if len(loads) > 1 and _upload(loads, access):
            _load_each(loads, access, outcomes)
    for record in records:
        # What it is sent for from here on concerns it alone.
        record.company = list(of_all)


@contextmanager
def _files(
    parts: Sequence[tuple[Record, Target]],
    access: Access,
    directory: Path | None,
    outcomes: Outcomes,
    takes_long: Callable[[Sequence[Record], int], bool],
    plans: Plans,
) -> Iterator[list[FirstLoad]]:
    """Those that can be loaded, with their files, which have a directory to themselves."""
    case, name = access.destination.identifier_case, staged_name(parts[0][0].started_at, uuid.uuid4().hex)
    with tempfile.TemporaryDirectory(dir=directory) as place, ExitStack() as files:
        loads = []
        for record, target in parts:
            with ExitStack() as own, timed([record], "extract"):
                staged = own.enter_context(StagedFile(Path(place)))
                extracted = extract(staged, [record], target, case, plans)
                outcomes.update(extracted.refused | extracted.conflicts)
                if extracted.loaded and not takes_long([record], staged.finish()):
                    file = extracted.as_load(staged.paths, target, name, case)
                    loads.append(FirstLoad(record, target, replace(file, is_staged=bool(file.rows))))
                    if file.rows:
                        files.enter_context(own.pop_all())
        for load in loads:
            load.record.batch_size = len(loads)
        yield loads


def _upload(loads: Sequence[FirstLoad], access: Access) -> bool:
    """Whether the files are in the stage."""
    records, files = [load.record for load in loads], [load.file for load in loads if load.file.is_staged]
    try:
        with timed(records, "load"), session_for(records, access) as session:
            if files:
                upload_together(session, files)
    except DestinationError:
        raise
    except SyncError as error:
        logger.info("%d files could not be uploaded together, one by one now: %s", len(files), error.happened)
        return False
    return True


def _load_each(loads: Sequence[FirstLoad], access: Access, outcomes: Outcomes) -> None:
    registry.register(*(load.target for load in loads))
    for load in loads:
        outcome = _load(load, access)
        if outcome is None:
            break
        if isinstance(outcome, Outcome):
            # What cannot be noted has no outcome, and is loaded again: views go by what is noted of a table.
            registry.note_loaded(load.target, load.file.columns)
        outcomes[load.record.execution_id] = outcome


def _load(load: FirstLoad, access: Access) -> Outcome | SyncError | None:
    """None: what was uploaded is not all there, be it that the stage was dropped or that one address took all files."""
    with timed([load.record], "load"), session_for([load.record], access) as session:
        try:
            load_first(session, load.file)
        except SyncError as error:
            if is_stage_gone(error):
                return None
            concerns_all = isinstance(error, DestinationError) or error.code == "load_not_verified"
            if load.file.is_staged:
                remove_staged(session, load.file, all_beside=concerns_all)
            if isinstance(error, DestinationError):
                raise
            if concerns_all:
                return None
            if error.code == "table_not_ours":
                registry.forget(load.target)
            return error
    return load.target.landed(load.record.rows)
