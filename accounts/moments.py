"""Moments of PostgreSQL that Python has no word for, in the application's tables as in ours.

PostgreSQL's reach from 4713 BC to 294276, Python's from the year 1 to 9999. One such row must not close the lists that
it is in: what lies beyond is read as Python's first or last moment, as psycopg2 reads ±infinity already. A timestamp
without a zone is taken for UTC, so that it can be held against others.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2 import extensions

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def clip_moments(connection: BaseDatabaseWrapper, **_: object) -> None:
    """A receiver of `connection_created`: whatever is read through this connection is read so."""
    for reader in _READERS:
        extensions.register_type(reader, connection.connection)


def _moment(text: Any, cursor: Any) -> Any:
    try:
        return extensions.PYDATETIMETZ(text, cursor)
    except (ValueError, OverflowError):
        return _beyond(text)


def _moment_without_zone(text: Any, cursor: Any) -> Any:
    try:
        read: datetime | None = extensions.PYDATETIME(text, cursor)
    except (ValueError, OverflowError):
        return _beyond(text)
    return read and read.replace(tzinfo=UTC)


def _day(text: Any, cursor: Any) -> Any:
    try:
        return extensions.PYDATE(text, cursor)
    except (ValueError, OverflowError):
        return _beyond(text).date()


def _beyond(text: str) -> datetime:
    return _FIRST if text.endswith("BC") else _LAST


_READERS = (
    extensions.new_type((1184,), "clipped timestamptz", _moment),
    extensions.new_type((1114,), "clipped timestamp", _moment_without_zone),
    extensions.new_type((1082,), "clipped date", _day),
)
