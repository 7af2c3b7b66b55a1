"""What is in Snowflake against what was loaded: looks, and what they find."""

from sync.warehouse.drift.deep import Deep, compare_deeply
from sync.warehouse.drift.kinds import KINDS, Kind, said
from sync.warehouse.drift.reconciling import (
    BusyError,
    GivenUpError,
    Reconciled,
    ask_look,
    destination_due,
    prune_findings,
    reconcile,
)

__all__ = [
    "KINDS",
    "BusyError",
    "Deep",
    "GivenUpError",
    "Kind",
    "Reconciled",
    "ask_look",
    "compare_deeply",
    "destination_due",
    "prune_findings",
    "reconcile",
    "said",
]
