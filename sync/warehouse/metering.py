"""The credits that a destination's warehouse has used, asked of Snowflake by somebody who waits for it."""

from datetime import date, datetime

from accounts.models import SnowflakeConfiguration
from sync.destinations import by_hand
from sync.snowflake.session import Session
from sync.snowflake.setup import LIMITS
from sync.snowflake.warehouse import read_credits


def actual_credits(configuration: SnowflakeConfiguration, since: datetime) -> dict[date, float]:
    """By day, in UTC; of all that used the warehouse, which this wakes.

    Raises NotNowError where no log-in may be tried, and SyncError: privilege_missing where the role may not know.
    """
    destination, lock = by_hand(configuration.pk, LIMITS)
    session = Session(destination, LIMITS, login_lock=lock)
    session.about = {"work": "costs"}
    try:
        return read_credits(session, destination.warehouse, destination.role, since)
    finally:
        session.close()
