"""What a rule has excluded comes back once the rules have changed: first how many, then at most so many."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.activity import Action
from sync.operations.change import ChangeCounts, ChangeRun
from sync.operations.meant import counted_of_destination
from sync.operations.progress import Progress, silent
from sync.operations.rules.in_force import check_unchanged
from sync.postgres import database_now
from sync.queue import Returning, ReturnPage, count_excluded_earlier, return_page
from sync.reporting import Cursor
from sync.rules import latest

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ReturnPreview:
    """So many executions are skipped for rules that, at this version, no longer exclude them."""

    version: int
    as_of: datetime
    wanted: int


def count_returning(configuration_id: UUID) -> ReturnPreview:
    """Counts what would come back now. Changes nothing.

    Raises `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    version, what = latest(configuration_id).version, _meant(configuration_id, database_now())
    return ReturnPreview(version, what.as_of, count_excluded_earlier(what))


def bring_back(
    configuration_id: UUID,
    *,
    version: int,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Makes at most `wanted` of them pending again that have not changed since `as_of`, for about `seconds`.

    Each is decided by the rules in force when it is its turn. Nothing that a rule excluded comes back otherwise, unless
    it completes again: also not because it has grown older. Runs in transactions of its own: do not call it in one.
    Raises RulesChangedError unless `version` is in force; `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(configuration_id, version)
    run = _Run(_meant(configuration_id, as_of), wanted, after)
    entry = counted_of_destination(Action.EXCLUDED_BROUGHT_BACK, configuration_id, f"version {version}")
    return run.carried_out(entry, progress, seconds)


class _Run(ChangeRun[UUID]):
    def __init__(self, what: Returning, wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted, after)
        self._what = what
        self.ended = not wanted

    def page(self) -> None:
        limit = min(PAGE, self.total - self.done)
        after = (self.after.at, self.after.id) if self.after else None
        page = return_page(self._what, size=PAGE, limit=limit, after=after)
        self.done += page.found
        self._note(page)
        self.after = Cursor(*page.after) if page.after else self.after
        self.ended = page.rows < PAGE or self.done == self.total

    def change(self, ids: list[UUID]) -> None:
        for start in range(0, len(ids), PAGE):
            self._note(return_page(self._what, size=PAGE, limit=PAGE, item_ids=ids[start : start + PAGE]))

    def _note(self, page: ReturnPage) -> None:
        self.changed += page.found - len(page.held)
        self.held += page.held


def _meant(configuration_id: UUID, as_of: datetime) -> Returning:
    owner = SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id)
    return Returning(configuration_id, owner, as_of)
