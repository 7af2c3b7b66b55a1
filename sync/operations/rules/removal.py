"""Removal: what the rules of a destination exclude, and is in Snowflake already, is counted, then taken out by workers.

Between the two, workers go on. Only what has not changed since it was counted is asked for, never more than was
confirmed, and nothing once the rules have changed.
"""

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
from sync.queue import Excluded, ask_removal, count_excluded, excluded_page
from sync.reporting import Cursor
from sync.rules import latest

# Items that are asked for in one statement: the application waits for none of their rows for long.
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
    counts = count_excluded(what) if rules.scope else ()
    return RemovalPreview(rules.version, as_of, *counts)


def remove_excluded(
    configuration_id: UUID,
    *,
    version: int,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Asks workers to take at most `wanted` executions out of Snowflake, the oldest first, for about `seconds`.

    Of those that were counted at `as_of`. Each page is committed, so that a call that was broken off can be repeated.
    Runs in transactions of its own: do not call it in one. Raises RulesChangedError unless `version` is in force, also
    on the way; `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(configuration_id, version)
    run = _Run(_meant(configuration_id, version, as_of), wanted, after)
    entry = counted_of_destination(Action.EXCLUDED_REMOVED, configuration_id, f"version {version}")
    return run.carried_out(entry, progress, seconds)


class _Run(ChangeRun[str]):
    def __init__(self, what: Excluded, wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted, after)
        self._what = what
        self.ended = not wanted

    def page(self) -> None:
        page = excluded_page(self._what, (self.after.at, self.after.id) if self.after else None, size=PAGE)
        found = page.executions[: self.total - self.done]
        self.change(found)
        self.done += len(found)
        self.ended = page.is_last or self.done == self.total
        self.after = Cursor(*page.after) if page.after else None

    def change(self, ids: list[str]) -> None:
        check_unchanged(self._what.configuration_id, self._what.version)
        asked, held = ask_removal(self._what, ids)
        self.changed += len(asked)
        self.held += held


def _meant(configuration_id: UUID, version: int, as_of: datetime) -> Excluded:
    owner = SnowflakeConfiguration.objects.values_list("user_id", flat=True).get(pk=configuration_id)
    return Excluded(configuration_id, owner, version, as_of)
