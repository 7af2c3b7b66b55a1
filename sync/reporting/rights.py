"""What somebody may see and do: the same in pages, admin and API.

A user sees their own. Staff see everyone's with the permission to view it; without it they see their own. What staff do
needs a permission each.

What each of the rights to look shows: VIEW single runs, wherever they are listed, with their ids, attempts and errors,
and what is counted of them. VIEW_DESTINATIONS destinations, how they stand and their rules; with these the names of
their owners' workflows, which rules are about, and numbers of runs; no single run. VIEW_RESULTS a run's values.
"""

from uuid import UUID

from accounts.models import User
from sync.models import WorkflowExecution

VIEW = "sync.view_syncqueueitem"
VIEW_DESTINATIONS = "accounts.view_snowflakeconfiguration"
VIEW_ACTIVITY = "sync.view_syncactivity"
VIEW_USERS = "accounts.view_user"
VIEW_RESULTS = "sync.view_workflowexecution"
RETRY = "sync.retry_syncqueueitem"
BACKFILL = "sync.backfill_workflowexecution"
CHANGE_DESTINATIONS = "accounts.change_snowflakeconfiguration"
ADD_DESTINATIONS = "accounts.add_snowflakeconfiguration"
DELETE_DESTINATIONS = "accounts.delete_snowflakeconfiguration"
MUTE = "sync.mute_errors"


def scope_of(user: User, view: str = VIEW) -> UUID | None:
    """The owner whose things are seen; None: everyone's."""
    return None if user.is_staff and user.has_perm(view) else user.pk


def may_see_runs(user: User, owner_id: UUID | None) -> bool:
    """Whether the user may see single runs of this owner."""
    return scope_of(user) in (None, owner_id)


def may_see_results(user: User, execution: WorkflowExecution) -> bool:
    """Whether the user may see the execution's result values: its owner may, and staff with the permission."""
    owner = execution.workflow.user_id if execution.workflow else None
    return scope_of(user, VIEW_RESULTS) in (None, owner)


def may(user: User, permission: str) -> bool:
    """Whether the user may do this to what they see. Whoever is not staff may; staff need `permission`."""
    return not user.is_staff or user.has_perm(permission)
