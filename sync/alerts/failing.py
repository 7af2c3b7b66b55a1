"""What fails, in the groups that pages and API show: an error's code, the workflow, and the destination."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from sync.alerts.condition import Condition, Seen
from sync.alerts.kinds import Kind
from sync.reporting import ErrorGroup, ErrorGroups, counted

HELD = "new_column_held"


def failing(groups: ErrorGroups, now: datetime, seen: Seen) -> Iterator[Condition]:
    """New kinds of failure, columns that wait for a decision, and destinations at which many runs fail."""
    if groups.number > len(groups.listed):
        seen.unseen_kinds.update((Kind.NEW_FAILURE, Kind.NEW_COLUMN, Kind.FAILURES_ABOVE))
    by_destination: dict[UUID, list[ErrorGroup]] = defaultdict(list)
    for group in groups.listed:
        if group.destination and not group.mute:
            by_destination[group.destination.pk].append(group)
        yield _held(group) if group.code == HELD else _new_failure(group)
    for of_one in by_destination.values():
        failed = sum(group.last_hour for group in of_one)
        if failed >= settings.ALERT_FAILURES:
            yield _many(of_one, failed, now)


def _new_failure(group: ErrorGroup) -> Condition:
    return _of_group(
        Kind.NEW_FAILURE,
        group,
        what=f"Runs of {group.where} fail{group.for_destination}: {group.meaning.rstrip('.')}",
        over=f"What failed of {group.where}{group.for_destination} has been dealt with ({group.name})",
        why=f"{counted(group.count, 'run')} failed.",
        remedy=group.remedy,
    )


def _held(group: ErrorGroup) -> Condition:
    return _of_group(
        Kind.NEW_COLUMN,
        group,
        what=f"{group.where} has a new column{group.for_destination}, and its runs wait for a decision",
        over=f"The new column of {group.where} is decided{group.for_destination}",
        why=f"{counted(group.count, 'run is', 'runs are')} held.",
        remedy=group.remedy,
    )


def _of_group(kind: Kind, group: ErrorGroup, *, what: str, over: str, why: str, remedy: str) -> Condition:
    ids = [str(each.pk) if each else "-" for each in (group.owner, group.workflow, group.destination)]
    return Condition(
        kind,
        "/".join([*ids, group.code]),
        group.first_at,
        what,
        over,
        remedy,
        path=_errors(group),
        why=why,
        user_id=group.owner.pk if group.owner else None,
        whose=group.owner.email if group.owner else "",
        configuration_id=group.destination.pk if group.destination else None,
        workflow_id=group.workflow.pk if group.workflow else None,
        error_code=group.code,
        count=group.count,
        # What failed long ago is no news, also where nobody was told of it.
        opens=group.last_hour > 0,
        failed_at=group.last_at,
    )


def _errors(group: ErrorGroup) -> str:
    """The page of errors, with what failed so."""
    asked = {
        "error_code": group.code,
        "destination": str(group.destination.pk) if group.destination else "",
        "user": group.owner.email if group.owner else "",
    }
    return f"/errors?{urlencode({name: value for name, value in asked.items() if value})}"


def _many(groups: list[ErrorGroup], failed: int, now: datetime) -> Condition:
    worst, destination = groups[0], groups[0].destination
    assert destination is not None  # noqa: S101 - by which they were sorted
    return Condition(
        Kind.FAILURES_ABOVE,
        str(destination.pk),
        now,
        what=f"{counted(failed, 'run')} failed for {destination} in the last hour",
        over=f"Fewer than {counted(settings.ALERT_FAILURES, 'run')} an hour fail for {destination} again",
        remedy=worst.remedy,
        path=f"/errors?destination={destination.pk}",
        why=f"Most often: {worst.meaning}",
        # Runs of an earlier owner may fail there, too.
        user_id=destination.user_id,
        whose=destination.user.email,
        configuration_id=destination.pk,
        count=failed,
    )
