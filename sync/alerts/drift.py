"""What is otherwise in Snowflake than it was loaded: one alert a destination, for as long as there is a finding."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Min

from accounts.models import SnowflakeConfiguration
from sync.alerts.condition import Condition, Seen
from sync.alerts.kinds import Kind
from sync.reporting import TABLES, open_findings, otherwise

# Destinations that are told of; of more of them as the first are mended.
MOST = 500


def drift(_now: datetime, _seen: Seen) -> Iterator[Condition]:
    """Of active destinations, those with open findings."""
    by_destination = (
        open_findings()
        .values("configuration_id")
        .annotate(tables=TABLES, since=Min("first_seen_at"), more=Max("configuration__reconciliation__unlisted"))
        .order_by("since", "configuration_id")[:MOST]
    )
    found = {one["configuration_id"]: one for one in by_destination}
    for destination in SnowflakeConfiguration.objects.select_related("user").filter(pk__in=found):
        one, pk = found[destination.pk], destination.pk
        unlisted = one["more"] or 0
        yield Condition(
            Kind.DRIFT,
            str(pk),
            one["since"],
            f"At {destination} {otherwise(one['tables'], unlisted)} than loaded",
            f"What is at {destination} is as it was loaded, or was adopted",
            "Look at what is there, on the destination's page: each finding is loaded again or adopted.",
            path=f"/destinations/{pk}/contents",
            user_id=destination.user_id,
            whose=destination.user.email,
            configuration_id=pk,
            count=one["tables"] + unlisted,
        )
