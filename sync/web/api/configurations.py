"""/api/snowflake/configurations: destinations, their credentials, set-up and check."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import SnowflakeConfiguration
from sync.destinations import (
    KeyStatement,
    activate_rotation,
    begin_rotation,
    change_configuration,
    check_configuration,
    check_slot,
    create_configuration,
    delete_configuration,
    register_statement,
    scripts_of,
)
from sync.errors import SyncError
from sync.reporting import ADD_DESTINATIONS, CHANGE_DESTINATIONS, DELETE_DESTINATIONS, VIEW_DESTINATIONS
from sync.web.api.answers import conflict
from sync.web.api.base import DestinationViewSet
from sync.web.api.configuration_serializers import (
    CheckAnswer,
    ConfigurationList,
    ConfigurationWithKey,
    Rotation,
    RotationAnswer,
    SetupAnswer,
    WantedConfiguration,
)
from sync.web.api.parameters import ScopeParameters
from sync.web.api.parsing import body, parameters
from sync.web.api.scope import current_user, find_configuration, scope, visible_configurations

_MOST = 500


# A request here holds secrets: no error report shows any of its values.
@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfigurationViewSet(DestinationViewSet):
    """The asking user's destinations; for staff who may view them, all."""

    demands: ClassVar[dict[str, str]] = {
        "create": ADD_DESTINATIONS,
        "destroy": DELETE_DESTINATIONS,
        **dict.fromkeys(("partial_update", "check", "rotate_key"), CHANGE_DESTINATIONS),
    }

    @extend_schema(
        operation_id="list_configurations",
        summary="Destinations, the oldest first",
        description="The first 500 of them; secrets are never in an answer.",
        parameters=[ScopeParameters],
        responses=forced_singular_serializer(ConfigurationList),  # type: ignore[no-untyped-call]
    )
    def list(self, request: Request) -> Response:
        query = parameters(ScopeParameters, request)
        found = visible_configurations(scope(request, query.get("user"), VIEW_DESTINATIONS))[:_MOST]
        return Response(ConfigurationList({"items": found}).data)

    @extend_schema(
        operation_id="create_configuration",
        summary="A new destination",
        description="Staff may make one for another `user`. A key pair without private_key is made here: "
        "`register_key` has the statement to run in Snowflake. Nothing is loaded before a check has passed, or a "
        "quarter of an hour is over.",
        parameters=[ScopeParameters],
        request=WantedConfiguration,
        responses={201: ConfigurationWithKey, **conflict("The user has as many destinations as a user may have.")},
    )
    def create(self, request: Request) -> Response:
        query = parameters(ScopeParameters, request)
        owner = scope(request, query.get("user"), VIEW_DESTINATIONS) if "user" in query else current_user(request).pk
        fields = body(WantedConfiguration, request)
        secret = fields.pop("secret")
        configuration = create_configuration(owner or current_user(request).pk, fields, secret)
        return Response(_with_key(configuration), status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="read_configuration",
        summary="One destination",
        responses=ConfigurationWithKey,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        return Response(_with_key(find_configuration(request, id)))

    @extend_schema(
        operation_id="change_configuration",
        summary="Change a destination",
        description="Only what is sent is changed. What waits is loaded as the destination is then.",
        request=WantedConfiguration,
        responses=ConfigurationWithKey,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration = find_configuration(request, id)
        fields = body(WantedConfiguration, request, changes=configuration)
        secret = fields.pop("secret")
        return Response(_with_key(change_configuration(configuration.pk, fields, secret)))

    @extend_schema(
        operation_id="delete_configuration",
        summary="Delete a destination",
        description="What waits for it is not loaded any more, and its history goes. Tables in Snowflake stay.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        delete_configuration(find_configuration(request, id).pk)
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(
        operation_id="check_configuration",
        summary="Does it work? Step by step",
        description="Through what loads use, in the real schema; leaves nothing behind. Takes up to a minute or two.",
        request=None,
        responses={
            200: CheckAnswer,
            **conflict("No log-in may be tried now; `detail` says why, and until when."),
        },
    )
    def check(self, request: Request, id: str) -> Response:  # noqa: A002
        with check_slot(current_user(request).pk):
            return Response(check_configuration(find_configuration(request, id).pk).as_json())

    @extend_schema(
        operation_id="setup_script",
        summary="What an account's administrator pastes into Snowflake",
        responses={
            200: SetupAnswer,
            **conflict("What is stored cannot be read; `detail` says what."),
        },
    )
    def setup_script(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(scripts_of(find_configuration(request, id)))

    @extend_schema(
        operation_id="rotate_key",
        summary="Change the key pair without losing a load",
        description="First without a body: makes the next pair. Then with `activate`.",
        request=Rotation,
        responses={
            200: RotationAnswer,
            **conflict("The new key is not in use; `detail` says why. The old one still is."),
        },
    )
    def rotate_key(self, request: Request, id: str) -> Response:  # noqa: A002
        configuration = find_configuration(request, id)
        if not body(Rotation, request)["activate"]:
            key: KeyStatement | None = begin_rotation(configuration.pk)
            said = "A new key pair waits. Run the statement in Snowflake, then send activate: true. Until then the "
            said += "credentials in use stay in use."
            return Response(RotationAnswer({"activated": False, "message": said, "key": key}).data)
        with check_slot(current_user(request).pk):
            key = activate_rotation(configuration.pk)
        said = "The new key is in use."
        if key is not None:
            said += " When running loads have ended, in a minute, the statement takes the old key away from the user."
        return Response(RotationAnswer({"activated": True, "message": said, "key": key}).data)


def _with_key(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    try:
        configuration.register_key = register_statement(configuration)  # type: ignore[attr-defined]
    except SyncError:  # what is stored cannot be read; the check says so
        configuration.register_key = None  # type: ignore[attr-defined]
    return dict(ConfigurationWithKey(configuration).data)
