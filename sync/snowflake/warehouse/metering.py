# ruff: noqa: S608 -- values are escaped
"""What a warehouse has used, as Snowflake says: for whoever asks, since the question itself wakes it.

docs.snowflake.com/en/sql-reference/account-usage/warehouse_metering_history: by the hour, up to three hours late, for a
year. Who may read it: docs.snowflake.com/en/sql-reference/snowflake-db-roles.
"""

from datetime import UTC, date, datetime

from sync.errors import SyncError, failure
from sync.snowflake.identifiers import literal, quote
from sync.snowflake.session import NOT_FOUND, Session, errno_of

_VIEW = "SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY"
_NOT_ALLOWED = 3001


def used_credits(warehouse: str, since: datetime) -> str:
    """Days are of UTC, as the session's time zone is. Cloud services are not among it: most of them are free."""
    after = literal(f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000")
    return (
        f"SELECT TO_DATE(START_TIME) AS DAY, SUM(CREDITS_USED_COMPUTE) AS CREDITS FROM {_VIEW} "
        f"WHERE WAREHOUSE_NAME = {literal(warehouse)} AND START_TIME >= {after}::TIMESTAMP_TZ GROUP BY 1 ORDER BY 1"
    )


def read_credits(session: Session, warehouse: str, role: str, since: datetime) -> dict[date, float]:
    """The credits of each day that has any, by everybody who used the warehouse.

    Raises privilege_missing, with the statement that lets the role read them; SyncError of statements.
    """
    try:
        answer = session.execute(used_credits(warehouse, since), f"read what the warehouse {warehouse} has used")
    except SyncError as error:
        if errno_of(error) not in NOT_FOUND | {_NOT_ALLOWED}:
            raise
        happened = f"The role may not read {_VIEW}"
        raise failure("privilege_missing", happened, remedy=_grant(role), query_id=error.query_id) from error.__cause__
    return {row["day"]: float(row["credits"] or 0) for row in answer.rows}


def _grant(role: str) -> str:
    whom = quote(role) if role else "..."
    return f"As ACCOUNTADMIN: GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE {whom}. Then ask again."
