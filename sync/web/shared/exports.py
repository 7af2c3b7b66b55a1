"""Lists as files: CSV that no spreadsheet runs, and JSON."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.http import HttpResponse, JsonResponse

# With what a spreadsheet takes a cell for a formula, also behind blanks, and in the wide forms of some keyboards.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these are meant
# Where a spreadsheet begins a cell inside of ours: half the world's take a semicolon for what is between two cells.
_CELL_WITHIN = re.compile(r"([;\t\r\n] *)(?=[=+\-@＝＋－＠])")  # noqa: RUF001


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A file of this name, with a heading. What would be run as a formula begins with an apostrophe."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=disposition)


def as_json(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], **more: Any) -> HttpResponse:
    """An object with a list of objects of this name, and what else is said of it."""
    return JsonResponse({name: [dict(zip(columns, row, strict=True)) for row in rows], **more})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if not isinstance(value, str):
        return text
    text = _CELL_WITHIN.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
