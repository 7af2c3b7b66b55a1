"""What may stand in a configuration besides what its model says. Each refusal names the field."""

import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from accounts.models import SnowflakeConfiguration
from sync.errors import SyncError
from sync.snowflake.identifiers import quote, resolve
from sync.snowflake.session import account_from, address_for, read_private_key

Method = SnowflakeConfiguration.AuthMethod

NAMES = frozenset({"warehouse", "database", "schema", "role", "username", "catalogue_name"})
# What an empty name is stored as, where it may be empty.
_EMPTY = {"role": None, "catalogue_name": ""}
LONGEST_SECRET = 20_000
# The field in which a method's secret is entered.
FIELD_OF: dict[str, str] = {
    Method.KEY_PAIR: "private_key",
    Method.ACCESS_TOKEN: "token",
    Method.OAUTH: "token",
    Method.PASSWORD: "password",
}


class FieldError(Exception):
    """Names the field, and says what is wrong with it and what to do."""

    def __init__(self, field: str, message: str) -> None:
        self.field, self.message = field, message
        super().__init__(f"{field}: {message}")


def clean(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are stored: names without blanks around them, and the account identifier out of an address.

    Raises FieldError.
    """
    names = {name: _clean_name(name, str(fields[name] or "")) for name in fields.keys() & NAMES}
    if "account_identifier" not in fields:
        return {**fields, **names}
    try:
        return {**fields, **names, "account_identifier": account_from(fields["account_identifier"])}
    except SyncError as error:
        raise FieldError("account_identifier", str(error)) from None


def _clean_name(field: str, text: str) -> str | None:
    name = text.strip()
    if not name and field in _EMPTY:
        return _EMPTY[field]
    if not name:
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
    """A secret as it is stored: a private key in PEM and without its passphrase.

    Raises FieldError, whose message does not hold the secret.
    """
    field = FIELD_OF.get(method)
    if field is None:
        raise FieldError("auth_method", "Say which kind of secret it is.")
    if len(secret) > LONGEST_SECRET or "\0" in secret:
        raise FieldError(field, "This cannot be right: it is too long, or holds a NUL.")
    if method != Method.KEY_PAIR:
        return secret if method == Method.PASSWORD else secret.strip()
    try:
        return read_private_key(secret, passphrase)
    except SyncError as error:
        raise FieldError(field, str(error)) from None


def check_keeping(configuration: SnowflakeConfiguration) -> None:
    """Raises FieldError for more Time Travel than a transient table can have."""
    if configuration.is_transient and (configuration.time_travel_days or 0) > 1:
        raise FieldError(
            "time_travel_days", "Transient tables have 0 or 1 day of Time Travel. Enter that, or make permanent ones."
        )


def check_other_destinations(configuration: SnowflakeConfiguration) -> None:
    """Raises FieldError if the user has another destination in the same schema.

    Both would give an execution's table the same name, and each would fail with table_not_ours at the other's table.
    Two schemas of a database, or two users in one schema, are different destinations.
    """
    place = place_of(configuration)
    others = SnowflakeConfiguration.objects.filter(user_id=configuration.user_id).exclude(pk=configuration.pk)
    for other in others.select_related(None).only("id", "name", "account_identifier", "database", "schema"):
        if place_of(other) == place:
            raise FieldError(
                "schema",
                f"The configuration “{other}” ({other.pk}) loads into this schema already, and the tables would have "
                "the same names. Choose another schema, or change that configuration.",
            )


def place_of(configuration: SnowflakeConfiguration) -> tuple[str | UUID, str, str]:
    """Host, database and schema, as Snowflake resolves them: two destinations that share these are the same place."""
    try:
        host: str | UUID = address_for(configuration.account_identifier).host
    except SyncError:
        host = configuration.pk  # stored before identifiers were checked: it is the same place as no other
    return host, resolve(configuration.database), resolve(configuration.schema)
