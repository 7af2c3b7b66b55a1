"""What is kept in Snowflake beside the results, and what is looked after there: nothing of it holds up a load."""

from sync.warehouse.catalogue import Published, publish_due, publish_whole
from sync.warehouse.changes import note_changes
from sync.warehouse.drift import (
    KINDS,
    BusyError,
    Deep,
    GivenUpError,
    Kind,
    Reconciled,
    ask_look,
    compare_deeply,
    destination_due,
    prune_findings,
    reconcile,
    said,
)
from sync.warehouse.erasing import (
    destinations_of,
    erase_left_catalogue,
    erase_lines,
    erase_marked,
    forget_names,
    has_catalogue,
    is_catalogue_busy,
    places_of,
)
from sync.warehouse.metering import actual_credits
from sync.warehouse.retention import keep_to_retention
from sync.warehouse.turn import EVERY, tidy
from sync.warehouse.view_register import note_table
from sync.warehouse.views import release

__all__ = [
    "EVERY",
    "KINDS",
    "BusyError",
    "Deep",
    "GivenUpError",
    "Kind",
    "Published",
    "Reconciled",
    "actual_credits",
    "ask_look",
    "compare_deeply",
    "destination_due",
    "destinations_of",
    "erase_left_catalogue",
    "erase_lines",
    "erase_marked",
    "forget_names",
    "has_catalogue",
    "is_catalogue_busy",
    "keep_to_retention",
    "note_changes",
    "note_table",
    "places_of",
    "prune_findings",
    "publish_due",
    "publish_whole",
    "reconcile",
    "release",
    "said",
    "tidy",
]
