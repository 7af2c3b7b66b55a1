"""The queue, as far as the token's user may see it: parses, asks the rooms below, answers."""

from http import HTTPStatus
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sync.models import SyncQueueItem, WorkflowExecution
from sync.operations import BackfillCounts, backfill_executions, retry_failed_sync
from sync.queue import BackfillFilter, ItemFilter
from sync.reporting import (
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
from sync.web.api.parameters import Backfill, FailedParameters, QueueParameters, ScopeParameters
from sync.web.api.parsing import body, parameters
from sync.web.api.problems import Problem, not_found
from sync.web.api.scope import current_user, find_destination, find_workflow, scope

# Seconds that a backfill works in one request; it says where to go on.
BACKFILL_SECONDS = 10.0


class SnowflakeSyncViewSet(SyncViewSet):
    """Statistics, lists, and what can be done by hand."""

    demands: ClassVar[dict[str, str]] = {
        "retry": RETRY,
        "backfill": "sync.backfill_workflowexecution",
    }

    @extend_schema(
        operation_id="stats",
        summary="How many items there are, by status",
        description="All statuses always. Of a large queue the numbers are at most 5 seconds old; `as_of` says when.",
        parameters=[ScopeParameters],
        responses=answers.Stats,
    )
    def stats(self, request: Request) -> Response:
        query = parameters(ScopeParameters, request)
        return Response(sync_statistics(scope(request, query.get("user")), watch=True))

    @extend_schema(
        operation_id="failed",
        summary="What failed, the latest first",
        parameters=[FailedParameters],
        responses=answers.FailedItem(many=True),
    )
    def failed(self, request: Request) -> Response:
        query = parameters(FailedParameters, request)
        found = failed_syncs(query["limit"], scope(request, query.get("user")))
        return Response(answers.FailedItem(found, many=True).data)

    @extend_schema(
        operation_id="queue",
        summary="Items, the newest first",
        description="Page by page: `next_cursor` leads to the next one, whatever is queued meanwhile. Where a "
        "destination or workflow is rare, a page may hold fewer items than `limit`, and not be the last.",
        parameters=[QueueParameters],
        responses=answers.QueuePage,
    )
    def queue(self, request: Request) -> Response:
        query = parameters(QueueParameters, request)
        owner = scope(request, query.get("user"))
        destination = query.get("destination") and find_destination(query["destination"], owner)
        workflow = query.get("workflow") and find_workflow(query["workflow"], owner)
        owner = owner or (destination.user_id if destination else workflow.user_id if workflow else None)
        what = ItemFilter(
            user_ids=(owner,) if owner else None,
            statuses=(query["status"],) if "status" in query else None,
            configuration_ids=(destination.pk,) if destination else None,
            workflow_ids=(workflow.pk,) if workflow else None,
            since=query.get("since"),
            until=query.get("until"),
        )
        page = list_items(what, limit=query["limit"], after=query.get("cursor"))
        return Response(answers.QueuePage(page).data)

    @extend_schema(
        operation_id="sync_status",
        summary="What became of an execution, in each destination",
        responses=answers.SyncStatus,
    )
    def sync_status(self, request: Request, execution_id: str) -> Response:
        if "\0" in execution_id:
            raise not_found("execution")
        try:
            found = execution_sync(execution_id, scope_of(current_user(request)))
        except WorkflowExecution.DoesNotExist:
            raise not_found("execution") from None
        return Response(answers.sync_status(found))

    @extend_schema(
        operation_id="retry",
        summary="Another try for a failed item",
        description="With all its retries; no body. Also for one that was skipped by hand.",
        request=None,
        responses={200: answers.RetryAnswer, **answers.conflict("The item has not failed; `detail` says what it is.")},
    )
    def retry(self, request: Request, sync_id: str) -> Response:
        id_ = as_uuid(sync_id)
        try:
            if id_ is None:
                raise not_found("item")
            success, message = retry_failed_sync(id_, scope_of(current_user(request)))
        except SyncQueueItem.DoesNotExist:
            raise not_found("item") from None
        if not success:
            raise Problem(HTTPStatus.CONFLICT, "not_retried", message, "Look at the item's status in the queue.")
        return Response({"success": True, "message": message})

    @extend_schema(
        operation_id="backfill",
        summary="Queue past executions for the destinations that lack them",
        description="Without a body: all of the token's user, or for staff all there are. Safe to repeat: what is in "
        "Snowflake or on its way is left alone. It works for some seconds; where the answer is not `finished`, repeat "
        "the request with its `position` as `after`.",
        request=Backfill,
        responses=answers.BackfillAnswer,
    )
    def backfill(self, request: Request) -> Response:
        sent = body(Backfill, request)
        owner = scope(request, sent.get("user"))
        workflow = sent.get("workflow") and find_workflow(sent["workflow"], owner)
        what = BackfillFilter(
            user_ids=(owner,) if owner else None,
            workflow_ids=(workflow.pk,) if workflow else None,
            since=sent.get("since"),
            until=sent.get("until"),
            after=sent["after"],
        )
        counts = backfill_executions(
            what,
            force=sent["force"],
            dry_run=sent["dry_run"],
            limit=sent.get("limit"),
            seconds=BACKFILL_SECONDS,
        )
        return Response(_backfilled(counts, dry_run=sent["dry_run"]))


def _backfilled(counts: BackfillCounts, *, dry_run: bool) -> dict[str, object]:
    executions = counted(counts.queued, "execution")
    message = f"{executions} would be queued." if dry_run else f"{executions} queued."
    return {
        "message": message if counts.finished else f"{message} There may be more: go on after position.",
        "queued_count": counts.queued,
        "left_alone": counts.left_alone,
        "rules": dict(counts.rules),
        "finished": counts.finished,
        "position": counts.position,
    }
