"""The application's users: who may log in here, what each may do, in words, and where their results go."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import is_password_usable
from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.reporting.lookups import named_destinations

PEOPLE = 50
# What the permissions of staff let them do, by codename, in the order in which it is said.
_RIGHTS = {
    "view_syncqueueitem": "sees everyone's runs",
    "view_workflowexecution": "sees results",
    "retry_syncqueueitem": "retries and skips",
    "backfill_workflowexecution": "backfills",
    "view_snowflakeconfiguration": "sees everyone's destinations",
    "add_snowflakeconfiguration": "makes destinations",
    "change_snowflakeconfiguration": "changes destinations and rules",
    "delete_snowflakeconfiguration": "deletes destinations",
    "view_syncactivity": "sees who changed what",
    "view_user": "sees users",
    "change_apitoken": "revokes tokens of others",
}


@dataclass(frozen=True, slots=True)
class Person:
    """`tokens`: how many of theirs are valid."""

    user: User
    logs_in: bool
    rights: tuple[str, ...]
    destinations: tuple[SnowflakeConfiguration, ...]
    tokens: int


def people(named: str = "", *, everybody: bool = False, after: str = "") -> tuple[list[Person], str]:
    """A page of users, by e-mail address, and after which address the next one begins; empty: there is none.

    `named`: a part of the address or name. `everybody`: those, too, who cannot log in. It asks as often, however many
    there are.
    """
    found = User.objects.order_by("email").filter(email__gt=after)
    if named:
        found = found.filter(Q(email__icontains=named) | Q(name__icontains=named))
    if not everybody:
        found = found.filter(login__password__isnull=False)
    users = list(
        found.prefetch_related(
            "user_permissions",
            "groups__permissions",
            Prefetch("snowflake_configurations", named_destinations(None).order_by("created_at", "id")),
        )[: PEOPLE + 1]
    )
    page, more = users[:PEOPLE], users[PEOPLE:]
    tokens = _valid_tokens(page)
    return [_person(user, tokens.get(user.pk, 0)) for user in page], page[-1].email if more else ""


def rights_of(user: User) -> tuple[str, ...]:
    """What the user may do here, as phrases."""
    if user.is_staff and user.is_superuser:
        return ("may do everything",)
    if not user.is_staff:
        return ("sees and changes what is theirs",)
    codes = {each.codename for each in user.user_permissions.all()}
    codes |= {each.codename for group in user.groups.all() for each in group.permissions.all()}
    return tuple(said for code, said in _RIGHTS.items() if code in codes) or ("uses the admin, without a right",)


def _person(user: User, tokens: int) -> Person:
    logs_in = user.is_active and user.password is not None and is_password_usable(user.password)
    return Person(user, logs_in, rights_of(user), tuple(user.snowflake_configurations.all()), tokens)


def _valid_tokens(users: Sequence[User]) -> dict[object, int]:
    valid = ApiToken.objects.filter(Q(expiry=None) | Q(expiry__gt=timezone.now()), user__in=users, revoked_at=None)
    return dict(valid.order_by().values_list("user").annotate(Count("pk")))
