"""The list of runs as a file: a line for each run and destination."""

from functools import partial
from typing import NamedTuple

from django.http import HttpRequest, HttpResponseBase

from sync.queue import ItemFilter
from sync.reporting import Places, Run, RunItem, places_of_runs, runs_at
from sync.web.console.access import console_page, viewer
from sync.web.console.exports import Columns, as_file, no_file
from sync.web.console.query_parameters import ConsoleQuery
from sync.web.console.runs import table_of

# Runs in a file, and those that are held at once.
MOST, PAGE = 10_000, 500
# Of a run, in one of its destinations.
COLUMNS: Columns = {
    "execution_id": "run.execution_id",
    "workflow_id": "run.workflow_id",
    "workflow": "run.workflow_name",
    "user": "run.user_email",
    "destination_id": "item.configuration.pk",
    "destination": lambda line: line.item.configuration and str(line.item.configuration),
    "status": "item.status",
    "error_code": "item.error_code",
    "error_message": "item.error_message",
    "rows": "item.row_count",
    "table": lambda line: table_of(line.item),
    "finished_at": "run.completed_at",
    "queued_at": "item.created_at",
    "changed_at": "item.updated_at",
}


class Line(NamedTuple):
    run: Run
    item: RunItem


@console_page
def runs_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """All that match, the latest first, as csv or json; it says so if that is too many."""
    wanted = ConsoleQuery(request)
    if refused := no_file(wanted.problems):
        return refused
    places, is_whole = places_of_runs(wanted.what, most=MOST)
    ids = list(places)
    parts = (
        partial(_lines, wanted.what, {id_: places[id_] for id_ in ids[start : start + PAGE]})
        for start in range(0, len(ids), PAGE)
    )
    return as_file(viewer(request).pk, form, "runs", COLUMNS, parts, is_whole=is_whole, most=MOST)


def _lines(what: ItemFilter, places: Places) -> list[Line]:
    return [Line(run, item) for run in runs_at(what, places) for item in run.items]
