"""The list of runs as a file: a line for each run and destination."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from sync.queue import ItemFilter
from sync.reporting import Places, places_of_runs, runs_at
from sync.web.console.access import console_page, viewer
from sync.web.console.exports import as_file, no_file
from sync.web.console.query_parameters import ConsoleQuery
from sync.web.console.runs import table_of

# Runs in a file, and those that are held at once.
MOST, PAGE = 10_000, 500
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


def _lines(what: ItemFilter, places: Places) -> Iterator[tuple[Any, ...]]:
    for run in runs_at(what, places):
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
