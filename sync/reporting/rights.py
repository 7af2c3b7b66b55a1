"""What somebody may see and do: the same on every face.

A user has what is theirs. Staff have everyone's where they have the permission to view it, and are users like others
where they have not; and they need one for each thing that they do.
"""

from uuid import UUID

from accounts.models import User
from sync.models import WorkflowExecution

VIEW = "sync.view_syncqueueitem"
VIEW_DESTINATIONS = "accounts.view_snowflakeconfiguration"
VIEW_RESULTS = "sync.view_workflowexecution"
RETRY = "sync.retry_syncqueueitem"


def scope_of(user: User, view: str = VIEW) -> UUID | None:
    """Whose things: the user's id; None, which means everyone, for staff with this permission."""
    return None if user.is_staff and user.has_perm(view) else user.pk


def may_see_results(user: User, execution: WorkflowExecution) -> bool:
    """Whether they may see the values in it: its owner, and staff with the permission."""
    owner = execution.workflow.user_id if execution.workflow else None
    return scope_of(user, VIEW_RESULTS) in (None, owner)


def may(user: User, permission: str) -> bool:
    """Whether they may do this, to what they see."""
    return not user.is_staff or user.has_perm(permission)
