"""What the console's lists have in common: what they offer to choose from."""

from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow
from sync.reporting import named_destinations
from sync.web.console.query_parameters import ConsoleQuery

# At most so many destinations are offered; if there are more, only those of the chosen user are.
CHOICES = 100
# Workflows that are suggested while somebody types.
SUGGESTED = 100


def suggested_workflows(owner_id: UUID | None) -> list[str]:
    """Names of workflows that somebody may begin to type."""
    workflows = Workflow.objects.exclude(name=None)
    if owner_id is not None:
        workflows = workflows.filter(user_id=owner_id)
    return list(dict.fromkeys(workflows.order_by("name").values_list("name", flat=True)[:SUGGESTED]))


def destinations_to_choose(wanted: ConsoleQuery) -> list[SnowflakeConfiguration]:
    """The destinations of the chosen user; of all users, if there are few. The chosen one is always among them."""
    destinations = named_destinations(wanted.scope.user_id)
    found = list(destinations.order_by("user__email", "created_at", "pk")[: CHOICES + 1])
    if len(found) > CHOICES and wanted.scope.user_id is None:
        return [wanted.destination] if wanted.destination else []
    if wanted.destination and wanted.destination not in found:
        found.append(wanted.destination)
    return found
