"""How the catalogue of a destination stands, and the views beside it: what is there, and what is in the way."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import SnowflakeConfiguration
from sync.models import SyncCatalogue
from sync.postgres import fetch
from sync.snowflake.identifiers import readable, resolve

# Changes that are counted; where there are more, it says so many.
MOST = 10_000
_COUNTED = """
SELECT
    (
        SELECT count(*) FROM (
            SELECT FROM snowflake_sync_catalogue_changes WHERE configuration_id = %(configuration)s LIMIT %(most)s
        ) AS counted
    ),
    (
        SELECT count(*) FROM snowflake_sync_views
        WHERE configuration_id = %(configuration)s AND coalesce(latest_hash, all_hash) IS NOT NULL
    ),
    coalesce(trouble.error_message, ''), coalesce(trouble.error_remedy, '')
FROM (SELECT) AS here
LEFT JOIN (
    SELECT error_message, error_remedy FROM snowflake_sync_views
    WHERE configuration_id = %(configuration)s AND error_code IS NOT NULL
    ORDER BY error_at DESC
    LIMIT 1
) AS trouble ON true
"""


@dataclass(frozen=True, slots=True)
class CatalogueStanding:
    """As of now; empty texts: there is none of it.

    `place` is where it is to be, and `left` where an earlier one was left. `waiting`: changes that it does not say yet,
    counted up to MOST. `is_whole`: every execution has its row. `error`: what the last try met, with its remedy, and
    when the next one is, at the earliest. `workflows`: those that have views; `trouble`, `cure`: what kept a view from
    being made last, as long as it does.
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
    workflows: int
    trouble: str
    cure: str

    @property
    def query(self) -> str:
        """What somebody may ask it first."""
        return f"SELECT * FROM {self.place} ORDER BY COMPUTED_AT DESC LIMIT 100;" if self.place else ""


def catalogue_of(configuration: SnowflakeConfiguration) -> CatalogueStanding:
    """Of this destination; without a catalogue, nothing but where an earlier one was left."""
    stored = SyncCatalogue.objects.filter(pk=configuration.pk).first() or SyncCatalogue(configuration=configuration)
    is_on = bool(configuration.catalogue_name)
    waiting, workflows, trouble, cure = fetch(_COUNTED, {"configuration": configuration.pk, "most": MOST})[0]
    return CatalogueStanding(
        place=_place(configuration) if is_on else "",
        published_at=stored.published_at if is_on else None,
        waiting=waiting if is_on else 0,
        is_whole=is_on and stored.filled_at is not None,
        left=stored.left_name,
        error_code=stored.error_code or "",
        error=stored.error_message or "",
        remedy=stored.error_remedy or "",
        next_at=stored.next_at if stored.error_code else None,
        workflows=workflows,
        trouble=trouble,
        cure=cure,
    )


def _place(configuration: SnowflakeConfiguration) -> str:
    names = (configuration.database, configuration.schema, configuration.catalogue_name)
    try:
        return readable(*map(resolve, names))
    except ValueError:  # what cannot be a name is said by the try to write there
        return ".".join(names)
