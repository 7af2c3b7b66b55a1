"""Retry, skip, load again: of many at once, named by their ids."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sync.operations import apply_change, count_others, preview_change
from sync.queue import Change, ItemFilter
from sync.reporting import BACKFILL, RETRY
from sync.web.api import answers
from sync.web.api.base import SyncViewSet
from sync.web.api.parameters import Changes
from sync.web.api.parsing import body
from sync.web.api.scope import scope

# Seconds that a change works in one request.
SECONDS = 10.0
_WORDS = (
    "Of items by their `ids`, or of whole executions by theirs; both together mean items of these executions. "
    "Only what has not changed since it was counted is changed. With `dry_run` it is counted alone. If the answer is "
    "not `finished`, repeat the request: what was changed is left alone then."
)


class ChangeViewSet(SyncViewSet):
    """What can be done by hand to many."""

    demands: ClassVar[dict[str, str]] = {"retry_many": RETRY, "skip": RETRY, "load_again": BACKFILL}

    @extend_schema(
        operation_id="retry_many",
        summary="Another try for many items",
        description=f"Failed ones, and those that were skipped by hand or by a rule; with all their retries. {_WORDS}",
        request=Changes,
        responses=answers.ChangeAnswer,
    )
    def retry_many(self, request: Request) -> Response:
        return _changed(Change.RETRY, request)

    @extend_schema(
        operation_id="skip",
        summary="Skip many items",
        description=f"Failed ones, and those that wait: not loaded until new results come, or a retry. {_WORDS}",
        request=Changes,
        responses=answers.ChangeAnswer,
    )
    def skip(self, request: Request) -> Response:
        return _changed(Change.SKIP, request)

    @extend_schema(
        operation_id="load_again",
        summary="Load many items again",
        description=f"Those that are in Snowflake, as if new results had come. {_WORDS}",
        request=Changes,
        responses=answers.ChangeAnswer,
    )
    def load_again(self, request: Request) -> Response:
        return _changed(Change.LOAD_AGAIN, request)


def _changed(change: Change, request: Request) -> Response:
    sent = body(Changes, request)
    owner = scope(request, None)
    what = ItemFilter(
        item_ids=tuple(sent["ids"]) if "ids" in sent else None,
        execution_ids=tuple(sent["execution_ids"]) if "execution_ids" in sent else None,
        user_ids=(owner,) if owner else None,
    )
    preview, others = preview_change(change, what), count_others(change, what)
    answer = {"wanted": preview.wanted, "no_owner": preview.no_owner, "others": others}
    if sent["dry_run"] or not preview.wanted:
        return Response(answers.ChangeAnswer(answer).data)
    done = apply_change(change, what, as_of=preview.as_of, wanted=preview.wanted, seconds=SECONDS)
    more = {name: getattr(done, name) for name in ("changed", "held", "meanwhile", "excluded")}
    return Response(answers.ChangeAnswer({**answer, **more, "finished": not done.left}).data)
