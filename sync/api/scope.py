"""Whose things a request is about: the token's user's, and for staff everyone's or one user's."""

from http import HTTPStatus
from uuid import UUID

from rest_framework.request import Request

from accounts.models import SnowflakeConfiguration, User
from sync.api.problems import Problem, not_found
from sync.models import Workflow
from sync.services.lookups import several_users, users_meant, workflow_meant


def own_scope(request: Request) -> UUID | None:
    """The user's id; None, which means everyone, for staff."""
    user = current_user(request)
    return None if user.is_staff else user.pk


def scope(request: Request, asked: str | None) -> UUID | None:
    """The same, narrowed to the user whose id or e-mail address was asked for.

    Raises Problem, 404: in the same words whether there is no such user or the caller may not see them.
    """
    if not asked:
        return own_scope(request)
    user = current_user(request)
    found = users_meant(asked)
    if len(found) > 1 and user.is_staff:
        raise Problem(HTTPStatus.BAD_REQUEST, "ambiguous", several_users(asked, found), "Name one by the id.")
    if len(found) != 1 or not (user.is_staff or found[0].pk == user.pk):
        raise not_found("user")
    return found[0].pk


def demand(request: Request, permission: str) -> None:
    """Staff need a permission for what they do, here as in the admin; others do as they like with what is theirs.

    Raises Problem, 403.
    """
    user = current_user(request)
    if user.is_staff and not user.has_perm(permission):
        raise Problem(HTTPStatus.FORBIDDEN, "not_permitted", f"Staff need the permission {permission} for this.")


def current_user(request: Request) -> User:
    """Who asks."""
    assert isinstance(request.user, User)  # noqa: S101 - IsAuthenticated has seen to it
    return request.user


def find_workflow(asked: str, owner_id: UUID | None) -> Workflow:
    """By its workflow_id or id. Raises Problem, 404, also where it is not the owner's."""
    found = workflow_meant(asked, owner_id)
    if found is None:
        raise not_found("workflow")
    return found


def find_destination(asked: UUID, owner_id: UUID | None) -> SnowflakeConfiguration:
    """Raises Problem, 404, also where it is not the owner's."""
    destinations = SnowflakeConfiguration.objects.only("id", "user_id").filter(pk=asked)
    found = destinations.first()
    if found is None or owner_id not in (None, found.user_id):
        raise not_found("destination")
    return found
