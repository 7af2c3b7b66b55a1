"""Search among items: an execution's id or how it begins, an item's id, an e-mail address, a workflow.

Each is looked up where an index or a small table finds it, the most exact first; the first that finds something is
what was meant.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from sync.models import SyncQueueItem, Workflow
from sync.reporting import as_uuid

# Items, users and workflows that one search may mean.
ITEMS = 1_000
OTHERS = 50
# A shorter beginning of an execution's id would mean too many.
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a search means, and how it is said."""

    words: str = ""
    item_ids: tuple[UUID, ...] | None = None
    user_ids: tuple[UUID, ...] | None = None
    workflow_ids: tuple[UUID, ...] | None = None

    @property
    def nothing(self) -> bool:
        return self.item_ids is None and self.user_ids is None and self.workflow_ids is None


def search(term: str) -> Found:
    """What a person may mean by this."""
    if ids := _items(Q(execution_id=term) | Q(pk=as_uuid(term))):
        return Found(f"execution or item {term}", item_ids=ids)
    for look in [_by_user] if "@" in term else [_by_workflow, _by_beginning]:
        if found := look(term):
            return found
    return Found(
        f"Nothing is known of “{term}”: no execution or item of that id, no user with it in the e-mail address, "
        "no workflow with it in its name."
    )


def of_executions(term: str) -> Q:
    """Executions that a person may mean by this, in the same way."""
    found = search(term)
    if found.user_ids is not None:
        return Q(workflow__user__in=found.user_ids)
    if found.workflow_ids is not None:
        return Q(workflow__in=found.workflow_ids)
    begins = Q(execution_id__startswith=term) if len(term) >= SHORTEST else Q(execution_id=term)
    return begins | Q(pk=as_uuid(term))


def _by_user(term: str) -> Found | None:
    users = tuple(User.objects.filter(email__icontains=term).values_list("pk", flat=True)[: OTHERS + 1])
    said = f"users with “{term}” in their e-mail address"
    return _too_many(users, OTHERS, said) or (Found(said, user_ids=users) if users else None)


def _by_workflow(term: str) -> Found | None:
    named = Workflow.objects.filter(Q(workflow_id=term) | Q(name__icontains=term))
    workflows = tuple(named.values_list("pk", flat=True)[: OTHERS + 1])
    said = f"workflows with “{term}” in their name"
    return _too_many(workflows, OTHERS, said) or (Found(said, workflow_ids=workflows) if workflows else None)


def _by_beginning(term: str) -> Found | None:
    ids = _items(Q(execution__execution_id__startswith=term)) if len(term) >= SHORTEST else ()
    said = f"executions that begin with “{term}”"
    return _too_many(ids, ITEMS, f"items of {said}") or (Found(said, item_ids=ids) if ids else None)


def _too_many(ids: tuple[UUID, ...], most: int, said: str) -> Found | None:
    return Found(f"More than {most:,} {said}: write more of it.") if len(ids) > most else None


def _items(which: Q) -> tuple[UUID, ...]:
    return tuple(SyncQueueItem.objects.filter(which).values_list("pk", flat=True)[: ITEMS + 1])
