"""Log lines: one for each event, whatever names, ids and messages hold that others chose. Commands print alike.

A traceback says where it happened, and nothing that may quote a value: that of a page that failed, too.
"""

import json
import logging
import unicodedata
from copy import copy
from datetime import UTC, datetime
from typing import Any

from sync.postgres import Unquoted
from sync.telemetry import facts

# Control and format characters (ESC, the ones that turn the direction of writing), line and paragraph separators, and
# halves of characters, which no file can hold.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""The text with everything that is not seen written as an escape: a line feed as `\n`, ESC as `\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(each) if unicodedata.category(each) in _HIDDEN else each for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class OneLine(logging.Formatter):
    """A line for each record. What follows it, a traceback, is indented: it cannot be taken for another one."""

    def format(self, record: logging.LogRecord) -> str:
        """Its line, and its traceback, whatever others made of that, who may keep theirs in the record."""
        own = copy(record)
        own.exc_text = None
        return super().format(own)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        quiet = ei[1] if isinstance(ei[1], Unquoted) else Unquoted(ei[1])
        return _indented(super().formatException((type(quiet), quiet, quiet.__traceback__)))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return _indented(super().formatStack(stack_info))


class JsonLine(OneLine):
    """An object of JSON for each record, in ASCII: its time, level, logger and message, and what the work is about."""

    def format(self, record: logging.LogRecord) -> str:
        """Its line; a traceback is a member of it."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **facts(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _indented(text: str) -> str:
    return "\n".join(f"    {visible(line)}" for line in text.split("\n"))
