"""What is read of a request, and how its answer is chosen."""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import IO, Any

from django.http import QueryDict
from rest_framework.exceptions import ErrorDetail, NotAcceptable, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer


class ShallowJSONParser(JSONParser):
    """JSON whose nesting cannot exhaust the stack."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None


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


def parameters(kind: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query's parameters, validated. One that nobody knows is refused: a misspelt filter would not filter."""
    return _validated(kind, request.query_params)


def body(kind: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body's fields, validated; without a body, those that have a default."""
    data = request.data
    return _validated(kind, data.dict() if isinstance(data, QueryDict) else data)


def not_known(names: Iterable[str], known: Collection[str]) -> list[str]:
    """Those that there are not: the first twenty, since a request has room for more than its answer should have."""
    return list(islice((name for name in names if name not in known), 20))


def _validated(kind: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    serializer = kind(data=data)
    serializer.is_valid(raise_exception=True)
    known = list(serializer.fields)
    if unknown := not_known(data, known):
        there_are = f"There is nothing of that name. There are: {', '.join(known)}."
        raise ValidationError({name: [ErrorDetail(there_are, "unknown")] for name in unknown})
    return dict(serializer.validated_data)
