"""What is kept in Snowflake beside the results, and what is looked after there: nothing of it holds up a load."""

from sync.warehouse.drift import (
    KINDS,
    BusyError,
    GivenUpError,
    Kind,
    Reconciled,
    ask_look,
    destination_due,
    prune_findings,
    reconcile,
    said,
)
from sync.warehouse.retention import keep_to_retention
from sync.warehouse.views import release

__all__ = [
    "KINDS",
    "BusyError",
    "GivenUpError",
    "Kind",
    "Reconciled",
    "ask_look",
    "destination_due",
    "keep_to_retention",
    "prune_findings",
    "reconcile",
    "release",
    "said",
]
