"""What a change by hand is done to, in the log of who changed what: one run, or all of a destination, a workflow, …"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from accounts.models import SnowflakeConfiguration, User
from sync.activity import Counted, Kind
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.queue import BackfillFilter, ItemFilter

# Kind, id and name of what it is, and its owner.
Subject = tuple[str, object, object, UUID | None]
# Of more ids than so many, nobody looks up whose they are.
_FEW = 1_000


def counted(action: str, what: ItemFilter | BackfillFilter, note: str = "") -> Counted:
    """An entry for what is done to all that is meant; of one owner, it is theirs to see."""
    told = ", ".join(filter(None, [_narrowed(what), note]))
    kind, id_, name, owner = _subject(what)
    if what.user_ids and len(what.user_ids) == 1:
        owner = what.user_ids[0]
    return Counted(action, kind, id_, name, owner_id=owner, note=told)


def counted_of_destination(action: str, configuration_id: UUID, note: str = "") -> Counted:
    """An entry for what is done to executions of a destination. Raises SnowflakeConfiguration.DoesNotExist."""
    configuration = SnowflakeConfiguration.objects.select_related(None).get(pk=configuration_id)
    return Counted(action, Kind.DESTINATION, configuration_id, configuration, owner_id=configuration.user_id, note=note)


def _subject(what: ItemFilter | BackfillFilter) -> Subject:
    if isinstance(what, ItemFilter) and what.item_ids is not None:
        return _items(what)
    executions = what.execution_ids
    if executions is not None and len(executions) == 1:
        return _executions(executions)
    destinations = what.configuration_ids if isinstance(what, ItemFilter) else None
    named: Mapping[str, Any] = {
        Kind.DESTINATION: (destinations, SnowflakeConfiguration.objects.select_related(None), "user_id"),
        Kind.WORKFLOW: (what.workflow_ids, Workflow.objects, "user_id"),
        Kind.USER: (what.user_ids, User.objects, "pk"),
    }
    for kind, (ids, rows, owner) in named.items():
        if ids and len(ids) == 1 and (row := rows.filter(pk=ids[0]).first()):
            return kind, row.pk, row, getattr(row, owner)
    return _executions(executions) if executions is not None else (Kind.RUNS, "", "", None)


def _items(what: ItemFilter) -> Subject:
    ids = what.item_ids or ()
    rows = SyncQueueItem.objects.filter(pk__in=ids[:_FEW])
    if len(ids) != 1:
        owners = rows.values_list("user_id", flat=True).distinct()[:2]
        return Kind.RUNS, "", "", _one_owner(owners) if len(ids) <= _FEW else None
    named = rows.values_list("execution_id", "execution__workflow__name", "user_id", "execution__workflow__user_id")
    execution_id, workflow, owner, workflow_owner = named.first() or ("", "", None, None)
    return Kind.RUN, execution_id, workflow or "", owner or workflow_owner


def _executions(ids: tuple[str, ...]) -> Subject:
    rows = WorkflowExecution.objects.filter(execution_id__in=ids[:_FEW])
    owners = rows.values_list("workflow__user_id", flat=True).order_by().distinct()[:2]
    if len(ids) != 1:
        return Kind.RUNS, "", "", _one_owner(owners) if len(ids) <= _FEW else None
    names = rows.values_list("workflow__name", flat=True)
    return Kind.RUN, ids[0], names.first() or "", _one_owner(owners)


def _one_owner(found: Iterable[UUID | None]) -> UUID | None:
    owners = list(found)
    return owners[0] if len(owners) == 1 else None


def _narrowed(what: ItemFilter | BackfillFilter) -> str:
    """What else was asked for, in words."""
    codes = what.error_codes if isinstance(what, ItemFilter) else None
    parts = [", ".join(codes or ()).replace("_", " ")]
    parts += [
        f"{word} {moment:%Y-%m-%d %H:%M} UTC"
        for word, moment in (("since", what.since), ("before", what.until))
        if moment
    ]
    return ", ".join(filter(None, parts))
