"""What the pages about destinations say: all of them, a page at a time, and one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt
from sync.postgres import fetch, read_sql
from sync.reporting import history
from sync.reporting.counts import Scope
from sync.reporting.destinations import Destinations, DestinationStatus, destinations
from sync.reporting.overview import ADDED_AT_ONCE, FRESH

# Attempts of all destinations among which those of one are looked for.
LOOKED_AT = 20_000

(_ATTEMPTS, _LAST) = read_sql(__file__, "attempts", "last")


@dataclass(frozen=True, slots=True)
class Seen:
    """Destinations, as of `now`; their items were counted at `counted_at`."""

    now: datetime
    counted_at: datetime
    found: Destinations


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """The attempts, the latest first; `before`: where to go on, None at the end. `last_at`: of the latest of all."""

    attempts: tuple[SyncAttempt, ...]
    before: int | None
    last_at: datetime | None


def list_destinations(scope: Scope, *, asked: str = "", start: int = 0, most: int = 30) -> Seen:
    """As `destinations` chooses and orders them."""
    history.add_up(older=FRESH, size=ADDED_AT_ONCE)
    counts, now = scope.counted(watch=True), history.clock().now
    return Seen(now, counts.as_of, destinations(scope, counts, now, asked=asked, start=start, most=most))


def destination_status(configuration: SnowflakeConfiguration) -> DestinationStatus:
    """How this one is doing."""
    scope = Scope(configuration.user_id, configuration.pk)
    return list_destinations(scope).found.listed[0]


def attempts_at(configuration_id: UUID, *, before: int | None = None, most: int = 25) -> AttemptPage:
    """A page of the attempts at a destination; it may have fewer than `most`, and none, and still not be the last."""
    last_at: datetime | None = fetch(_LAST, {"configuration_id": configuration_id})[0][0]
    top = SyncAttempt.objects.aggregate(last=Max("pk"))["last"] or 0
    start = top + 1 if before is None else before
    ids = _ids(configuration_id, start, most)
    if not ids and before is None and last_at is not None:
        # Nothing of late: it is looked for from its last one on.
        start = _first_after(last_at, top) + 1
        ids = _ids(configuration_id, start, most)
    found = SyncAttempt.objects.select_related("item").in_bulk(ids)
    lowest = ids[-1] if len(ids) == most else max(1, start - LOOKED_AT)
    goes_on = lowest > 1 and SyncAttempt.objects.filter(pk__lt=lowest).exists()
    return AttemptPage(tuple(found[id_] for id_ in ids if id_ in found), lowest if goes_on else None, last_at)


def _ids(configuration_id: UUID, start: int, most: int) -> list[int]:
    params = {"configuration_id": configuration_id, "start": start, "looked_at": LOOKED_AT, "most": most}
    return [id_ for (id_,) in fetch(_ATTEMPTS, params)]


def _first_after(moment: datetime, top: int) -> int:
    """About the id of the first attempt after this moment: they come in the order in which they end, nearly."""
    low, high = 0, top
    while low < high:
        middle = (low + high) // 2
        at = SyncAttempt.objects.filter(pk__gte=middle).order_by("pk").values_list("finished_at", flat=True).first()
        if at is None or at > moment:
            high = middle
        else:
            low = middle + 1
    # One that ended before may have been written a little later.
    return min(top, high + LOOKED_AT // 10)
