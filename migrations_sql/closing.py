"""Closes what we made to everybody but its owner and the roles that the owner has let in.

A database may grant rights on every new table to roles that the whole world can act as (ALTER DEFAULT PRIVILEGES). So
each pair closes what it made in its own transaction, and `migrate` closes what is open, whoever opened it. A role is
let in by a policy that names it: only the owner can make one, and without one it would see no row.
"""

from collections.abc import Sequence

from django.core.management.base import CommandError
from django.db.backends.utils import CursorWrapper

from migrations_sql import closing_sql as sql

Open = tuple[str, str, str]
# The log's comment, where rows of it may be somebody else's.
_DOUBTFUL = "Others could write here before it was closed"


def is_installed(cursor: CursorWrapper, schema: str) -> bool:
    """Whether there is an install log, without which nothing is known to be ours."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{schema}.snowflake_sync_install_log"])
    return bool(cursor.fetchone()[0])


def open_to_others(cursor: CursorWrapper, schema: str) -> list[Open]:
    """What somebody else can read, change or run: its name, what they can do, and the statement that closes it."""
    cursor.execute(sql.OPEN.replace(":schema", schema))
    found: list[Open] = cursor.fetchall()
    return found


def close(cursor: CursorWrapper, schema: str) -> Sequence[Open]:
    """Closes all that is ours, and gives those who are let in what is new; what was open."""
    if not is_installed(cursor, schema):
        return ()
    closed = open_to_others(cursor, schema)
    for _, _, statement in closed:
        cursor.execute(statement)
    cursor.execute(sql.LET_IN.replace(":schema", schema))
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)
    return closed


def let_in(cursor: CursorWrapper, schema: str, role: str) -> None:
    """Names the role as one that may work with what is ours, now and later; close() gives it the rights.

    Raises CommandError where there is no such role.
    """
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.rowcount:
        raise CommandError(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '...';")
    cursor.execute(sql.NAMED.replace(":schema", schema), [role])
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def doubt_what_others_could_write(cursor: CursorWrapper, schema: str) -> None:
    """Before the log is closed: if others could write to it, what stands there may be theirs."""
    if is_installed(cursor, schema):
        cursor.execute(sql.WRITABLE_LOG.replace(":schema", schema))
        if cursor.fetchone():
            cursor.execute(f"COMMENT ON TABLE {schema}.snowflake_sync_install_log IS %s", [_DOUBTFUL])


def doubt(cursor: CursorWrapper, schema: str) -> str:
    """What has to be done before the log is believed; empty where it can be."""
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [f"{schema}.snowflake_sync_install_log"])
    if cursor.fetchone()[0] != _DOUBTFUL:
        return ""
    return (
        "Going back drops what the log has as created, and runs the definitions of what was displaced. Look at every "
        f"row, delete what is not right, then: COMMENT ON TABLE {schema}.snowflake_sync_install_log IS NULL;"
    )


def refuse_what_others_wrote(cursor: CursorWrapper, schema: str) -> None:
    """Going back does what the log says, with its owner's rights: so it has to be ours."""
    if remedy := doubt(cursor, schema):
        raise CommandError(f"Others could write to {schema}.snowflake_sync_install_log before it was closed. {remedy}")


def refuse_what_others_planted(cursor: CursorWrapper, schema: str, others: Sequence[str] = ()) -> None:
    """What bears a name of ours, or one of these, and belongs to somebody without rights on ours is not touched."""
    cursor.execute(sql.PLANTED.replace(":schema", schema), [list(others)])
    planted = [
        f"{what} belongs to role {owner}. Drop it, or give it another name." for what, owner in cursor.fetchall()
    ]
    if planted:
        raise CommandError("\n".join(["Somebody else made what bears a name of ours:", *planted]))
