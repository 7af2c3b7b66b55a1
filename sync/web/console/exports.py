"""Lists as files: CSV that no spreadsheet runs, and JSON."""

import csv
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from io import StringIO
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseBadRequest, StreamingHttpResponse

from sync.destinations import export_place
from sync.postgres import bounded_reading, first_line

logger = logging.getLogger(__name__)
Row = Sequence[Any]
# By heading, where the value stands in what a line is of, and how it is read if that does not say it.
Columns = Mapping[str, str | Callable[[Any], Any]]

# With what a spreadsheet takes a cell for a formula, also behind blanks, and in the wide forms of some keyboards.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these are meant
# Where a spreadsheet begins a cell inside of ours: half the world's take a semicolon for what is between two cells.
_CELL_WITHIN = re.compile(r"([;\t\r\n] *)(?=[=+\-@＝＋－＠])")  # noqa: RUF001


class _Pieces:
    """A file on its way. It has its place until the answer is closed, also where nobody reads it to the end."""

    def __init__(self, pieces: Iterator[str], place: ExitStack) -> None:
        self._pieces, self._place = pieces, place

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._pieces
        except (OperationalError, InterfaceError) as error:
            # The answer has begun: that it ends without its end is all that can be said in it.
            logger.warning("A file was broken off: %s", first_line(error))
            raise

    def close(self) -> None:
        self._place.close()


def as_file(
    user_id: UUID,
    form: str,
    name: str,
    columns: Columns,
    parts: Iterable[Callable[[], Iterable[Any]]],
    *,
    is_whole: bool | None = None,
    most: int = 0,
) -> StreamingHttpResponse:
    """A list of this name, as `csv` with a heading, or as `json`: an object with a list of objects.

    Each of the `parts` is called when the one before has been sent, and reads what its lines are of: no more is held at
    once. `is_whole`: whether it is all that there is, or the latest `most`, which the file says; None: it says nothing
    of it. In CSV, what would be run as a formula begins with an apostrophe. Raises TooOftenError where the user, or
    others, are being sent enough already.
    """
    with ExitStack() as stack:
        stack.enter_context(export_place(user_id))
        rest = iter(parts)
        # The first is read at once: what is too slow, or not there, can still be said.
        read = chain([_read(part, columns) for part in islice(rest, 1)], (_read(part, columns) for part in rest))
        whole = "" if is_whole is None else f', "is_whole": {json.dumps(is_whole)}'
        pieces = _json(name, columns, read, whole) if form == "json" else _csv(columns, read)
        sent = _Pieces(pieces, stack.pop_all())
    if form == "json":
        return StreamingHttpResponse(sent, content_type="application/json")
    file = f"{name}-latest-{most}.csv" if is_whole is False else f"{name}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{file}"'}
    return StreamingHttpResponse(sent, content_type="text/csv; charset=utf-8", headers=disposition)


def _read(part: Callable[[], Iterable[Any]], columns: Columns) -> list[Row]:
    with bounded_reading(settings.API_READ_TIMEOUT):
        return [[_value(each, where) for where in columns.values()] for each in part()]


def _value(of: Any, where: str | Callable[[Any], Any]) -> Any:
    """None, too, where what it belongs to is not there."""
    if not isinstance(where, str):
        return where(of)
    for name in where.split("."):
        of = None if of is None else getattr(of, name)
    return of


def _csv(columns: Columns, parts: Iterable[list[Row]]) -> Iterator[str]:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for rows in parts:
        writer.writerows([_cell(value) for value in row] for row in rows)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _json(name: str, columns: Columns, parts: Iterable[list[Row]], whole: str) -> Iterator[str]:
    yield f'{{"{name}": ['
    between = ""
    for rows in filter(None, parts):
        objects = (dict(zip(columns, row, strict=True)) for row in rows)
        yield between + ", ".join(json.dumps(each, cls=DjangoJSONEncoder) for each in objects)
        between = ", "
    yield f"]{whole}}}"


def no_file(problems: Sequence[str]) -> HttpResponse | None:
    """What is not understood is refused, since nobody would see it in a file; None: all was understood."""
    said = "\n".join(problems)
    return HttpResponseBadRequest(said, content_type="text/plain; charset=utf-8") if said else None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if not isinstance(value, str):
        return text
    text = _CELL_WITHIN.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
