"""The scripts that set a destination up in Snowflake and undo it."""

from dataclasses import dataclass

from accounts.models import SnowflakeConfiguration
from accounts.secrets import SecretUnreadableError
from sync.errors import failure
from sync.snowflake.session import public_key_of
from sync.snowflake.setup import Setup, setup_script, undo_script

Method = SnowflakeConfiguration.AuthMethod

# Where the configuration names no role, the user's default role is in use: the script makes it this one.
ROLE = "UNIVERSAL_SNOWFLAKE_SYNC"


@dataclass(frozen=True, slots=True)
class Scripts:
    """Text to paste."""

    setup: str
    undo: str


def scripts_of(configuration: SnowflakeConfiguration) -> Scripts:
    """Raises configuration_invalid where the names allow no script, and secret_unreadable."""
    setup = _setup_of(configuration)
    return Scripts(setup_script(setup), undo_script(setup))


def public_key_in_use(configuration: SnowflakeConfiguration) -> str:
    """The public half of the key that the configuration logs in with; empty where it uses none.

    Raises secret_unreadable and configuration_invalid.
    """
    if configuration.method_in_use() != Method.KEY_PAIR:
        return ""
    try:
        return public_key_of(configuration.open_secret(Method.KEY_PAIR))
    except SecretUnreadableError:
        raise failure("secret_unreadable", f"The private key of {configuration} cannot be opened") from None


def _setup_of(configuration: SnowflakeConfiguration) -> Setup:
    method = configuration.method_in_use() or configuration.auth_method
    return Setup(
        user=configuration.username,
        role=configuration.role or ROLE,
        warehouse=configuration.warehouse,
        database=configuration.database,
        schema=configuration.schema,
        public_key=public_key_in_use(configuration),
        key_slot=configuration.private_key_slot,
        access_token=method == Method.ACCESS_TOKEN,
    )
