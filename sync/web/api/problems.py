"""Errors: application/problem+json (RFC 9457), each with a stable `code` and what to do.

{"type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid", "detail": "…", "what_to_do": "…",
 "errors": [{"field": "limit", "code": "max_value", "detail": "…"}]}
"""

from http import HTTPStatus
from typing import Any

import psycopg2.errors
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import UnreadablePostError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import Error, ErrorResponse
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.settings import api_settings

from sync.postgres import TooSlowError

MEDIA_TYPE = "application/problem+json"

# By code, else by status.
_WHAT_TO_DO: dict[str | int, str] = {
    400: "Correct what errors names, then send the request again.",
    401: "Send a valid token: Authorization: Bearer TOKEN. You make one at /me, or create_api_token does.",
    403: "Ask somebody who may do this.",
    404: "Check the id and the path; the documentation at /api/docs has them all.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less in one request.",
    415: "Send JSON, with Content-Type: application/json, or no body at all.",
    429: "Wait for as many seconds as the Retry-After header says, then send the request again.",
    500: "Try again; if it stays, tell the operator, whose log has the details.",
    503: "Try again in a moment.",
    "parse_error": "Send a JSON object, or no body at all.",
}


class Problem(APIException):
    """An error that says what happened and what to do. `wait`: seconds, for Retry-After."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str, what_to_do: str = "", *, wait: float | None = None
    ) -> None:
        self.status_code = int(status)
        self.what_to_do = what_to_do
        self.wait = wait
        super().__init__(detail, code)


def not_found(what: str) -> Problem:
    """The same whether it does not exist or is somebody else's."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no such {what}, or it is not yours.")


class ProblemFormatter(ExceptionFormatter):
    """The members of the document."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        first = error_response.errors[0]
        invalid = isinstance(self.exc, ValidationError)
        code = "invalid" if invalid else first.code
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(self.exc.status_code).phrase,
            "status": self.exc.status_code,
            "code": code,
            "detail": _summary(error_response.errors) if invalid else _written(first.detail),
            "what_to_do": getattr(self.exc, "what_to_do", "")
            or _WHAT_TO_DO.get(code, _WHAT_TO_DO.get(self.exc.status_code, "")),
        }
        if invalid:
            problem["errors"] = [_field_error(error) for error in error_response.errors]
        return problem


class ProblemHandler(ExceptionHandler):
    """What other libraries raise becomes a problem, too: bad input is never the server's error."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case RequestDataTooBig():
                return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The request's body is too large.")
            case TooManyFieldsSent():
                return Problem(HTTPStatus.BAD_REQUEST, "too_many_fields", "The request has too many parameters.")
            case UnreadablePostError():
                return ParseError("The request's body ended too early.")
            case OperationalError() | InterfaceError():
                return _unavailable(exc)
            case _:
                return super().convert_known_exceptions(exc)

    def get_response(self, exc: APIException, data: dict[str, Any]) -> Response:
        response = super().get_response(exc, data)
        response.content_type = MEDIA_TYPE
        return response

    def report_exception(self, exc: APIException, response: Response) -> None:
        # What is no fault of the program's own needs no traceback; Django logs the answer.
        if exc.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            super().report_exception(exc, response)


def _unavailable(error: DatabaseError | InterfaceError) -> Problem:
    unavailable = HTTPStatus.SERVICE_UNAVAILABLE
    match error if isinstance(error, TooSlowError) else error.__cause__:
        case TooSlowError() | psycopg2.errors.QueryCanceled():
            return Problem(
                unavailable,
                "too_slow",
                "The answer took too long and was given up.",
                "Try again in a moment, or ask for less: one user, one status, fewer days.",
                wait=5,
            )
        case psycopg2.errors.LockNotAvailable() | psycopg2.errors.DeadlockDetected():
            return Problem(unavailable, "busy", "Somebody else is writing what this request needs.", wait=1)
        case _:
            return Problem(unavailable, "database_unavailable", "The database does not answer.", wait=5)


def _summary(errors: list[Error]) -> str:
    fields = list(dict.fromkeys(_field(error) for error in errors))
    return f"Not valid: {', '.join(filter(None, fields)) or 'the request'}."


def _field_error(error: Error) -> dict[str, str]:
    return {"field": _field(error), "code": error.code, "detail": _written(error.detail)}


def _field(error: Error) -> str:
    """The field's name; empty where it is the whole body."""
    return "" if error.attr in (None, api_settings.NON_FIELD_ERRORS_KEY) else _written(str(error.attr))


def _written(text: str) -> str:
    """As UTF-8 can have it: what was sent, which an error names, may have half a character in it."""
    return text.encode(errors="backslashreplace").decode()
