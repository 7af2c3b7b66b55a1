"""Reads whatever the application wrote: one odd row must not break the lists that it is in.

PostgreSQL's timestamps reach from 4713 BC to 294276, Python's from the year 1 to 9999: a timestamp beyond is read as
Python's first or last one, as psycopg2 reads ±infinity already. A timestamp without a zone is taken for UTC, so that it
can be compared with others. A database in SQL_ASCII holds any bytes: those that are no UTF-8 are read as U+FFFD.
"""

import codecs
import json
import unicodedata
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.psycopg_any import Jsonb
from psycopg2 import extensions

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_LENIENT = "utf_8_lenient"
# Marks of direction: the words of a page that stand behind them would be read backwards, too. What follows on a line's
# end would be read as a line of ours, in a mail.
_NOT_SHOWN = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]) | dict.fromkeys(
    map(ord, "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"), " "
)


def called(name: str | None, otherwise: str) -> str:
    """A name that others chose, as people read it; or else this, if it is NULL, or nothing of it is to be seen."""
    shown = (name or "").translate(_NOT_SHOWN)
    return shown if any(unicodedata.category(character)[0] not in "CZ" for character in shown) else otherwise


def read_leniently(connection: BaseDatabaseWrapper, **_: object) -> None:
    """A receiver of `connection_created`: whatever is read through this connection is read leniently."""
    raw = connection.connection
    for reader in _READERS:
        extensions.register_type(reader, raw)
    if raw.info.parameter_status("server_encoding") == "SQL_ASCII":
        # To a client that reads UTF-8, PostgreSQL would refuse the whole answer.
        raw.set_client_encoding("SQL_ASCII")
        # Nor does PostgreSQL take escapes in JSON there: it has no characters that they could stand for.
        setattr(connection.ops, "adapt_json_value", _adapt_json)  # noqa: B010 - a method of this connection's own


def _adapt_json(value: Any, encoder: type[json.JSONEncoder] | None) -> Jsonb:
    return Jsonb(value, dumps=partial(json.dumps, cls=encoder, ensure_ascii=False))


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


def _decode(data: Any, _errors: str = "strict", /) -> tuple[str, int]:
    return codecs.utf_8_decode(data, "replace", True)  # noqa: FBT003 - positional in Python's own


def _codec(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(codecs.utf_8_encode, _decode, name=_LENIENT) if name == _LENIENT else None


_READERS = (
    extensions.new_type((1184,), "clipped timestamptz", _moment),
    extensions.new_type((1114,), "clipped timestamp", _moment_without_zone),
    extensions.new_type((1082,), "clipped date", _day),
)
# psycopg2 reads SQL_ASCII as ASCII alone, under either spelling.
codecs.register(_codec)
extensions.encodings.update(SQL_ASCII=_LENIENT, SQLASCII=_LENIENT)
