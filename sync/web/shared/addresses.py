"""The values that may stand in an address."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class AnythingConverter(StringConverter):
    """Any text: the application chooses the ids of its executions, also with slashes and ends of lines in them."""

    regex = r"[\s\S]*"


register_converter(AnythingConverter, "anything")
ANYTHING = "anything"
