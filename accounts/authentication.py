"""Tells by the header `Authorization: Bearer TOKEN` which user asks."""

import re
from datetime import timedelta
from hmac import compare_digest

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User

_TOKEN = re.compile(r"[A-Za-z0-9_]{16,128}")
# A token's last use is written at most once in this time: a request that only reads rarely writes.
USE_NOTED = timedelta(minutes=1)


class BearerAuthentication(BaseAuthentication):
    """The user of a token that is known, not revoked, not expired, and whose user is active."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The user and their token; None if there is no Bearer token at all. Raises AuthenticationFailed."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _find(token.strip())
        if found is None:
            raise AuthenticationFailed("There is no such token.", "token_unknown")
        if found.revoked_at is not None:
            raise AuthenticationFailed("The token has been revoked.", "token_revoked")
        if found.expiry is not None and found.expiry <= timezone.now():
            raise AuthenticationFailed("The token has expired.", "token_expired")
        if not found.user.is_active:
            raise AuthenticationFailed("The token's user is not active.", "user_inactive")
        _note_use(found)
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        """The value of the header WWW-Authenticate."""
        return "Bearer"


def _find(token: str) -> ApiToken | None:
    if not _TOKEN.fullmatch(token):
        return None
    digest = hash_token(token)
    candidates = ApiToken.objects.filter(token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related("user__login")
    return next((found for found in candidates if compare_digest(found.digest, digest)), None)


def _note_use(token: ApiToken) -> None:
    due = timezone.now() - USE_NOTED
    if token.last_used_at is None or token.last_used_at < due:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=due)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=Now())
