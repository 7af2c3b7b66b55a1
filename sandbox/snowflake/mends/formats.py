"""Snowflake's input formats, as regular expressions that DuckDB's casts can follow."""

import re

_ELEMENTS = [
    ("YYYY", r"\d{4}"),
    ("TZHTZM", r"[+-]\d{4}"),
    ("TZH:TZM", r"(?:Z|[+-]\d{2}:\d{2})"),
    ("TZH", r"[+-]\d{2}"),
    ("HH24", r"(?:[01]\d|2[0-3])"),
    ("MM", r"\d{2}"),
    ("DD", r"\d{2}"),
    ("MI", r"[0-5]\d"),
    ("SS", r"[0-5]\d"),
]
_FRACTION = re.compile(r"\.?FF\d?", re.IGNORECASE)
_ZONE = r"(?: ?(?:Z|[+-]\d{2}(?::?\d{2})?))?"
_DAY = r"\d{4}-\d{1,2}-\d{1,2}"
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
AUTO = {
    "DATE": rf"{_DAY}(?:[T ]{_TIME}{_ZONE})?",
    "TIME": _TIME,
    "TIMESTAMP": rf"{_DAY}(?:[T ]{_TIME}{_ZONE})?",
}


def pattern(kind: str, input_format: str) -> str:
    """The whole text's regular expression; kind is DATE, TIME or TIMESTAMP."""
    if input_format.upper() in {"", "AUTO"}:
        return AUTO[kind]
    rest, result = input_format, ""
    while rest:
        piece, length = _next(rest)
        result += piece
        rest = rest[length:]
    return result


def _next(text: str) -> tuple[str, int]:
    if fraction := _FRACTION.match(text):
        return r"(?:\.\d{1,9})?", fraction.end()
    for name, expression in _ELEMENTS:
        if text.upper().startswith(name):
            return expression, len(name)
    if text[0] == '"' and '"' in text[1:]:
        end = text.index('"', 1)
        return re.escape(text[1:end]), end + 1
    return re.escape(text[0]), 1
