"""Destinations are made, changed and deleted: what API and admin share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.models import ENCRYPTED, SETTINGS, SnowflakeConfiguration
from sync.activity import Action, changes_between
from sync.destinations import breaker
from sync.destinations.fields import (
    FIELD_OF,
    FieldError,
    check_keeping,
    check_other_destinations,
    clean,
    clean_secret,
)
from sync.destinations.limits import check_number
from sync.destinations.noted import note, note_by_id
from sync.errors import failure
from sync.snowflake.session import make_private_key

Method = SnowflakeConfiguration.AuthMethod

# The next key was made for this account, user and key slot; a change of one drops it.
_OF_THE_NEXT_KEY = frozenset({"account_identifier", "username", "private_key_slot", "private_key_encrypted"})
_OF_KEEPING = frozenset({"is_transient", "time_travel_days"})
_OF_THE_SCHEMA = frozenset({"account_identifier", "database", "schema"})

PASSWORDS_END = (
    "A password alone is a legacy way to log in: Snowflake's last date for single-factor passwords is October 2026, "
    "and service users cannot have one. Change to a key pair in its settings; no result is lost on the way."
)


@dataclass(frozen=True, slots=True)
class Secret:
    """What somebody entered: the method it is for, and the passphrase of a private key."""

    method: str
    value: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


def create_configuration(user_id: UUID, fields: Mapping[str, Any], secret: Secret | None) -> SnowflakeConfiguration:
    """A new destination. With a key pair as method and no secret, the pair is made here.

    In that case it starts paused, since nobody can have given the public key to the user in Snowflake yet: its log-ins
    would be refused. Log-ins are tried after 15 minutes, or once a check passes. Raises FieldError and TooManyError.
    """
    configuration = SnowflakeConfiguration(user_id=user_id)
    apply_settings(configuration, fields, secret)
    if secret is None:
        configuration.set_secret(Method.KEY_PAIR, make_private_key())
    with transaction.atomic():
        _lock_user(user_id)
        check_number(user_id)
        check_other_destinations(configuration)
        configuration.save(force_insert=True)
        if secret is None:
            error = failure("key_not_registered", f"The key pair of {configuration} was made now")
            breaker.start_pause(configuration.pk, error)
        note(Action.DESTINATION_MADE, configuration, changes=changes_between({}, _stored(configuration)))
    configuration.refresh_from_db()
    return configuration


def change_configuration(
    configuration_id: UUID, fields: Mapping[str, Any], secret: Secret | None
) -> SnowflakeConfiguration:
    """Changes these fields and this secret, and nothing else of the row.

    Pending items stay pending and are loaded into the new place. Raises FieldError,
    SnowflakeConfiguration.DoesNotExist.
    """
    with transaction.atomic():
        _lock_user(SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id))
        configuration = SnowflakeConfiguration.objects.select_for_update(no_key=True, of=("self",)).get(
            pk=configuration_id
        )
        before = _stored(configuration)
        changed = apply_settings(configuration, fields, secret)
        if changed & _OF_THE_SCHEMA:
            check_other_destinations(configuration)
        if changed:
            configuration.updated_at = Now()
            configuration.save(update_fields=[*changed, "updated_at"])
            if changes := changes_between(before, _stored(configuration)):
                note(Action.DESTINATION_CHANGED, configuration, changes=changes)
    # The trigger in migrations_sql/0008_destination_states may have ended a pause.
    configuration.refresh_from_db()
    return configuration


@sensitive_variables()
def apply_settings(configuration: SnowflakeConfiguration, fields: Mapping[str, Any], secret: Secret | None) -> set[str]:
    """Puts these fields and this secret into a configuration, which the caller saves. Returns the changed columns.

    Raises FieldError, also if, after these changes, the method has no secret.
    """
    cleaned = clean(fields)
    changed = {name for name, value in cleaned.items() if getattr(configuration, name) != value}
    for name in changed:
        setattr(configuration, name, cleaned[name])
    if changed & _OF_KEEPING:
        check_keeping(configuration)
    if secret is not None:
        method = Method(secret.method)
        cleaned_secret = clean_secret(method, secret.value, secret.passphrase)
        changed |= {"auth_method", configuration.set_secret(method, cleaned_secret)}
        if "secret_ends_on" not in cleaned:
            # That was said of the one before.
            configuration.secret_ends_on = None
            changed.add("secret_ends_on")
    elif configuration._state.adding or "auth_method" in changed:  # noqa: SLF001 - Django's
        check_there_is_a_secret(configuration)
    if changed & _OF_THE_NEXT_KEY:
        configuration.next_private_key_encrypted = None
        changed.add("next_private_key_encrypted")
    return changed


def delete_configuration(configuration_id: UUID) -> None:
    """Deletes a destination with its queue items and their attempts; tables in Snowflake stay.

    An execution that had no other item is queued again by the sweep, for the user's other destinations if there are
    any. PostgreSQL cascades: Django would read all items first.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        note_by_id(Action.DESTINATION_DELETED, configuration_id)
        cursor.execute("DELETE FROM snowflake_configurations WHERE id = %s", [configuration_id])


def _stored(configuration: SnowflakeConfiguration) -> dict[str, Any]:
    """What somebody has set, and the secrets as they are encrypted: a sealed one is never twice the same."""
    return {name: getattr(configuration, name) for name in (*SETTINGS, *ENCRYPTED)}


def check_there_is_a_secret(configuration: SnowflakeConfiguration) -> None:
    """Raises FieldError if its method has none. A key pair of a new one is made when it is saved."""
    method, is_new = configuration.auth_method, configuration._state.adding  # noqa: SLF001 - Django's
    if configuration.method_in_use() is not None or (is_new and method == Method.KEY_PAIR):
        return
    if method == Method.KEY_PAIR:
        raise FieldError(
            "private_key",
            "No private key is stored. Send your own, or let rotate-key (Settings in the console) make a pair, which "
            "is in use once it works.",
        )
    raise FieldError(FIELD_OF.get(method, "auth_method"), "This method needs a secret, and there is none.")


def _lock_user(user_id: UUID) -> None:
    """Until commit; else two new ones would not see each other and both pass the checks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"snowflake_sync {user_id}"])
