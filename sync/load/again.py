"""A result that was loaded, made ready once more as it was then, and not to be loaded."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.destinations import Access
from sync.errors import failure
from sync.load.extract import extract
from sync.load.plans import Plans
from sync.load.record import Record
from sync.load.target import targets_of
from sync.models import WorkflowExecution
from sync.results import StagedFile
from sync.rules import RuleSet
from sync.snowflake.load import FileLoad, staged_name


@contextmanager
def as_loaded(
    access: Access, execution_id: str, rules: RuleSet, directory: Path | None
) -> Iterator[tuple[FileLoad, Record]]:
    """The execution's result in a file, by these rules; and which results it was made of.

    Raises execution_not_visible, no_results, and whatever else a load would fail with before it is sent.
    """
    executions = list(
        WorkflowExecution.objects.select_related("workflow")
        .defer("result_rows", "result_columns", "execution_parameters")
        .filter(execution_id=execution_id)
    )
    if not executions:
        raise failure("execution_not_visible", f"There is no execution {execution_id}, or this role does not see it")
    plans = Plans(access.configuration, rules, executions, learns=False)
    target = targets_of(executions, access.configuration, access.destination)[execution_id]
    record, case = Record(execution_id), access.destination.identifier_case
    with StagedFile(directory) as staged:
        extracted = extract(staged, [record], target, case, plans)
        if error := (extracted.refused | extracted.conflicts).get(execution_id):
            raise error
        if extracted.unnamed:
            raise failure("table_conflict", f"{target.table} has no columns for keys of execution {execution_id}")
        staged.finish()
        name = staged_name(record.started_at, uuid.uuid4().hex)
        yield extracted.as_load(staged.paths, target, name, case), record
