"""Destinations are made, changed and deleted: what API and admin share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from sync.destinations.fields import FIELD_OF, FieldError, check_other_destinations, clean, clean_secret
from sync.destinations.keys import await_registration, make_key_pair
from sync.destinations.limits import check_number

Method = SnowflakeConfiguration.AuthMethod

# The next key's public half is for this place of this user of this account.
_OF_THE_NEXT_KEY = frozenset({"account_identifier", "username", "private_key_slot"})

PASSWORDS_END = (
    "A password alone is a legacy way to log in: Snowflake ends single-factor passwords for everyone in October 2026, "
    "and service users cannot have one. Change to a key pair with rotate-key; no result is lost on the way."
)


@dataclass(frozen=True, slots=True)
class Secret:
    """What somebody entered: the method it is for, and the passphrase of a private key."""

    method: str
    value: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


def create_configuration(user_id: UUID, fields: Mapping[str, Any], secret: Secret | None) -> SnowflakeConfiguration:
    """A new destination. With a key pair as method and no secret, the pair is made here.

    Then the destination waits until its public key can have been given to the user in Snowflake: see
    `await_registration`. Raises FieldError and TooManyError.
    """
    configuration = SnowflakeConfiguration(user_id=user_id, **clean(fields))
    makes_key = secret is None and configuration.auth_method == Method.KEY_PAIR
    if makes_key:
        make_key_pair(configuration)
    elif secret is None:
        raise FieldError(FIELD_OF[configuration.auth_method], "This method needs a secret, and there is none.")
    else:
        _set(configuration, secret)
    with transaction.atomic():
        _one_at_a_time(user_id)
        check_number(user_id)
        check_other_destinations(configuration)
        configuration.save(force_insert=True)
        if makes_key:
            await_registration(configuration)
    configuration.refresh_from_db()
    return configuration


def change_configuration(
    configuration_id: UUID, fields: Mapping[str, Any], secret: Secret | None
) -> SnowflakeConfiguration:
    """Changes these fields and this secret, and nothing else of the row, which workers write, too.

    What waits goes on waiting, and goes where the configuration says from now on. Raises FieldError,
    SnowflakeConfiguration.DoesNotExist.
    """
    cleaned = clean(fields)
    with transaction.atomic():
        owner = SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id)
        _one_at_a_time(cleaned.get("user_id", owner))
        configuration = SnowflakeConfiguration.objects.select_for_update(no_key=True).get(pk=configuration_id)
        changed = {name for name, value in cleaned.items() if getattr(configuration, name) != value}
        for name in changed - {"user_id"}:
            setattr(configuration, name, cleaned[name])
        if "user_id" in changed:
            changed |= _give(configuration, cleaned["user_id"])
        if secret is not None:
            changed |= {"auth_method", _set(configuration, secret)}
        elif "auth_method" in changed:
            _ask_for_secret(configuration)
        if changed & _OF_THE_NEXT_KEY or (secret is not None and secret.method == Method.KEY_PAIR):
            configuration.next_private_key_encrypted = None
            changed.add("next_private_key_encrypted")
        if changed & {"account_identifier", "database", "schema", "user_id"}:
            check_other_destinations(configuration)
        if changed:
            configuration.updated_at = Now()
            configuration.save(update_fields=[*changed, "updated_at"])
    # The trigger of pair 0008 may have ended a pause.
    configuration.refresh_from_db()
    return configuration


def delete_configuration(configuration_id: UUID) -> None:
    """Deletes a destination with its queue items and their attempts; tables in Snowflake stay.

    An execution that had no other item is queued again by the sweep, for the user's other destinations if there are
    any. PostgreSQL cascades: Django would read all items first.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_configurations WHERE id = %s", [configuration_id])


def _set(configuration: SnowflakeConfiguration, secret: Secret) -> str:
    method = Method(secret.method)
    return configuration.set_secret(method, clean_secret(method, secret.value, secret.passphrase))


def _give(configuration: SnowflakeConfiguration, user_id: UUID) -> set[str]:
    try:
        return configuration.give_to(user_id)
    except SecretUnreadableError:
        raise FieldError("user", "A stored secret cannot be opened: enter it again first.") from None


def _ask_for_secret(configuration: SnowflakeConfiguration) -> None:
    method = configuration.auth_method
    if configuration.method_in_use() is not None:
        return
    if method == Method.KEY_PAIR:
        raise FieldError(
            "private_key",
            "No private key is stored. Send your own, or let rotate-key make a pair, which is in use once it works.",
        )
    raise FieldError(FIELD_OF.get(method, "auth_method"), "This method needs a secret, and there is none.")


def _one_at_a_time(user_id: UUID) -> None:
    """Of one user: two new configurations would not see each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"snowflake_sync {user_id}"])
