"""What a command says where PostgreSQL refuses a statement: a sentence and what to do, rather than a traceback."""

import psycopg2.errors
from django.db import Error, OperationalError


def explained(error: Error) -> str | None:
    """The sentence; None where it is none of the faults that people meet, and a traceback serves better."""
    cause = error.__cause__
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    match cause:
        case psycopg2.errors.UndefinedTable() | psycopg2.errors.UndefinedColumn():
            return (
                f"{said[:1].upper()}{said[1:]}. Run manage.py migrate; if that has been done, "
                "manage.py verify_sync_install names what is not as it was."
            )
        case psycopg2.errors.InsufficientPrivilege():
            return f"{said[:1].upper()}{said[1:]}. manage.py verify_sync_install names the GRANT that is missing."
    if isinstance(error, OperationalError) and getattr(cause, "pgcode", None) is None:
        return f"PostgreSQL cannot be reached: {said}. See to it that the server runs, and that DATABASE_URL names it."
    return None
