"""An operation of the API: what it takes and answers is said once, for whoever asks and for the schema."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from sync.web.api.parsing import body, parameters

# What was sent, by its names, once it is found to be valid.
Sent = dict[str, Any]
Shape = type[Serializer[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`query`, `takes`: the parameters and the body, validated. `is_partial`: of the body, only what is sent counts.

    `answer`: what is made of what the method returns, of each where it `is_many`. `problems`: what may be in the way,
    by status, besides what may be in the way of all. `demands`: the permission that staff need. `rate`: a name in
    settings.API_RATES; none: as often as one likes. `is_long`: it may take seconds, and few are done at once.
    """

    summary: str
    description: str
    query: Shape | None = None
    takes: Shape | None = None
    is_partial: bool = False
    answer: Shape | None = None
    is_many: bool = False
    status: int = HTTPStatus.OK
    problems: Mapping[int, str] = field(default_factory=dict)
    demands: str = ""
    rate: str = ""
    is_long: bool = False


def operation(*, more: str = "", **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Makes a method of a view set the operation of its name, with these `options` of Operation.

    Its docstring is the summary and, below that, the description, which `more` ends. What was sent is its first
    argument, if it takes something; then come the names in the path.
    """

    def decorate(do: Callable[..., Any]) -> Callable[..., Response]:
        summary, _, said = (inspect.getdoc(do) or "").partition("\n\n")
        description = " ".join([*said.split(), *more.split()])
        about = Operation(summary.removesuffix("."), description, **options)

        @wraps(do)
        def handle(view: ViewSet, request: Request, **named: str) -> Response:
            named.pop("id", None)  # the destination's, which the view has found
            sent = [{**_parameters(about, request), **_body(about, view)}] if about.query or about.takes else []
            found = do(view, *sent, **named)
            data = about.answer(found, many=about.is_many).data if about.answer else None
            return Response(data, status=about.status)

        handle.operation = about  # type: ignore[attr-defined]
        return handle

    return decorate


def operation_of(view: Any) -> Operation | None:
    """The one that is asked for; None: there is none."""
    return getattr(getattr(view, view.action or "", None), "operation", None) if hasattr(view, "action") else None


def _parameters(about: Operation, request: Request) -> Sent:
    return parameters(about.query, request) if about.query else {}


def _body(about: Operation, view: Any) -> Sent:
    return body(about.takes, view.request, view.about if about.is_partial else None) if about.takes else {}
