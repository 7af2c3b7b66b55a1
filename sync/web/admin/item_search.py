"""Search among items: an execution's id or how it begins, an item's id, an e-mail address, a workflow.

Each is looked up where an index or a small table finds it, the most exact first; the first that finds something is
what was meant.
"""

from collections.abc import Iterable
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
    if "@" in term:
        return _by_user(term) or _nothing(term)
    return _by_workflow(term) or _by_beginning(term) or _nothing(term)


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
    users = _ids(User.objects.filter(email__icontains=term).values_list("pk", flat=True)[: OTHERS + 1])
    if len(users) > OTHERS:
        return Found(f"More than {OTHERS} users have “{term}” in their e-mail address. Write more of it.")
    return Found(f"users with “{term}” in their e-mail address", user_ids=users) if users else None


def _by_workflow(term: str) -> Found | None:
    named = Workflow.objects.filter(Q(workflow_id=term) | Q(name__icontains=term)).values_list("pk", flat=True)
    workflows = _ids(named[: OTHERS + 1])
    if len(workflows) > OTHERS:
        return Found(f"More than {OTHERS} workflows have “{term}” in their name. Write more of it.")
    return Found(f"workflows with “{term}” in their name", workflow_ids=workflows) if workflows else None


def _by_beginning(term: str) -> Found | None:
    ids = _items(Q(execution__execution_id__startswith=term)) if len(term) >= SHORTEST else ()
    if len(ids) > ITEMS:
        return Found(f"More than {ITEMS:,} items are of executions that begin with “{term}”. Write more of it.")
    return Found(f"executions that begin with “{term}”", item_ids=ids) if ids else None


def _items(which: Q) -> tuple[UUID, ...]:
    return _ids(SyncQueueItem.objects.filter(which).values_list("pk", flat=True)[: ITEMS + 1])


def _ids(found: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(found)


def _nothing(term: str) -> Found:
    return Found(
        f"Nothing is known of “{term}”: no execution or item of that id, no user with it in the e-mail address, "
        "no workflow with it in its name."
    )
