"""How the catalogue of a destination stands: where it is, when it was written, what it does not say yet."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import SnowflakeConfiguration
from sync.models import SyncCatalogue
from sync.postgres import fetch
from sync.snowflake.identifiers import readable, resolve

# Changes that are counted; where there are more, it says so many.
MOST = 10_000
_WAITING = """
SELECT count(*) FROM (
    SELECT FROM snowflake_sync_catalogue_changes WHERE configuration_id = %s LIMIT %s
) AS counted
"""


@dataclass(frozen=True, slots=True)
class CatalogueStanding:
    """As of now; empty texts: there is none of it.

    `place` is where it is to be, and `left` where an earlier one was left. `waiting`: changes that it does not say yet,
    counted up to MOST. `is_whole`: every execution has its row. `error`: what the last try met, with its remedy, and
    when the next one is, at the earliest.
    """

    place: str
    published_at: datetime | None
    waiting: int
    is_whole: bool
    left: str
    error_code: str
    error: str
    remedy: str
    next_at: datetime | None

    @property
    def query(self) -> str:
        """What somebody may ask it first."""
        return f"SELECT * FROM {self.place} ORDER BY COMPUTED_AT DESC LIMIT 100;" if self.place else ""


def catalogue_of(configuration: SnowflakeConfiguration) -> CatalogueStanding:
    """Of this destination; without a catalogue, nothing but where an earlier one was left."""
    stored = SyncCatalogue.objects.filter(pk=configuration.pk).first() or SyncCatalogue(configuration=configuration)
    is_on = bool(configuration.catalogue_name)
    return CatalogueStanding(
        place=_place(configuration) if is_on else "",
        published_at=stored.published_at if is_on else None,
        waiting=fetch(_WAITING, [configuration.pk, MOST])[0][0] if is_on else 0,
        is_whole=is_on and stored.filled_at is not None,
        left=stored.left_name,
        error_code=stored.error_code or "",
        error=stored.error_message or "",
        remedy=stored.error_remedy or "",
        next_at=stored.next_at if stored.error_code else None,
    )


def _place(configuration: SnowflakeConfiguration) -> str:
    names = (configuration.database, configuration.schema, configuration.catalogue_name)
    try:
        return readable(*map(resolve, names))
    except ValueError:  # what cannot be a name is said by the try to write there
        return ".".join(names)
