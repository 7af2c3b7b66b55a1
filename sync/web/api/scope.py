"""Whose things a request is about: the token's user's, and for staff who may view them everyone's or one user's."""

from http import HTTPStatus
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request

from accounts.models import SnowflakeConfiguration, User
from sync.models import Workflow
from sync.reporting import VIEW, VIEW_DESTINATIONS, as_uuid, scope_of, several, users_meant, workflow_meant
from sync.web.api.problems import Problem, not_found


def scope(request: Request, named: str | None, view: str = VIEW) -> UUID | None:
    """`scope_of` the token's user, narrowed to the user whose id or e-mail address is `named`.

    Raises Problem, 404: in the same words whether there is no such user or the caller may not see them.
    """
    mine = scope_of(current_user(request), view)
    if not named:
        return mine
    found = users_meant(named)
    if len(found) > 1 and mine is None:
        raise Problem(HTTPStatus.BAD_REQUEST, "ambiguous", several(named, found), "Name one by the id.")
    if len(found) != 1 or mine not in (None, found[0].pk):
        raise not_found("user")
    return found[0].pk


def current_user(request: Request) -> User:
    """Who asks."""
    assert isinstance(request.user, User)  # noqa: S101 - IsAuthenticated has seen to it
    return request.user


def find_workflow(named: str | None, owner_id: UUID | None) -> Workflow | None:
    """By its workflow_id or id; None where none is named. Raises Problem, 404, also where it is not the owner's."""
    found = workflow_meant(named, owner_id) if named else None
    if named and found is None:
        raise not_found("workflow")
    return found


def visible_configurations(owner_id: UUID | None) -> QuerySet[SnowflakeConfiguration]:
    """Those of this user's, or everybody's, with whose they are."""
    found = SnowflakeConfiguration.objects.select_related("user")
    return found if owner_id is None else found.filter(user_id=owner_id)


def find_configuration(request: Request, id_: str) -> SnowflakeConfiguration:
    """One that the token's user may see. Raises Problem, 404."""
    wanted, owner_id = as_uuid(id_), scope_of(current_user(request), VIEW_DESTINATIONS)
    found = visible_configurations(owner_id).filter(pk=wanted).first() if wanted else None
    if found is None:
        raise not_found("destination")
    return found


def find_destination(id_: UUID | None, owner_id: UUID | None) -> SnowflakeConfiguration | None:
    """None where none is named. Raises Problem, 404, also where it is not the owner's."""
    if id_ is None:
        return None
    found = SnowflakeConfiguration.objects.select_related(None).only("id", "user_id").filter(pk=id_).first()
    if found is None or owner_id not in (None, found.user_id):
        raise not_found("destination")
    return found
