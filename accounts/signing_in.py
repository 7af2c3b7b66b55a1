"""Signing in with a password, on the console and in the admin, with a limit on tries against guessing."""

import math
from ipaddress import IPv6Address, ip_address
from typing import Any, NoReturn

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts.models import Login, User
from accounts.usage import AtOnce, forget, seconds_to_wait

# Tries for an e-mail address from one place, tries from one place, and the seconds in which they are counted.
TRIES = 10
TRIES_FROM_PLACE = 100
WITHIN = 300
# At most so many passwords are hashed at once: a hash takes a third of a second of processor, also for an address that
# nobody has.
HASHES = AtOnce(2)

_BUSY = "Too many people are signing in at this moment. Try again in a few seconds."


class Backend(ModelBackend):
    """Django's own backend, with limits on how many tries there may be, and how many at once."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user, if the password is right. A call without a request comes from a program, and is not counted.

        Raises PermissionDenied after too many tries, and if too many try at once; nothing is hashed then, and
        `sign_in_refused` of the request says why.
        """
        address = username or kwargs.get(User.USERNAME_FIELD) or ""
        if request is None:
            return self._known(_whose(address), password)
        place = _place(request)
        _count(request, _key("sign_in_from", place), TRIES_FROM_PLACE)
        with HASHES.place() as free:
            if not free:
                _refuse(request, _BUSY)
            whose = _whose(address)
            # Tries are counted for the user who would be logged in: an address can be written in many ways.
            key = _key("sign_in", place, str(whose.pk) if whose else address)
            _count(request, key, TRIES)
            user = self._known(whose, password)
        if user is not None:
            forget(key)
        return user

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session, read with what every page asks next: powers, and how it should look."""
        user = User.objects.select_related("login", "preferences").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    @sensitive_variables("password")
    def _known(self, user: User | None, password: str | None) -> User | None:
        """The user, if the password is right. If there is no user, the check takes as long."""
        right = (user or User()).check_password(password)
        return user if user and right and self.user_can_authenticate(user) else None


@receiver(user_logged_in)
def _note_login(user: User, **_signal: Any) -> None:
    Login.objects.filter(user=user).update(last_login=Now())
    # Every log-in also deletes the sessions that are over: nobody has to think of clearsessions.
    SessionStore.clear_expired()


class SaysWhy:
    """For an AuthenticationForm: if the password was not looked at, the form says so."""

    request: HttpRequest | None

    def get_invalid_login_error(self) -> ValidationError:
        refused = getattr(self.request, "sign_in_refused", None)
        if refused is None:
            return super().get_invalid_login_error()  # type: ignore[misc, no-any-return]
        return ValidationError(refused, code="refused")


def _whose(address: str) -> User | None:
    try:
        return User.objects.get_by_natural_key(address)
    except User.DoesNotExist:
        return None


def _count(request: HttpRequest, key: str, tries: int) -> None:
    wait = seconds_to_wait(key, tries, WITHIN)
    if wait is not None:
        minutes = math.ceil(wait / 60)
        _refuse(request, f"More than {tries} tries. Try again in {minutes} minute{'s' * (minutes > 1)}.")


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    request.sign_in_refused = why  # type: ignore[attr-defined]
    raise PermissionDenied


def _place(request: HttpRequest) -> str:
    """The address that asks; of an IPv6 address the network, since whoever has one address of it has all."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> 64)
    return str(address)


def _key(what: str, place: str, whose: str = "") -> str:
    """One of some ten thousand keys: made-up addresses fill no table, and nobody can tell whose key is whose."""
    digest = salted_hmac("sync.sign_in", f"{place} {whose}", algorithm="sha256").hexdigest()
    return f"{what}/{digest[:4]}"
