"""What a rule has excluded comes back once the rules have changed: first how many, then at most so many."""

import math
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.operations.change import ChangeCounts, ChangePreview, ChangeRun
from sync.operations.progress import Progress, silent
from sync.postgres import database_now
from sync.queue import Returning, ReturnPage, return_page
from sync.reporting import Cursor

PAGE = 1_000


def count_returning(configuration_id: UUID, *, progress: Progress = silent) -> ChangePreview:
    """How many executions are skipped for rules that no longer exclude them. Changes nothing.

    Raises SnowflakeConfiguration.DoesNotExist.
    """
    preview = ChangePreview(database_now(), 0)
    run = _Run(configuration_id, preview.as_of, None, None)
    run.run(progress)
    return replace(preview, wanted=run.found)


def bring_back(
    configuration_id: UUID,
    *,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Makes at most `wanted` of them pending again that have not changed since `as_of`, for about `seconds`.

    Each is decided by the rules in force when it is its turn. Nothing that a rule excluded comes back otherwise, unless
    it completes again: also not because it has grown older. Runs in transactions of its own: do not call it in one.
    Raises SnowflakeConfiguration.DoesNotExist.
    """
    run = _Run(configuration_id, as_of, wanted, after)
    return run.carried_out(progress, seconds)


class _Run(ChangeRun[UUID]):
    """`wanted` None: a dry run. `found`: items that come back, as far as nobody holds them."""

    def __init__(self, configuration_id: UUID, as_of: datetime, wanted: int | None, after: Cursor | None) -> None:
        super().__init__(wanted or 0, after)
        owner = SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id)
        self._what, self._wanted = Returning(configuration_id, owner, as_of), wanted
        self.found = 0
        self.ended = wanted == 0

    def page(self) -> None:
        limit = PAGE if self._wanted is None else min(PAGE, self._wanted - self.found)
        after = (self.after.at, self.after.id) if self.after else None
        page = return_page(self._what, size=PAGE, limit=limit, after=after, dry_run=self._wanted is None)
        self.done += page.rows if self._wanted is None else page.found
        self.found += page.found
        self._note(page)
        self.after = Cursor(*page.after) if page.after else self.after
        self.ended = page.rows < PAGE or self.found == self._wanted

    def change(self, ids: list[UUID]) -> None:
        for start in range(0, len(ids), PAGE):
            self._note(return_page(self._what, size=PAGE, limit=PAGE, item_ids=ids[start : start + PAGE]))

    def _note(self, page: ReturnPage) -> None:
        self.changed += page.found - len(page.held)
        self.held += page.held
