"""What becomes of the runs of workflows that would no longer go to a destination: said before it is saved."""

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Count

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, Workflow
from sync.operations import Choices, RuleFinding
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import ItemFilter
from sync.reporting import counted
from sync.web.console.confirmation import LOOKING
from sync.web.console.rule_drafts import Document

Status = SyncQueueItem.Status


def left_out(
    about: SnowflakeConfiguration, before: Sequence[Document], after: Sequence[Document], workflow_ids: Iterable[str]
) -> list[RuleFinding]:
    """Of those of these workflows that rules leave out `after`, and did not `before`."""
    off = [
        id_
        for id_ in workflow_ids
        if Choices(after, id_).synced.state == "off" and Choices(before, id_).synced.state != "off"
    ]
    workflows = list(Workflow.objects.filter(user=about.user_id).known_as(*off)) if off else []
    if not workflows:
        return []
    said = [
        f"{', '.join(map(str, workflows))}: what completes from now on does not go there",
        *_counted(about, workflows),
        "Switched on again here, it goes there as before, and what was left out meanwhile can be brought back",
    ]
    return [RuleFinding("", "warning", ". ".join(said) + ".")]


def _counted(about: SnowflakeConfiguration, workflows: Sequence[Workflow]) -> Iterator[str]:
    """What becomes of what is there; without numbers, if it is too much to be counted now."""
    meant = ItemFilter(configuration_ids=(about.pk,), workflow_ids=tuple(each.pk for each in workflows))
    try:
        with bounded_reading(LOOKING):
            found = dict(meant.items.order_by().values_list("status").annotate(Count("pk")))
    except TooSlowError:
        yield "Runs that wait are left out, too; those in Snowflake stay there"
        return
    if waiting := found.get(Status.PENDING):
        yield f"{counted(waiting, 'run that waits is', 'runs that wait are')} left out, too"
    if loaded := found.get(Status.COMPLETED):
        yield f"{counted(loaded, 'run is in Snowflake and stays', 'runs are in Snowflake and stay')} there"
