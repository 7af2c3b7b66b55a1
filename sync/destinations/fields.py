"""What may stand in a configuration: the same rules for the API and the admin. Each refusal names the field."""

import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.snowflake.identifiers import quote, resolve
from sync.snowflake.session import account_from, host_for, read_private_key

Method = SnowflakeConfiguration.AuthMethod

NAMES = ("warehouse", "database", "schema", "role", "username")
# An X-Small uses a credit an hour. With a window each interval it is awake for about two minutes of it: up to one in
# which results may come, and one until it sleeps. See docs/operations.md.
INTERVAL_COSTS = (
    "Results wait for the next window, so that the warehouse may sleep. It bills a minute at least when it wakes up: "
    "results that come all day cost an X-Small up to 24 credits a day without waiting, about 10 with windows of 5 "
    "minutes, 3 with 15 minutes, 1 with an hour."
)
_OPTIONAL = frozenset({"role"})
_LONGEST_SECRET = 20_000


class FieldError(Exception):
    """What is wrong with which field, and what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


def clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are stored. Raises FieldError."""
    cleaned = dict(fields)
    if "account_identifier" in cleaned:
        cleaned["account_identifier"] = clean_account(str(cleaned["account_identifier"]))
    for name in NAMES:
        if name in cleaned:
            cleaned[name] = clean_name(name, str(cleaned[name] or "")) or None
    return cleaned


def clean_account(text: str) -> str:
    """The account identifier in what was pasted: itself, a host name, an address. Raises FieldError."""
    try:
        return account_from(text)
    except SyncError as error:
        raise FieldError("account_identifier", str(error)) from None


def clean_name(field: str, text: str) -> str:
    """A name as it was typed, without the blanks around it. Raises FieldError."""
    name = text.strip()
    if not name:
        if field in _OPTIONAL:
            return ""
        raise FieldError(field, f"Enter the {field} as Snowflake shows it.")
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in name):
        raise FieldError(field, f"The {field} has a character in it that cannot be seen. Type it anew.")
    try:
        quote(resolve(name))
    except ValueError:
        raise FieldError(field, f"The {field} is longer than the 255 characters of a name in Snowflake.") from None
    return name


@sensitive_variables()
def clean_secret(method: str, secret: str, passphrase: str = "") -> str:
    """A secret as it is stored: a private key in PEM and without its passphrase. Raises FieldError, without it."""
    field = FIELD_OF[Method(method)]
    if len(secret) > _LONGEST_SECRET or "\0" in secret:
        raise FieldError(field, "This cannot be right: it is too long, or holds a NUL.")
    if method != Method.KEY_PAIR:
        return secret if method == Method.PASSWORD else secret.strip()
    try:
        return read_private_key(secret, passphrase)
    except SyncError as error:
        raise FieldError(field, str(error)) from None


# Where a method's secret is entered.
FIELD_OF: dict[str, str] = {
    Method.KEY_PAIR: "private_key",
    Method.ACCESS_TOKEN: "token",
    Method.OAUTH: "token",
    Method.PASSWORD: "password",
}


def check_other_destinations(configuration: SnowflakeConfiguration) -> None:
    """Raises FieldError where the user has another destination in the same schema.

    Both would give an execution's table the same name, and each finds the other's there (table_not_ours). Two
    schemas of a database, or two users in one schema, are different destinations.
    """
    place = place_of(configuration)
    others = SnowflakeConfiguration.objects.filter(user_id=configuration.user_id).exclude(pk=configuration.pk)
    for other in others.only("id", "name", "account_identifier", "database", "schema"):
        if place_of(other) == place:
            raise FieldError(
                "schema",
                f"The configuration “{other}” ({other.pk}) loads into this schema already, and the tables would have "
                "the same names. Choose another schema, or change that configuration.",
            )


def place_of(configuration: SnowflakeConfiguration) -> tuple[str | UUID, str, str]:
    """Host, database and schema, as Snowflake resolves them: what two destinations share that are the same place."""
    try:
        host: str | UUID = host_for(configuration.account_identifier)
    except SyncError:
        host = configuration.pk  # of an earlier time, and like no other
    return host, resolve(configuration.database), resolve(configuration.schema)
