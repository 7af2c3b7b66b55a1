"""For how long Snowflake can bring back what a table held."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keeping:
    """What kind of table is made, for good, and the days of its Time Travel; None: as its schema says.

    docs.snowflake.com/en/user-guide/tables-temp-transient: a transient table has no Fail-safe, and a day at most.
    """

    is_transient: bool = False
    days: int | None = None

    @property
    def kind(self) -> str:
        """What stands before TABLE."""
        return "TRANSIENT TABLE" if self.is_transient else "TABLE"

    @property
    def retention(self) -> str:
        """What stands behind the columns."""
        return "" if self.days is None else f" DATA_RETENTION_TIME_IN_DAYS = {self.days:d}"


# As Snowflake makes tables by itself.
PERMANENT = Keeping()
