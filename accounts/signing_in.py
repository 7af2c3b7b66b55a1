"""Signing in with a password, here and in the admin: not as often as somebody who guesses would like."""

import math
from hashlib import sha256
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.usage import forget, seconds_to_wait

# Tries for an e-mail address from one place, and the seconds in which they are counted.
TRIES = 10
WITHIN = 300


class Backend(ModelBackend):
    """Django's own, for so many tries."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user, if the password is right. Without a request, whoever asks is a program, and is not counted.

        Raises PermissionDenied after too many tries: `sign_in_wait` of the request says for how many seconds.
        """
        if request is None:
            return super().authenticate(None, username, password, **kwargs)
        key = _key(request, username or kwargs.get(User.USERNAME_FIELD) or "")
        wait = seconds_to_wait(key, TRIES, WITHIN)
        if wait is not None:
            request.sign_in_wait = wait  # type: ignore[attr-defined]
            raise PermissionDenied
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            forget(key)
        return user


class SaysHowLong:
    """For an AuthenticationForm: after too many tries it says so, whether the password is right or not."""

    request: HttpRequest | None

    def get_invalid_login_error(self) -> ValidationError:
        wait = getattr(self.request, "sign_in_wait", None)
        if wait is None:
            return super().get_invalid_login_error()  # type: ignore[misc, no-any-return]
        minutes = math.ceil(wait / 60)
        return ValidationError(
            f"More than {TRIES} tries. Try again in {minutes} minute{'s' * (minutes > 1)}.", code="too_many"
        )


def _key(request: HttpRequest, address: str) -> str:
    """One of some ten thousands: whoever makes addresses up fills no table."""
    place = request.META.get("REMOTE_ADDR", "")
    return f"sign_in/{sha256(f'{place} {address.strip().lower()}'.encode()).hexdigest()[:4]}"
