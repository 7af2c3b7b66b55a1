"""Those who have no valid token, and the code that each of them is answered; what a problem looks like."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiToken, User
from tests.web.api.conftest import Caller, caller_of


def anonymous(_user: User) -> Caller:
    return Caller()


def nonsense(_user: User) -> Caller:
    return Caller("nonsense")


def expired(user: User) -> Caller:
    return caller_of(user, expiry=timedelta(seconds=-1))


def revoked(user: User) -> Caller:
    return caller_of(user, revoked_at=timezone.now())


def deleted(user: User) -> Caller:
    row, token = ApiToken.objects.create(user)
    row.delete()
    return Caller(token)


def inactive(user: User) -> Caller:
    caller = caller_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return caller


CODES = {
    anonymous: "not_authenticated",
    nonsense: "token_unknown",
    expired: "token_expired",
    revoked: "token_revoked",
    deleted: "token_unknown",
    inactive: "user_inactive",
}


def problem(answer: Any) -> dict[str, Any]:
    """The document of an answer that is a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert all(document[name] for name in ("type", "title", "code", "detail", "what_to_do"))
    return document
