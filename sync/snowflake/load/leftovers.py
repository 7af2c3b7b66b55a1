"""What died attempts and checks have left: staged files that nobody will load any more, and tables of checks."""

import logging
import re
from datetime import UTC, datetime

from sync.errors import SyncError
from sync.snowflake import check_statements, statements
from sync.snowflake.session import Session
from sync.snowflake.statements import Table

logger = logging.getLogger(__name__)

# Directories removed in one go: the next load has better things to do than to wait for more.
_AT_ONCE = 50
_BEGAN = "%Y%m%dT%H%M%S"
_DIRECTORY = re.compile(r"/(\d{8}T\d{6}_[0-9a-f]{32})/")


def staged_name(began: datetime, token: str) -> str:
    """The directory of an attempt in the stage: when it began, and what makes it unlike any other."""
    return f"{began.astimezone(UTC):{_BEGAN}}_{token}"


def sweep_stage(session: Session, table: Table, before: datetime) -> int:
    """Removes what attempts left behind that began before then, in the stage of a table's schema; how many.

    LIST, and REMOVE for each. Never raises a SyncError: it is tidying up.
    """
    try:
        listed = session.execute(statements.list_stage(table), "look for files left behind").rows
        found = {match[1] for row in listed if (match := _DIRECTORY.search(str(row.get("name"))))}
        old = sorted(directory for directory in found if _began(directory) < before)[:_AT_ONCE]
        for directory in old:
            session.execute(statements.remove(table, directory), "remove a file left behind")
    except SyncError as error:
        logger.info("Files left behind were not removed: %s", error.happened)
        return 0
    if old:
        logger.warning("Removed the staged files of %d attempts that died", len(old))
    return len(old)


def sweep_checks(session: Session, schema: Table, before: datetime) -> int:
    """Drops tables that checks left behind which began before then, in a table's schema; how many.

    Never raises a SyncError: it is tidying up.
    """
    dropped = 0
    try:
        for table in _abandoned(session, schema, before)[:_AT_ONCE]:
            session.execute(statements.drop(table), f"drop {table}, which a check left behind")
            dropped += 1
    except SyncError as error:
        logger.info("Tables that checks left behind were not dropped: %s", error.happened)
    return dropped


def _abandoned(session: Session, schema: Table, before: datetime) -> list[Table]:
    """Pages are read to the end before anything is dropped: each begins behind a table that is there."""
    found, last, full = [], "", True
    while full:
        rows = session.execute(check_statements.tables_of_checks(schema, last), "look for tables of checks").rows
        for row in rows:
            last = str(row["name"])
            began = check_statements.began(last, str(row["comment"]))
            if began is not None and began < before:
                found.append(schema.beside(last))
        full = len(rows) == check_statements.PAGE
    return found


def _began(directory: str) -> datetime:
    return datetime.strptime(directory.split("_", maxsplit=1)[0], _BEGAN).replace(tzinfo=UTC)
