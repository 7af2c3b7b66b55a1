from sync.load.again import as_loaded
from sync.load.batch_load import BatchLoad
from sync.load.erasing import Left, erase, find_left, forget_left, forget_results, has_rows, may_land_late
from sync.load.plans import Plans
from sync.load.record import Record

__all__ = [
    "BatchLoad",
    "Left",
    "Plans",
    "Record",
    "as_loaded",
    "erase",
    "find_left",
    "forget_left",
    "forget_results",
    "has_rows",
    "may_land_late",
]
