"""Endings that surprise people: keys and tokens that run out, and log-ins that Snowflake is about to refuse."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q, QuerySet

from accounts.models import SnowflakeConfiguration
from sync.alerts.condition import Condition
from sync.alerts.kinds import Kind
from sync.destinations import PASSWORDS_END

Method = SnowflakeConfiguration.AuthMethod

# How long before its end a secret's owner is told, and told again.
FIRST = timedelta(days=14)
AGAIN = (timedelta(days=3), timedelta(days=1))
# Destinations that are looked at; more of them are told of as the first are mended.
MOST = 1_000
# Snowflake's last milestone began in August 2026 and ends in October 2026. After it a password alone lets nobody in,
# except in trial and reader accounts: docs.snowflake.com/user-guide/security-mfa-rollout.
PASSWORDS_SINCE = datetime(2026, 8, 1, tzinfo=UTC)
_SHOWN = (
    "name",
    "account_identifier",
    "database",
    "schema",
    "auth_method",
    "secret_ends_on",
    "created_at",
    "user__email",
)


def endings(active: QuerySet[SnowflakeConfiguration], now: datetime) -> Iterator[Condition]:
    """Of these destinations: whose secret ends within two weeks, and who logs in with a password."""
    shown = active.select_related(None).select_related("user").only(*_SHOWN)
    soon = Q(secret_ends_on__lte=(now + FIRST).astimezone(UTC).date())
    for destination in shown.filter(soon).order_by("secret_ends_on", "pk")[:MOST]:
        yield _ends(destination, now)
    no_other = Q(auth_method=Method.AUTO, password_encrypted__gt="")
    for column in ("private_key_encrypted", "token_encrypted"):
        no_other &= Q(**{column: None}) | Q(**{column: ""})
    for destination in shown.filter(Q(auth_method=Method.PASSWORD) | no_other).order_by("pk")[:MOST]:
        yield _of(
            destination,
            Kind.LOGINS_END,
            PASSWORDS_SINCE,
            f"Destination {destination} logs in with a password, which Snowflake may refuse any day",
            f"Destination {destination} logs in without a password",
            PASSWORDS_END,
        )


def _ends(destination: SnowflakeConfiguration, now: datetime) -> Condition:
    day = destination.secret_ends_on
    assert day is not None  # noqa: S101 - it was asked for
    end = datetime.combine(day, time(), UTC)
    is_token = destination.auth_method in (Method.ACCESS_TOKEN, Method.OAUTH)
    word, kind = ("token", Kind.TOKEN_ENDS_SOON) if is_token else ("key", Kind.KEY_ENDS_SOON)
    ended = now >= end
    return _of(
        destination,
        kind,
        end - FIRST,
        f"The {word} of destination {destination} {'ended' if ended else 'ends'} on {day:%Y-%m-%d}",
        f"The {word} of destination {destination} has been renewed",
        f"Enter another {word} in the destination's settings, and when it ends; no result is lost on the way.",
        reminders=tuple(end - before for before in AGAIN),
    )


def _of(
    destination: SnowflakeConfiguration,
    kind: Kind,
    since: datetime,
    what: str,
    over: str,
    remedy: str,
    reminders: tuple[datetime, ...] = (),
) -> Condition:
    return Condition(
        kind,
        str(destination.pk),
        # It cannot have been so before there was a destination.
        max(since, destination.created_at),
        what,
        over,
        remedy,
        f"/destinations/{destination.pk}/settings",
        user_id=destination.user_id,
        whose=destination.user.email,
        configuration_id=destination.pk,
        reminders=reminders,
    )
