"""The past, added up: what became of attempts, by minute, hour and destination, and for ever."""

from sync.reporting.history.adding import GRACE, add_up, catch_up
from sync.reporting.history.adding_sql import BOUNDS

__all__ = ["BOUNDS", "GRACE", "add_up", "catch_up"]
