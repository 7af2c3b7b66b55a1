"""What a warehouse has used, as the account says; or that it does not let this role know."""

from datetime import UTC, datetime, timedelta

from sync.errors import SyncError
from sync.snowflake.session import Session
from sync.snowflake.warehouse import read_credits
from tests.live.account import Account


def test_the_credits_of_a_warehouse(account: Account, session: Session) -> None:
    """The metering of a warehouse is read, by day; or the role is refused it, and told which grant it lacks."""
    destination = account.destination
    since = datetime.now(UTC) - timedelta(days=7)
    refused = None
    try:
        used = read_credits(session, destination.warehouse, destination.role, since)
    except SyncError as error:
        refused, used = error, {}
    assert all(day >= since.date() and found >= 0 for day, found in used.items())
    assert refused is None or (refused.code == "privilege_missing" and "USAGE_VIEWER" in refused.remedy)
