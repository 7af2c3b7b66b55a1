"""CSV read strictly, as Snowflake does with the options that the load gives it."""

import re


class Quoted(str):
    """A field that stood in quotes."""

    __slots__ = ()


Field = str | Quoted | None
Record = list[Field]

# A quoted field, where "" is a quote, or a bare one without quotes, commas and ends of lines.
_FIELD = re.compile(r'"((?:[^"]|"")*)"|([^",\r\n]*)')


def records(text: str) -> list[Record]:
    """The lines: None for an empty field without quotes, Quoted for one with; ValueError else."""
    found: list[Record] = []
    record: Record = []
    at = 0
    while at < len(text):
        field = _FIELD.match(text, at)
        assert field is not None
        record.append(Quoted(field[1].replace('""', '"')) if field[1] is not None else field[2] or None)
        at = field.end()
        end = text[at : at + 1]
        if end == "\n":
            found.append(record)
            record = []
        elif end != ",":
            raise ValueError(f"{end!r} after a field, at {at}")
        at += 1
    if record:
        raise ValueError("the last line has no end")
    return found
