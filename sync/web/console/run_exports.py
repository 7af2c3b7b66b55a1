"""The list of runs as a file: a line for each run and destination."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse

from sync.reporting import Cursor, Run, list_runs
from sync.web.console.access import console_page
from sync.web.console.exports import as_file, no_file
from sync.web.console.query_parameters import ConsoleQuery
from sync.web.console.runs import table_of

# Runs in a file, and those that are read at once.
MOST, PAGE = 10_000, 1_000
COLUMNS = (
    "execution_id",
    "workflow_id",
    "workflow",
    "user",
    "destination_id",
    "destination",
    "status",
    "error_code",
    "error_message",
    "rows",
    "table",
    "finished_at",
    "queued_at",
    "changed_at",
)


@console_page
def runs_file(request: HttpRequest, form: str) -> HttpResponse:
    """All that match, the latest first, as csv or json; it says so if that is too many."""
    wanted = ConsoleQuery(request)
    if refused := no_file(wanted.problems):
        return refused
    runs, is_whole = _found(wanted)
    return as_file(form, "runs", COLUMNS, _lines(runs), is_whole=is_whole, most=MOST)


def _found(wanted: ConsoleQuery) -> tuple[list[Run], bool]:
    runs: list[Run] = []
    after: Cursor | None = None
    while len(runs) < MOST:
        page = list_runs(wanted.what, limit=PAGE, after=after)
        runs += page.runs
        after = page.older
        if after is None:
            return runs, True
    return runs, False


def _lines(runs: list[Run]) -> Iterator[tuple[Any, ...]]:
    for run in runs:
        for item in run.items:
            destination = item.configuration
            yield (
                run.execution_id,
                run.workflow_id,
                run.workflow_name,
                run.user_email,
                destination and str(destination.pk),
                destination and str(destination),
                item.status,
                item.error_code,
                item.error_message,
                item.row_count,
                table_of(item),
                run.completed_at,
                item.created_at,
                item.updated_at,
            )
