"""What died attempts and checks have left: staged files that nobody will load any more, and tables of theirs.

Both are named by when they began, and by a hexadecimal token that makes them unlike any other.
"""

import logging
import re
from datetime import UTC, datetime

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.session import Session
from sync.snowflake.show_statements import own_tables
from sync.snowflake.statements import Table, marker

logger = logging.getLogger(__name__)

# Removed in one go: the next load has better things to do than to wait for more.
_AT_ONCE = 50
_BEGAN = "%Y%m%dT%H%M%S"
_DIRECTORY = re.compile(r"/((\d{8}T\d{6})_[0-9a-f]{32})/")
_CHECK, _ASIDE = "CHECK_", "LOAD_"
_TABLE = re.compile(rf"{statements.PREFIX}(?:{_CHECK}|{_ASIDE})(\d{{8}}T\d{{6}})_[0-9A-F]{{16,32}}")


def staged_name(began: datetime, token: str) -> str:
    """The directory of an attempt in the stage."""
    return f"{began.astimezone(UTC):{_BEGAN}}_{token}"


def check_table_name(began: datetime, token: str) -> str:
    """The table that a check makes and drops."""
    return statements.PREFIX + _CHECK + staged_name(began, token.upper())


def aside_table_name(staged_name: str) -> str:
    """The table that the rows of an attempt are loaded into before they are put in place."""
    return statements.PREFIX + _ASIDE + staged_name.upper()


def clear_staged_files(session: Session, table: Table, before: datetime) -> int:
    """Removes what attempts left behind that began before then, in the stage of a table's schema; how many.

    LIST, and REMOVE for each. Never raises a SyncError: it is tidying up.
    """
    try:
        listed = session.execute(statements.list_stage(table), "look for files left behind").rows
        found = [match for row in listed if (match := _DIRECTORY.search(str(row.get("name"))))]
        old = sorted({match[1] for match in found if _is_before(match[2], before)})[:_AT_ONCE]
        for directory in old:
            session.execute(statements.remove(table, directory), "remove a file left behind")
    except SyncError as error:
        logger.info("Files left behind were not removed: %s", error.happened)
        return 0
    if old:
        logger.warning("Removed the staged files of %d attempts that died", len(old))
    return len(old)


def clear_tables(session: Session, schema: Table, before: datetime) -> int:
    """Drops tables that checks and attempts left behind which began before then, in a table's schema; how many.

    Never raises a SyncError: it is tidying up.
    """
    dropped = 0
    try:
        for table in _abandoned(session, schema, before)[:_AT_ONCE]:
            session.execute(statements.drop(table), f"drop {table}, which was left behind")
            dropped += 1
    except SyncError as error:
        logger.info("Tables left behind were not dropped: %s", error.happened)
    return dropped


def _abandoned(session: Session, schema: Table, before: datetime) -> list[Table]:
    """Pages are read to the end before anything is dropped: each begins behind a table that is there."""
    found, last, full = [], "", True
    while full:
        rows = session.execute(own_tables(schema, last), "look for tables left behind").rows
        for row in rows:
            last = str(row["name"])
            named = _TABLE.fullmatch(last)
            if named and str(row["comment"]).startswith(_mark(last)) and _is_before(named[1], before):
                found.append(schema.beside(last))
        full = len(rows) == statements.PAGE
    return found


def _mark(name: str) -> str:
    """How the comment of a table of ours with this name begins; one of rows aside has that of the table they go to."""
    checks = name.startswith(statements.PREFIX + _CHECK)
    return marker("check", name, "") if checks else f"{statements.MARK}execution "


def _is_before(began: str, moment: datetime) -> bool:
    try:
        return datetime.strptime(began, _BEGAN).replace(tzinfo=UTC) < moment
    except ValueError:
        return False
