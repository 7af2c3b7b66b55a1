"""By which version of its destination's rules something was loaded, and whether they would make the same of it now."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sync.errors import SyncError
from sync.models import SyncAttempt, SyncQueueItem, Workflow
from sync.operations import ByEarlier, rules_of
from sync.queue import columns_of_items, excluded_now


@dataclass(frozen=True, slots=True)
class GoneBy:
    """`version`: 0 is before there were any rules. `latest`: of those in force; `is_outdated`: they make something
    else of it. `excluded`, `is_excluded`: whether the one and the other exclude it.
    """

    configuration_id: UUID
    version: int
    latest: int
    is_outdated: bool
    excluded: bool
    is_excluded: bool


def gone_by(item: SyncQueueItem, attempts: Iterable[SyncAttempt] = ()) -> dict[int, GoneBy]:
    """By the versions that an item, where it was loaded, and attempts at its destination name.

    Nothing where there were never any rules, or where those in force cannot be read.
    """
    configuration_id = item.configuration_id
    versions = {attempt.rules_version for attempt in attempts if attempt.configuration_id == configuration_id}
    if item.table_name is not None:
        versions.add(item.rules_version or 0)
    try:
        rules = rules_of(configuration_id) if configuration_id and versions else None
    except SyncError:
        return {}
    if not (configuration_id and rules and rules.version):
        return {}
    # Not by the item's execution, whose results would come with it.
    workflows = Workflow.objects.filter(workflowexecution__execution_id=item.execution_id)
    workflow_id = workflows.values_list("workflow_id", flat=True).first()
    if workflow_id is None:
        return {}
    by_earlier = ByEarlier(configuration_id, rules)
    known = {version for version in versions if version is not None}
    asking = any(by_earlier.asks(workflow_id, version) for version in known)
    columns = columns_of_items([item.pk]).get(item.pk) if asking else None
    # One statement for each version; a page shows few attempts, and most went by the same.
    excluded = {
        version: bool(excluded_now(configuration_id, version, [item.execution_id]))
        for version in {*known, rules.version}
    }
    return {
        version: GoneBy(
            configuration_id,
            version,
            rules.version,
            by_earlier(workflow_id, version, columns),
            excluded[version],
            excluded[rules.version],
        )
        for version in known
    }
