"""The schema: what every view has in common is said here once."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample
from rest_framework.permissions import SAFE_METHODS, AllowAny

from sync.web.api.answers import ProblemDocument
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


class ProblemSchema(AutoSchema):
    """Every view's examples, and its problems, besides those that it names itself."""

    def get_examples(self) -> list[OpenApiExample]:
        return [
            OpenApiExample(name, value=value, request_only=True)
            if for_what == "request"
            else OpenApiExample(name, value=value, response_only=True, status_codes=[str(for_what)])
            for for_what, named in examples().get(self.get_operation_id(), {}).items()
            for name, value in named.items()
        ]

    def get_tags(self) -> list[str]:
        for tag in ("rules", "tokens"):
            if f"/{tag}" in self.path:
                return [tag]
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
        if any(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            return []
        body = self.method not in (*SAFE_METHODS, "DELETE") and self.get_request_serializer() is not None
        named = "{" in self.path or any(name in _NAMES for name in self._query_parameters())
        return [
            *(["400"] if body or self._query_parameters() else []),
            "401",
            *(["403"] if getattr(self.view, "action", "") in getattr(self.view, "demands", {}) else []),
            *(["404"] if named or body else []),
            *(["413", "415"] if body else []),
            *(["429"] if getattr(self.view, "throttle_scope", "") and self.method not in SAFE_METHODS else []),
            "503",
        ]

    def _query_parameters(self) -> list[str]:
        return [parameter["name"] for parameter in self._get_parameters() if parameter["in"] == "query"]


# Parameters that name a thing: it may not be there.
_NAMES = ("user", "destination", "workflow")


def closed_requests(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A body with a field that nobody knows is refused."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    return result
