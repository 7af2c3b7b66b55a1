"""Lists as files: CSV that no spreadsheet runs, and JSON."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse

# With what a spreadsheet takes a cell for a formula, also behind blanks, and in the wide forms of some keyboards.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these are meant
# Where a spreadsheet begins a cell inside of ours: half the world's take a semicolon for what is between two cells.
_CELL_WITHIN = re.compile(r"([;\t\r\n] *)(?=[=+\-@＝＋－＠])")  # noqa: RUF001


def as_file(
    form: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    is_whole: bool | None = None,
    most: int = 0,
) -> HttpResponse:
    """A list of this name, as `csv` with a heading, or as `json`: an object with a list of objects.

    `is_whole`: whether it is all that there is, or the latest `most`, which the file says; None: it says nothing of it.
    In CSV, what would be run as a formula begins with an apostrophe.
    """
    if form == "json":
        more = {} if is_whole is None else {"is_whole": is_whole}
        return JsonResponse({name: [dict(zip(columns, row, strict=True)) for row in rows], **more})
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    file = f"{name}-latest-{most}.csv" if is_whole is False else f"{name}.csv"
    disposition = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=disposition)


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
