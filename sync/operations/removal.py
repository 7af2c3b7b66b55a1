"""Removal: what the rules of a destination exclude, and is in Snowflake already, is counted, then taken out by workers.

Between the two, workers go on. Only what has not changed since it was counted is asked for, never more than was
confirmed, and nothing once the rules have changed.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.operations.change import ChangeCounts
from sync.operations.progress import PagedRun, Progress, silent
from sync.operations.rules import check_unchanged
from sync.postgres import database_now
from sync.queue import Excluded, Place, ask_removal, excluded_page, measure_excluded
from sync.rules import latest

# Items in one statement: the application waits for none of their rows for long.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class RemovalPreview:
    """What is in Snowflake although a version of the rules excludes it.

    `tables` are executions' own, and are dropped; `rows` are those of other executions in shared tables, as many as
    were loaded, and are deleted there.
    """

    version: int
    as_of: datetime
    executions: int = 0
    tables: int = 0
    rows: int = 0


def preview_removal(configuration_id: UUID) -> RemovalPreview:
    """Counts what would be taken out of Snowflake now. Changes nothing.

    Raises `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    rules, as_of = latest(configuration_id), database_now()
    what = _meant(configuration_id, rules.version, as_of)
    after: Place | None = Place() if rules.scope else None
    executions = tables = rows = 0
    while after:
        found, after = excluded_page(what, after, size=PAGE)
        if found:
            own, shared = measure_excluded(what, found)
            executions, tables, rows = executions + len(found), tables + own, rows + shared
    return RemovalPreview(rules.version, as_of, executions, tables, rows)


def remove_excluded(
    configuration_id: UUID,
    *,
    version: int,
    as_of: datetime,
    wanted: int,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Asks workers to take at most `wanted` executions out of Snowflake, of those that were counted at `as_of`.

    Each page is committed, and a call that was broken off, or for which the `seconds` were too few, can be repeated.
    Runs in transactions of its own: do not call it in one. Raises RulesChangedError unless `version` is in force, also
    on the way; `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(configuration_id, version)
    run = _Run(_meant(configuration_id, version, as_of), wanted)
    run.run(progress, seconds)
    run.try_again(run.ask)
    left = 0 if run.ended else wanted - run.done
    held = len(run.held)
    return ChangeCounts(run.asked, held, wanted - left - run.asked - held, left)


class _Run(PagedRun[str]):
    def __init__(self, what: Excluded, wanted: int) -> None:
        super().__init__(wanted)
        self._what, self._after = what, Place()
        self.asked = 0
        self.ended = not wanted

    def page(self) -> None:
        found, after = excluded_page(self._what, self._after, size=PAGE)
        found = found[: self.total - self.done]
        self.ask(found)
        self.done += len(found)
        self.ended = after is None or self.done == self.total
        self._after = after or self._after

    def ask(self, executions: list[str]) -> None:
        check_unchanged(self._what.configuration_id, self._what.version)
        asked, held = ask_removal(self._what, executions)
        self.asked += len(asked)
        self.held += held


def _meant(configuration_id: UUID, version: int, as_of: datetime) -> Excluded:
    owner = SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id)
    return Excluded(configuration_id, owner, version, as_of)
