"""What the console's lists have in common: what they offer to choose from, and how often they are looked at anew."""

from accounts.models import SnowflakeConfiguration
from sync.reporting import named_destinations
from sync.web.console.query_parameters import ConsoleQuery

# Seconds between two looks of a page that is live.
LIVE_EVERY = 5
# At most so many destinations are offered; if there are more, only those of the chosen user are.
CHOICES = 100


def destinations_to_choose(wanted: ConsoleQuery) -> list[SnowflakeConfiguration]:
    """The destinations of the chosen user; of all users, if there are few. The chosen one is always among them."""
    destinations = named_destinations(wanted.scope.user_id)
    found = list(destinations.order_by("user__email", "created_at", "pk")[: CHOICES + 1])
    if len(found) > CHOICES and wanted.scope.user_id is None:
        return [wanted.destination] if wanted.destination else []
    if wanted.destination and wanted.destination not in found:
        found.append(wanted.destination)
    return found
