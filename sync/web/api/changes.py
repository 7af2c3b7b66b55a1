"""Retry, skip, load again: of many at once, named by their ids."""

from typing import Any

from sync.operations import apply_change, count_others, preview_change
from sync.queue import Change, ItemFilter
from sync.reporting import BACKFILL, RETRY
from sync.web.api.answers import ChangeAnswer
from sync.web.api.base import SyncViewSet
from sync.web.api.operation import Sent, operation
from sync.web.api.parameters import Changes
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

    @operation(takes=Changes, answer=ChangeAnswer, demands=RETRY, rate="retry", more=_WORDS)
    def retry_many(self, sent: Sent) -> Any:
        """Another try for many items.

        Failed ones, and those that were skipped by hand or by a rule; with all their retries.
        """
        return self._change(Change.RETRY, sent)

    @operation(takes=Changes, answer=ChangeAnswer, demands=RETRY, rate="retry", more=_WORDS)
    def skip(self, sent: Sent) -> Any:
        """Skip many items.

        Failed ones, and those that wait: not loaded until new results come, or a retry.
        """
        return self._change(Change.SKIP, sent)

    @operation(takes=Changes, answer=ChangeAnswer, demands=BACKFILL, rate="backfill", more=_WORDS)
    def load_again(self, sent: Sent) -> Any:
        """Load many items again.

        Those that are in Snowflake, as if new results had come.
        """
        return self._change(Change.LOAD_AGAIN, sent)

    def _change(self, change: Change, sent: Sent) -> dict[str, Any]:
        owner = scope(self.request, None)
        what = ItemFilter(
            item_ids=tuple(sent["ids"]) if "ids" in sent else None,
            execution_ids=tuple(sent["execution_ids"]) if "execution_ids" in sent else None,
            user_ids=(owner,) if owner else None,
        )
        preview, others = preview_change(change, what), count_others(change, what)
        answer = {"wanted": preview.wanted, "no_owner": preview.no_owner, "others": others}
        if sent["dry_run"] or not preview.wanted:
            return answer
        done = apply_change(change, what, as_of=preview.as_of, wanted=preview.wanted, seconds=SECONDS)
        more = {name: getattr(done, name) for name in ("changed", "held", "meanwhile", "excluded")}
        return {**answer, **more, "finished": not done.left}
