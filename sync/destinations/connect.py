"""From a stored Snowflake configuration to a destination that can be connected to."""

from uuid import UUID

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from accounts.models import SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from sync.errors import failure
from sync.snowflake.session import AccessToken, Credentials, Destination, KeyPair, OAuthToken, Password

Method = SnowflakeConfiguration.AuthMethod


def destination_of(configuration_id: UUID) -> tuple[SnowflakeConfiguration, Destination]:
    """The configuration as it stands now, and what connects to it.

    Raises secret_unreadable and configuration_invalid.
    """
    configuration = SnowflakeConfiguration.objects.get(pk=configuration_id)
    return configuration, as_destination(configuration, credentials_of(configuration))


def as_destination(configuration: SnowflakeConfiguration, credentials: Credentials) -> Destination:
    """What connects to a configuration with these credentials."""
    return Destination(
        account=configuration.account_identifier,
        database=configuration.database,
        schema=configuration.schema,
        warehouse=configuration.warehouse,
        role=configuration.role or "",
        credentials=credentials,
        identifier_case="preserve" if configuration.identifier_case == "preserve" else "upper",
        endpoint=settings.SNOWFLAKE_ENDPOINT,
    )


@sensitive_variables()
def credentials_of(configuration: SnowflakeConfiguration) -> Credentials:
    """What the configuration logs in with. Raises secret_unreadable and configuration_invalid."""
    method = configuration.method_in_use()
    if method is None:
        raise failure("configuration_invalid", f"The Snowflake configuration {configuration} has no secret")
    try:
        secret = configuration.open_secret(method)
    except SecretUnreadableError:
        raise failure(
            "secret_unreadable", f"The secret of the Snowflake configuration {configuration} cannot be opened"
        ) from None
    match method:
        case Method.KEY_PAIR:
            return KeyPair.read(configuration.username, secret)
        case Method.ACCESS_TOKEN:
            return AccessToken(secret, configuration.username)
        case Method.OAUTH:
            return OAuthToken(secret, configuration.username)
        case _:
            return Password(configuration.username, secret)
