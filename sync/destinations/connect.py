"""From a stored configuration to a destination that can be connected to, and to the scripts that set it up."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.views.decorators.debug import sensitive_variables

from accounts.models import ENCRYPTED, SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from sync.errors import failure
from sync.postgres import read_sql
from sync.rules import version_now
from sync.snowflake.keeping import Keeping
from sync.snowflake.session import (
    AccessToken,
    Credentials,
    Destination,
    KeyPair,
    OAuthToken,
    Password,
    Stored,
    public_key_of,
)
from sync.snowflake.setup import Setup, setup_script, undo_script

Method = SnowflakeConfiguration.AuthMethod

(_HIDDEN,) = read_sql(__file__, "hidden")

# If the configuration names no role, the user's default role is in use: the script makes it this one.
ROLE = "UNIVERSAL_SNOWFLAKE_SYNC"


class Found(NamedTuple):
    """A destination as it stands at one moment: how it is configured, what connects to it, and its rules' version.

    `rules_made_at`: None where there were never any.
    """

    configuration: SnowflakeConfiguration
    destination: Destination
    rules_version: int
    rules_made_at: datetime | None


def destination_of(configuration_id: UUID) -> Found:
    """The destination as it stands now, in one statement. Its credentials are read by a log-in.

    Raises `rows_hidden` where it cannot be known which rules there are.
    """
    version, made_at = version_now("pk")
    hidden = RawSQL(_HIDDEN, (), output_field=TextField())  # noqa: S611 - nothing of it comes from outside
    found = SnowflakeConfiguration.objects.annotate(rules_version=version, rules_made_at=made_at, hidden=hidden)
    configuration = found.get(pk=configuration_id)
    if configuration.hidden:
        raise failure("rows_hidden", f"This database role may not see all rows of {configuration.hidden}")
    # A secret opens in its own row and for its owner only: so do the sessions that it has opened.
    bound = str(configuration.pk), str(configuration.user_id)
    kept = tuple(getattr(configuration, column) for column in ("auth_method", *ENCRYPTED))
    stored = Stored(configuration.username, bound + kept, partial(credentials_of, configuration))
    destination = as_destination(configuration, stored)
    return Found(configuration, destination, configuration.rules_version or 0, configuration.rules_made_at)


def as_destination(configuration: SnowflakeConfiguration, credentials: Credentials) -> Destination:
    """The destination that connects to a configuration with these credentials."""
    return Destination(
        account=configuration.account_identifier,
        database=configuration.database,
        schema=configuration.schema,
        warehouse=configuration.warehouse,
        role=configuration.role or "",
        credentials=credentials,
        identifier_case="preserve" if configuration.identifier_case == "preserve" else "upper",
        endpoint=settings.SNOWFLAKE_ENDPOINT,
        keeping=Keeping(configuration.is_transient, configuration.time_travel_days),
    )


@sensitive_variables()
def credentials_of(configuration: SnowflakeConfiguration) -> Credentials:
    """The credentials that the configuration logs in with. Raises secret_unreadable and configuration_invalid."""
    method = configuration.method_in_use()
    if method is None:
        raise failure("configuration_invalid", f"The destination {configuration} has no secret")
    secret = opened(partial(configuration.open_secret, method), f"The secret of the destination {configuration}")
    match method:
        case Method.KEY_PAIR:
            return KeyPair.read(configuration.username, secret)
        case Method.ACCESS_TOKEN:
            return AccessToken(secret, configuration.username)
        case Method.OAUTH:
            return OAuthToken(secret, configuration.username)
        case _:
            return Password(configuration.username, secret)


def public_key_in_use(configuration: SnowflakeConfiguration) -> str:
    """The public half of the key that the configuration logs in with; empty if it uses no key.

    Raises secret_unreadable and configuration_invalid.
    """
    if configuration.method_in_use() != Method.KEY_PAIR:
        return ""
    return public_key_of(
        opened(partial(configuration.open_secret, Method.KEY_PAIR), f"The private key of {configuration}")
    )


def opened(secret: Callable[[], str], what: str) -> str:
    """Calls `secret`, which decrypts. Raises secret_unreadable, which names `what` could not be decrypted."""
    try:
        return secret()
    except SecretUnreadableError:
        raise failure("secret_unreadable", f"{what} cannot be opened") from None


def scripts_of(configuration: SnowflakeConfiguration) -> dict[str, str]:
    """The scripts that set the destination up in Snowflake (`setup`) and undo that (`undo`), to paste.

    Raises configuration_invalid if the names allow no script, and secret_unreadable.
    """
    method = configuration.method_in_use() or configuration.auth_method
    setup = Setup(
        user=configuration.username,
        role=configuration.role or ROLE,
        warehouse=configuration.warehouse,
        database=configuration.database,
        schema=configuration.schema,
        public_key=public_key_in_use(configuration),
        key_slot=configuration.private_key_slot,
        access_token=method == Method.ACCESS_TOKEN,
    )
    return {"setup": setup_script(setup), "undo": undo_script(setup)}
