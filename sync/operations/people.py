"""Who may log in, with which rights, and their tokens: what pages, admin and commands share."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.models import ApiToken, Preferences, User
from sync.activity import CHANGED, Action, Change, Kind, changes_between, record
from sync.postgres import storable

_POWERS = ("is_staff", "is_superuser")


class NoSuchMakerError(Exception):
    """The token that asks for another may make none: it has been revoked meanwhile, or was itself made with one."""


@sensitive_variables("token")
def make_token(
    user: User, name: str = "", *, lasts: timedelta | None = None, made_with: ApiToken | None = None
) -> tuple[ApiToken, str]:
    """A token of the user's, and its text, which nobody can read again. `lasts` None: it does not expire.

    `made_with`: the token that asks for it. The new one ends with it, at the latest, and is revoked with it. Raises
    NoSuchMakerError.
    """
    with transaction.atomic():
        # Held until the end: whoever revokes it finds this one.
        maker = made_with and ApiToken.objects.select_for_update().get(pk=made_with.pk)
        if maker and (maker.revoked_at is not None or maker.made_with_id is not None):
            raise NoSuchMakerError
        made, token = ApiToken.objects.create(user=user, name=storable(name), expiry=lasts, made_with=maker)
        if maker and maker.expiry and (made.expiry is None or made.expiry > maker.expiry):
            made.expiry = maker.expiry
            made.save(update_fields=["expiry"])
        ends = f"until {made.expiry:%Y-%m-%d %H:%M} UTC" if made.expiry else "does not expire"
        _record(Action.TOKEN_MADE, made, name, note=ends)
    return made, token


def revoke_tokens(tokens: QuerySet[ApiToken]) -> int:
    """These, and those made with them, answer 401 from now on, as far as they did not already. Returns how many are
    revoked by this.
    """
    with transaction.atomic():
        makers = list(tokens.select_for_update(of=("self",)).values_list("pk", flat=True))
        with_those = ApiToken.objects.filter(Q(pk__in=makers) | Q(made_with__in=makers), revoked_at=None)
        meant = list(with_those.select_related("user").select_for_update(of=("self",)))
        for token in meant:
            _record(Action.TOKEN_REVOKED, token, token.name)
        ApiToken.objects.filter(pk__in=[token.pk for token in meant]).update(revoked_at=Now())
    return len(meant)


def _record(action: str, token: ApiToken, name: str, **more: Any) -> None:
    told = [f"of {token.user}", more.pop("note", "")]
    note = ", ".join(filter(None, told))
    record(action, Kind.TOKEN, token.pk, name or "without a name", owner_id=token.user_id, note=note, **more)


@sensitive_variables("hashed")
def set_password(user: User, hashed: str | None) -> None:
    """`hashed`: as make_password makes it; None: the user cannot log in with a password any more."""
    with transaction.atomic():
        user.change_login(password=hashed)
        change: Change = {"field": "password", "from": None, "to": CHANGED if hashed else "taken away"}
        record(Action.PASSWORD_SET, Kind.USER, user.pk, user, owner_id=user.pk, changes=[change])


def change_preferences(user: User, *, time_zone: str, theme: str) -> None:
    """How pages are for the user. `time_zone`: a name that is known, or empty for the browser's."""
    chosen = {"time_zone": time_zone, "theme": theme}
    with transaction.atomic():
        before = {name: getattr(user.chosen, name) for name in chosen}
        Preferences.objects.update_or_create(user=user, defaults=chosen)
        if changes := changes_between(before, chosen):
            record(Action.PREFERENCES_CHANGED, Kind.USER, user.pk, user, owner_id=user.pk, changes=changes)


def change_powers(user: User, **powers: bool) -> None:
    """Sets `is_staff` and `is_superuser`, as far as they are given."""
    before = {name: getattr(user, name) for name in _POWERS}
    with transaction.atomic():
        user.change_login(**powers)
        note_rights(user, changes_between(before, before | powers))


def note_rights(whose: User | Group, changes: Iterable[Change]) -> None:
    """Records what has become of a user's or a group's rights, if anything has. Belongs into that transaction."""
    if told := list(changes):
        kind, owner_id = (Kind.USER, whose.pk) if isinstance(whose, User) else (Kind.GROUP, None)
        record(Action.RIGHTS_CHANGED, kind, whose.pk, whose, owner_id=owner_id, changes=told)


def make_user(email: str) -> User:
    """A user of the application, without a password or a power here. Raises IntegrityError where the application's
    table wants more than we know.
    """
    with transaction.atomic():
        user = User.objects.create_user(email)
        record(Action.USER_MADE, Kind.USER, user.pk, user, owner_id=user.pk)
    return user
