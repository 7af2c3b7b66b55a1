"""What may stand in an address."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class AnythingConverter(StringConverter):
    """Any text: the application gives its executions what ids it likes, with slashes and ends of lines in them."""

    regex = r"[\s\S]*"


register_converter(AnythingConverter, "anything")
ANYTHING = "anything"
