"""Whose a table is: GRANT OWNERSHIP, and which roles a session has. Everybody is SYSADMIN until somebody takes a table.

docs.snowflake.com/en/sql-reference/sql/grant-ownership, .../functions/is_role_in_session
"""

import re

from sandbox.snowflake.mends.answers import Answer
from sandbox.snowflake.mends.identifiers import normalise, parts_from_var, shown

OWNER = "SYSADMIN"
Place = tuple[str, str, str]

_GRANT = re.compile(
    r"\s*GRANT\s+OWNERSHIP\s+ON\s+TABLE\s+(\S+)\s+TO\s+ROLE\s+(\S+)(?:\s+(?:REVOKE|COPY)\s+CURRENT\s+GRANTS)?\s*;?\s*",
    re.IGNORECASE,
)
_HAS_ROLE = re.compile(r"\s*SELECT\s+IS_ROLE_IN_SESSION\('((?:[^']|'')*)'\)\s+AS\s+\"(\w+)\"\s*;?\s*", re.IGNORECASE)
_taken: dict[Place, str] = {}


def told(command: str, database: str | None, schema: str | None) -> Answer | None:
    """What these two statements answer; None for every other."""
    if found := _GRANT.fullmatch(command):
        _taken[parts_from_var(found[1], database, schema)] = shown(normalise(found[2]))
        return Answer({"status": ""}, [("Statement executed successfully.",)])
    if found := _HAS_ROLE.fullmatch(command):
        return Answer({found[2]: 0}, [(int(found[1] == OWNER),)])
    return None


def of(table: Place) -> str:
    """The role that owns a table, whose name is as it is stored."""
    return _taken.get(table, OWNER)


def forget(table: Place) -> None:
    """One that is dropped, or made anew."""
    _taken.pop(table, None)


def move(table: Place, name: str) -> None:
    """It has another name now."""
    if table in _taken:
        _taken[*table[:2], name] = _taken.pop(table)
