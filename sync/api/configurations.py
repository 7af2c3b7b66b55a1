"""/api/snowflake/configurations: destinations, their credentials, set-up and check."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts.models import SnowflakeConfiguration, User
from sync.api.configuration_serializers import (
    ConfigurationList,
    ConfigurationRequest,
    ConfigurationWithKey,
    RotationAnswer,
    RotationRequest,
    SetupAnswer,
)
from sync.errors import SyncError
from sync.services.check import check_configuration
from sync.services.configuration_fields import FieldError
from sync.services.configurations import change_configuration, create_configuration, delete_configuration
from sync.services.keys import (
    ChangedMeanwhileError,
    KeyRefusedError,
    NothingToActivateError,
    activate_rotation,
    begin_rotation,
    register_statement,
)
from sync.services.logins import NotNowError
from sync.services.setup import scripts_of

_MOST = 500


class ConflictError(APIException):
    """409: the state of things is in the way; the detail says which, and what to do."""

    status_code = 409

    def __init__(self, code: str, detail: str, what_to_do: str) -> None:
        self.what_to_do = what_to_do
        super().__init__(detail, code)


# A request here holds secrets: no error report shows any of its values.
@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfigurationViewSet(ViewSet):
    """The asking user's destinations; staff see all, and may name a `user`."""

    def get_throttles(self) -> Any:
        # DRF's scoped throttle reads it from the view, and not from the action.
        self.throttle_scope = "check" if self.action in {"check", "rotate_key"} else ""
        return super().get_throttles()

    def list(self, request: Request) -> Response:
        found = _visible(request).select_related("user")[:_MOST]
        return Response(ConfigurationList({"items": found}).data)

    def create(self, request: Request) -> Response:
        given = ConfigurationRequest(data=request.data)
        given.is_valid(raise_exception=True)
        fields, secret = given.fields_and_secret()
        try:
            configuration = create_configuration(_owner(request).pk, fields, secret)
        except FieldError as error:
            raise _invalid(error) from None
        return Response(_with_key(configuration), status=201)

    def retrieve(self, request: Request, id: UUID) -> Response:  # noqa: A002 - the path's word
        return Response(_with_key(_one(request, id)))

    def partial_update(self, request: Request, id: UUID) -> Response:  # noqa: A002
        given = ConfigurationRequest(_one(request, id), data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        fields, secret = given.fields_and_secret()
        try:
            configuration = change_configuration(id, fields, secret)
        except FieldError as error:
            raise _invalid(error) from None
        return Response(_with_key(configuration))

    def destroy(self, request: Request, id: UUID) -> Response:  # noqa: A002
        delete_configuration(_one(request, id).pk)
        return Response(status=204)

    def check(self, request: Request, id: UUID) -> Response:  # noqa: A002
        try:
            return Response(check_configuration(_one(request, id).pk).as_json())
        except NotNowError as error:
            raise _not_now(error) from None

    def setup_script(self, request: Request, id: UUID) -> Response:  # noqa: A002
        try:
            return Response(SetupAnswer(scripts_of(_one(request, id))).data)
        except SyncError as error:
            raise ConflictError(error.code, error.happened, error.remedy) from None

    def rotate_key(self, request: Request, id: UUID) -> Response:  # noqa: A002
        configuration = _one(request, id)
        given = RotationRequest(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return Response(_activated(configuration) if given.validated_data["activate"] else _begun(configuration))
        except SyncError as error:
            raise ConflictError(error.code, error.happened, error.remedy) from None


def _begun(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    key = begin_rotation(configuration.pk)
    message = (
        "A new key pair waits. Run the statement in Snowflake, then send activate: true. Until then the credentials in "
        "use stay in use."
    )
    return dict(RotationAnswer({"activated": False, "message": message, "key": key}).data)


def _activated(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    try:
        old = activate_rotation(configuration.pk)
    except NothingToActivateError:
        raise ConflictError(
            "no_rotation", "No new key is waiting.", "Send the request without activate first, and run its statement."
        ) from None
    except ChangedMeanwhileError:
        raise ConflictError(
            "changed_meanwhile",
            "Somebody else changed the credentials meanwhile; theirs stay.",
            "Look at the configuration, and begin again.",
        ) from None
    except NotNowError as error:
        raise _not_now(error) from None
    except KeyRefusedError as refused:
        raise ConflictError(
            "key_refused",
            f"{refused.error.happened}. The credentials that were in use stay in use.",
            f"{refused.error.remedy} If the key is not given to the user yet, run: {refused.statement.statement}",
        ) from None
    message = "The new key is in use."
    if old is not None:
        message += " When running loads have ended, in a minute, the statement takes the old key away from the user."
    return dict(RotationAnswer({"activated": True, "message": message, "key": old}).data)


def _with_key(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    try:
        configuration.register_key = register_statement(configuration)  # type: ignore[attr-defined]
    except SyncError:  # what is stored cannot be read; the check says so
        configuration.register_key = None  # type: ignore[attr-defined]
    return dict(ConfigurationWithKey(configuration).data)


def _visible(request: Request) -> QuerySet[SnowflakeConfiguration]:
    asking = _asking(request)
    if not asking.is_staff:
        return SnowflakeConfiguration.objects.filter(user=asking)
    if "user" in request.query_params:
        return SnowflakeConfiguration.objects.filter(user=_owner(request))
    return SnowflakeConfiguration.objects.all()


def _one(request: Request, id_: UUID) -> SnowflakeConfiguration:
    found = _visible(request).select_related("user").filter(pk=id_).first()
    if found is None:
        raise NotFound("There is no such Snowflake configuration, or it is not yours.")
    return found


def _owner(request: Request) -> User:
    """Whose configurations it is about: the asking user's, or for staff whom `user` names."""
    asking, named = _asking(request), request.query_params.get("user")
    if named is None or not asking.is_staff:
        return asking
    wanted = Q(email__iexact=named)
    with suppress(ValueError):
        wanted |= Q(pk=UUID(named))
    found = [] if "\0" in named else list(User.objects.filter(wanted)[:2])
    if len(found) != 1:
        raise ValidationError({"user": f"There {'is no' if not found else 'are several'} user {named[:200]}."})
    return found[0]


def _asking(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - IsAuthenticated has seen to it
    return request.user


def _invalid(error: FieldError) -> ValidationError:
    return ValidationError({error.field: [error.message]})


def _not_now(error: NotNowError) -> ConflictError:
    return ConflictError("not_now", str(error), "Wait, or change the credentials.")
