"""The queue, as far as the token's user may see it: parses, asks the rooms below, answers."""

from http import HTTPStatus
from typing import Any

from sync.models import SyncQueueItem, WorkflowExecution
from sync.operations import backfill_executions, retry_failed_sync
from sync.queue import BackfillFilter, ItemFilter
from sync.reporting import (
    BACKFILL,
    RETRY,
    as_uuid,
    counted,
    execution_sync,
    failed_syncs,
    list_items,
    scope_of,
    sync_statistics,
)
from sync.web.api import answers
from sync.web.api.base import SyncViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import Backfill, FailedParameters, QueueParameters, ScopeParameters
from sync.web.api.problems import Problem, not_found
from sync.web.api.scope import current_user, find_destination, find_workflow, scope

# Seconds that a backfill works in one request; it says where to go on.
BACKFILL_SECONDS = 10.0


class SnowflakeSyncViewSet(SyncViewSet):
    """Statistics, lists, and what can be done by hand."""

    @operation(query=ScopeParameters, answer=answers.Stats)
    def stats(self, sent: Sent) -> Any:
        """How many items there are, by status.

        All statuses always. Of a large queue the numbers are at most 5 seconds old; `as_of` says when.
        """
        return sync_statistics(scope(self.request, sent.get("user")), watch=True)

    @operation(query=FailedParameters, answer=answers.FailedItem, is_many=True)
    def failed(self, sent: Sent) -> Any:
        """What failed, the latest first."""
        return failed_syncs(sent["limit"], scope(self.request, sent.get("user")))

    @operation(query=QueueParameters, answer=answers.QueuePage)
    def queue(self, sent: Sent) -> Any:
        """Items, the newest first.

        Page by page: `next_cursor` leads to the next one, whatever is queued meanwhile. Where a destination or
        workflow is rare, a page may hold fewer items than `limit`, and not be the last.
        """
        owner = scope(self.request, sent.get("user"))
        destination = find_destination(sent.get("destination"), owner)
        workflow = find_workflow(sent.get("workflow"), owner)
        owner = owner or (destination.user_id if destination else workflow.user_id if workflow else None)
        what = ItemFilter(
            user_ids=(owner,) if owner else None,
            statuses=(sent["status"],) if "status" in sent else None,
            configuration_ids=(destination.pk,) if destination else None,
            workflow_ids=(workflow.pk,) if workflow else None,
            since=sent.get("since"),
            until=sent.get("until"),
        )
        return list_items(what, limit=sent["limit"], after=sent.get("cursor"))

    @operation(answer=answers.SyncStatus)
    def sync_status(self, execution_id: str) -> Any:
        """What became of an execution, in each destination."""
        try:
            if "\0" in execution_id:
                raise not_found("execution")
            return answers.with_items(execution_sync(execution_id, scope_of(current_user(self.request))))
        except WorkflowExecution.DoesNotExist:
            raise not_found("execution") from None

    @operation(
        answer=answers.RetryAnswer,
        problems={409: "The item has not failed; `detail` says what it is."},
        demands=RETRY,
        rate="retry",
    )
    def retry(self, sync_id: str) -> Any:
        """Another try for a failed item.

        With all its retries; no body. Also for one that was skipped by hand.
        """
        id_ = as_uuid(sync_id)
        try:
            if id_ is None:
                raise not_found("item")
            success, message = retry_failed_sync(id_, scope_of(current_user(self.request)))
        except SyncQueueItem.DoesNotExist:
            raise not_found("item") from None
        if not success:
            raise Problem(HTTPStatus.CONFLICT, "not_retried", message, "Look at the item's status in the queue.")
        return {"success": True, "message": message}

    @operation(takes=Backfill, answer=answers.BackfillAnswer, demands=BACKFILL, rate="backfill", is_long=True)
    def backfill(self, sent: Sent) -> Any:
        """Queue past executions for the destinations that lack them.

        Without a body: all of the token's user, or for staff all there are. Safe to repeat: what is in Snowflake or on
        its way is left alone. It works for some seconds; where the answer is not `finished`, repeat the request with
        its `position` as `after`.
        """
        owner = scope(self.request, sent.get("user"))
        workflow = find_workflow(sent.get("workflow"), owner)
        what = BackfillFilter(
            user_ids=(owner,) if owner else None,
            workflow_ids=(workflow.pk,) if workflow else None,
            since=sent.get("since"),
            until=sent.get("until"),
            after=sent["after"],
        )
        options = {"force": sent["force"], "dry_run": sent["dry_run"], "limit": sent.get("limit")}
        counts = backfill_executions(what, **options, seconds=BACKFILL_SECONDS)
        message = f"{counted(counts.queued, 'execution')} {'would be queued' if sent['dry_run'] else 'queued'}."
        return {
            "message": message if counts.finished else f"{message} There may be more: go on after position.",
            "queued_count": counts.queued,
            "left_alone": counts.left_alone,
            "rules": dict(counts.rules),
            "finished": counts.finished,
            "position": counts.position,
        }
