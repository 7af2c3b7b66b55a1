"""What is read of a request, and how its answer is chosen."""

from collections.abc import Mapping
from itertools import islice
from typing import IO, Any

from django.http import QueryDict
from rest_framework.exceptions import ErrorDetail, NotAcceptable, ParseError, ValidationError
from rest_framework.fields import empty
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.utils import json

from sync.rules import exact_number


class CarefulJSONParser(JSONParser):
    """JSON whose nesting cannot exhaust the stack, and whose numbers are kept as they are written."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError."""
        try:
            # JSON is in UTF-8, whatever a charset says: RFC 8259, 8.1 and 11.
            return json.loads(stream.read().decode(), parse_float=exact_number)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None


class LenientNegotiation(DefaultContentNegotiation):
    """A client that asks for a form of answer that there is not gets the usual one, as RFC 9110 allows."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        try:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type
        return chosen


class ClosedSerializer(Serializer[Any]):  # no docstring: it would be the description of every request in the schema
    def run_validation(self, data: Any = empty) -> Any:
        """Refuses a name that nobody knows: a misspelt filter would not filter."""
        validated = super().run_validation(data)
        # The first twenty: a request has room for more than its answer should have.
        if unknown := list(islice((name for name in data if name not in self.fields), 20)):
            there_are = f"There is nothing of that name. There are: {', '.join(self.fields)}."
            raise ValidationError({name: [ErrorDetail(there_are, "unknown")] for name in unknown})
        return validated


def parameters(kind: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query's parameters, validated."""
    return _validated(kind(data=request.query_params))


def body(kind: type[Serializer[Any]], request: Request, changes: object = None) -> dict[str, Any]:
    """The body's fields, validated; without a body, those that have a default. Of a PATCH: `changes` the row."""
    data = request.data.dict() if isinstance(request.data, QueryDict) else request.data
    return _validated(kind(changes, data=data, partial=changes is not None))


def _validated(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
