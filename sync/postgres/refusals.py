"""Limits of transactions, and whose fault it is if PostgreSQL refuses a statement."""

import psycopg2
from django.db import DatabaseError, Error, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from sync.errors import SyncError, failure

_LIMITS = """
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = '60s';
"""
_NEWER_LIMITS = "SET LOCAL transaction_timeout = 0;\n"

_READ_ONLY = "25006"
# Codes that say that a limit, or somebody, ended the statement or the transaction.
_ENDED = frozenset({"57014", "25P03", "25P04"})
# Codes that say that a table, column, schema or right is not there, or of another type than it was.
_FORBIDDEN = "42501"
_CHANGED = frozenset({"42703", "42P01", "3F000", "42804", "42846", "42883", _FORBIDDEN})
# Classes of codes: data, integrity, a view's CHECK, and errors that a trigger or a function raises.
_QUOTING = ("22", "23", "44", "P0", "38", "39")
_TAKES_NO_WRITES = (
    "The server is a standby, or default_transaction_read_only is on for the role or the database: let DATABASE_URL "
    "lead to the primary, or switch that off."
)
_VERIFY = (
    "Run manage.py migrate; if that has been done, manage.py verify_sync_install names what is not as it was, such as "
    "a column that was renamed."
)


def limits(connection: BaseDatabaseWrapper) -> str:
    """Statements that give a transaction its limits, at its beginning, whatever those of its role or database are.

    With them the locks of a frozen process end after a while.
    """
    return _LIMITS + (_NEWER_LIMITS if connection.pg_version >= 170_000 else "")  # type: ignore[attr-defined]


def first_line(error: BaseException) -> str:
    """An error's message in one line. If it would quote a value or a row, the code and names stand in its place."""
    cause, code = error.__cause__ or error, _code(error)
    if isinstance(cause, psycopg2.Error) and code.startswith(_QUOTING):
        names = (cause.diag.table_name, cause.diag.column_name, cause.diag.constraint_name)
        return " ".join([f"{type(cause).__name__} ({code})", *filter(None, names)])
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


class Unquoted(Exception):  # noqa: N818 - another error, for the log
    """An error and its causes with their tracebacks, and with no text that may quote a value."""

    def __init__(self, error: BaseException) -> None:
        tells = isinstance(error, (SyncError, OSError, Error, psycopg2.Error))
        super().__init__(f"{type(error).__name__}{f': {first_line(error)}' if tells else ''}")
        self.__traceback__ = error.__traceback__
        earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        self.__cause__ = earlier and Unquoted(earlier)


def is_passing(error: Exception) -> bool:
    """Whether the same statement may succeed in a moment, on another connection.

    It may if the connection is gone, a lock was held for too long, a limit was reached, or the server takes no writes
    for now. If the server went away without a word, psycopg2 raises a DatabaseError without a code.
    """
    away = isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError
    return away or _code(error) in {_READ_ONLY, *_ENDED}


def is_changed(error: Exception) -> bool:
    """Whether the error says that the database is not as it was when the sync was installed."""
    return _code(error) in _CHANGED


def explained(error: Error) -> str | None:
    """A sentence on the error, and what to do; None if it is none of the refusals that people meet."""
    said = first_line(error)
    sentence = f"{said[:1].upper()}{said[1:]}."
    code = _code(error)
    if code == _READ_ONLY:
        return f"{sentence} {_TAKES_NO_WRITES}"
    if code == _FORBIDDEN:
        return f"{sentence} manage.py verify_sync_install names the GRANT that is missing."
    if code in _CHANGED:
        return f"{sentence} {_VERIFY}"
    if isinstance(error, OperationalError) and not code:
        return f"PostgreSQL cannot be reached: {said}. See to it that the server runs, and that DATABASE_URL names it."
    return None


def refusal(subject: str, error: Exception) -> SyncError | None:
    """The error of what PostgreSQL refused a statement for; None for a refusal that is not known."""
    happened = f"{subject}: {first_line(error)}"
    if is_changed(error):
        return failure("database_changed", happened)
    if _code(error) in _ENDED:
        return failure("statement_ended", happened)
    return failure("database_unavailable", happened) if is_passing(error) else None


def _code(error: BaseException) -> str:
    """The SQLSTATE, of Django's error or of psycopg2's; empty if there is none."""
    return getattr(error.__cause__, "pgcode", None) or getattr(error, "pgcode", None) or ""
