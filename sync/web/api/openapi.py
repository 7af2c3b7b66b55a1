"""The schema: what every view has in common is said here once."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from sync.web.api.answers import ProblemDocument
from sync.web.api.operation import Operation, operation_of
from sync.web.api.problems import MEDIA_TYPE

_MEANINGS = {
    "400": "What was sent is not valid; `errors` names the fields.",
    "401": "No token, or one that is unknown, revoked or expired, or whose user is not active.",
    "403": "Staff without the permission for it.",
    "404": "There is no such thing, or it is somebody else's.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "429": "Too often; `Retry-After` says how many seconds to wait.",
    "503": "The database does not answer, or not in time; `Retry-After` says how many seconds to wait.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself
    target_class = "accounts.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token that you made at /me; or of `create_api_token`, or of the admin.",
        }


@cache
def examples() -> dict[str, dict[str | int, dict[str, Any]]]:
    """By operation, for its request or the status of an answer, and by name."""
    found = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text(encoding="utf-8"))
    return {operation: those for operation, those in found.items() if not operation.startswith(".")}


class OperationSchema(AutoSchema):
    """What Operation says, with its examples, and the problems that all have."""

    @property
    def _about(self) -> Operation:
        about = operation_of(self.view)
        assert about is not None, f"{self.path} is no operation"  # noqa: S101 - others are excluded
        return about

    def get_operation_id(self) -> str:
        return str(self.view.action)  # type: ignore[attr-defined]  # of a view set

    def get_summary(self) -> str:
        return self._about.summary

    def get_description(self) -> str:  # type: ignore[override]  # spectacular's
        return self._about.description

    def get_override_parameters(self) -> list[Any]:
        return [self._about.query] if self._about.query else []

    def get_request_serializer(self) -> Any:
        return self._about.takes

    def get_response_serializers(self) -> Any:
        about = self._about
        refused = {
            (status, MEDIA_TYPE): OpenApiResponse(ProblemDocument, said) for status, said in about.problems.items()
        }
        return {about.status: about.answer and about.answer(many=about.is_many), **refused}

    def get_examples(self) -> list[OpenApiExample]:
        return [
            OpenApiExample(name, value=value, request_only=True)
            if for_what == "request"
            else OpenApiExample(name, value=value, response_only=True, status_codes=[str(for_what)])
            for for_what, named in examples().get(self.get_operation_id(), {}).items()
            for name, value in named.items()
        ]

    def get_tags(self) -> list[str]:
        for tag in ("rules", "tokens", "alert"):
            if f"/{tag}" in self.path:
                return ["alerts" if tag == "alert" else tag]
        return ["configurations" if "/configurations" in self.path else "sync"]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            for status in self._problems():
                responses.setdefault(status, self.problem(status, _MEANINGS[status]))
        return dict(sorted(responses.items()))

    def problem(self, status: str, description: str) -> dict[str, Any]:
        """A response that is a problem document."""
        response: dict[str, Any] = self._get_response_for_code(  # type: ignore[no-untyped-call]
            ProblemDocument, status, media_types=[MEDIA_TYPE]
        )
        headers = {}
        if status == "401":
            headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "description": "Bearer"}
        if status == "429":
            headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
        return response | {"description": description} | ({"headers": headers} if headers else {})

    def _problems(self) -> list[str]:
        about = self._about
        query = list(about.query().fields) if about.query else []
        named = "{" in self.path or any(name in _NAMES for name in query)
        return [
            *(["400"] if about.takes or query else []),
            "401",
            *(["403"] if about.demands else []),
            *(["404"] if named or about.takes else []),
            *(["413", "415"] if about.takes else []),
            *(["429"] if about.rate or about.is_long else []),
            "503",
        ]


# Parameters that name a thing: it may not be there.
_NAMES = ("user", "destination", "workflow")


def closed_requests(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A body with a field that nobody knows is refused."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    return result
