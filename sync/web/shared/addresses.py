"""The values that may stand in an address."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class AnythingConverter(StringConverter):
    """Any text: the application chooses the ids of its executions, also with slashes and ends of lines in them."""

    regex = r"[\s\S]*"


register_converter(AnythingConverter, "anything")
ANYTHING = "anything"


def whole_number(sent: object, otherwise: int) -> int:
    """The number that a form or an address has sent: a version, a page. `otherwise`: it is none, or too long."""
    given = str(sent)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else otherwise
