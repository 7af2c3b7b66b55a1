"""What goes wrong in the live demo, so that there is something to see: a destination that refuses, and retries."""

from accounts.models import SnowflakeConfiguration
from sandbox.demo.people import People, add_destination
from sandbox.snowflake.client import LocalSnowflake
from sandbox.snowflake.faults import Fault

# The log-in that is refused, and what would be let in.
REFUSED, WANTED = "SYNC_ADA_OLD", "the-new-password"
# The share of requests that meet a fault, if it fits them.
SHARE = 0.08
_CANCELLED = Fault("^COPY INTO", "error", code="000604", sqlstate="57014", message="SQL execution canceled")


def make_trouble(snowflake: LocalSnowflake, people: People) -> None:
    """One of Ada's destinations has a password of yesterday, and now and then Snowflake cancels a load."""
    snowflake.require_password(REFUSED, WANTED)
    ada = people.users[0]
    method = SnowflakeConfiguration.AuthMethod.PASSWORD
    add_destination(ada, "Ada's old account", "ADA_ARCHIVE", method, "the-old-password", username=REFUSED)
    snowflake.disturb(SHARE, 7, [(1.0, _CANCELLED)])
