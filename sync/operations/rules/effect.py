"""What changed rules mean for what is loaded: how many executions went by earlier ones, and these loaded again.

Executions are counted by what the rules made of them: where a change is for one workflow, it offers nothing for others.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sync.activity import Action
from sync.operations.change import ChangeCounts, ChangeRun
from sync.operations.meant import counted_of_destination
from sync.operations.progress import Progress, silent
from sync.operations.rules.earlier import ByEarlier
from sync.operations.rules.in_force import check_unchanged
from sync.postgres import database_now
from sync.queue import (
    Loaded,
    LoadedCount,
    LoadedItem,
    columns_of_items,
    count_loaded,
    count_misfits,
    load_again,
    loaded_page,
)
from sync.reporting import Cursor
from sync.rules import RuleSet, latest, of_version

TO_RETRY = (
    "failed since a rule did not fit, by rules that are others now: retry what has this error (manage.py "
    "retry_failed_syncs --error-code rule_does_not_fit, the console's page Retry, or the API one by one)"
)
# Items that are looked at, and changed, in one statement: the application waits for none of them for long.
PAGE = 1_000
_STATES = ("earlier", "excluded", "waiting", "failed", "removing")
_FIRST = Cursor(datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class WorkflowEffect:
    """A workflow's executions, in numbers.

    `versions`: what is loaded, by the rules' version that it was loaded by. Of these the rules exclude `excluded` by
    now; of the others, `earlier` went by rules that made something else of them. Of further ones that did, `waiting`
    are on their way again, and `failed` failed on it: what is in Snowflake of them went by the earlier rules, too.
    `removing` wait to be taken out.
    """

    workflow_id: str
    name: str
    versions: Counter[int] = field(default_factory=Counter)
    earlier: int = 0
    excluded: int = 0
    waiting: int = 0
    failed: int = 0
    removing: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What was loaded, as it was counted at `as_of`, against a version of the rules; most to do first.

    `to_retry`: executions, loaded before or not, that failed since a rule did not fit, by rules that are others now.
    """

    version: int
    as_of: datetime
    workflows: tuple[WorkflowEffect, ...]
    to_retry: int = 0

    @property
    def versions(self) -> dict[int, int]:
        """Loaded executions by the version that they were loaded by, the earliest first."""
        total = sum((workflow.versions for workflow in self.workflows), Counter[int]())
        return dict(sorted(total.items()))

    @property
    def earlier(self) -> int:
        """How many would be loaded again."""
        return sum(workflow.earlier for workflow in self.workflows)

    @property
    def excluded(self) -> int:
        """How many the rules exclude by now: these are not loaded again."""
        return sum(workflow.excluded for workflow in self.workflows)

    @property
    def waiting(self) -> int:
        """How many are on their way again."""
        return sum(workflow.waiting for workflow in self.workflows)

    @property
    def failed(self) -> int:
        """How many failed on it: to be retried, once what is wrong is mended."""
        return sum(workflow.failed for workflow in self.workflows)

    @property
    def removing(self) -> int:
        """How many wait to be taken out."""
        return sum(workflow.removing for workflow in self.workflows)


def count_effect(what: Loaded) -> Effect:
    """Counts what is loaded by which rules. Changes nothing.

    Raises `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    rules, as_of = latest(what.configuration_id), database_now()
    by_earlier = ByEarlier(what.configuration_id, rules)
    names: dict[str, str] = {}
    versions: dict[str, Counter[int]] = defaultdict(Counter)
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    for workflow_id, name, version, status, is_excluded, columns, count in _loaded(what, by_earlier):
        is_earlier = by_earlier(workflow_id, version, columns)
        if status == "completed":
            state = "excluded" if is_excluded else "earlier" if is_earlier else "present"
            versions[workflow_id][version] += count
        elif status == "removing":
            state = status
        elif is_earlier:
            state = "failed" if status == "failed" else "waiting"
        else:
            continue
        names[workflow_id] = name
        numbers[workflow_id][state] += count
    found = [
        WorkflowEffect(one, name, versions[one], **{state: numbers[one][state] for state in _STATES})
        for one, name in names.items()
    ]
    found.sort(key=lambda one: (-one.earlier, -one.waiting - one.failed, one.workflow_id))
    return Effect(rules.version, as_of, tuple(found), _to_retry(what, by_earlier))


def count_to_retry(what: Loaded) -> int:
    """`Effect.to_retry` alone. Raises `rules_unreadable`, SnowflakeConfiguration.DoesNotExist."""
    return _to_retry(what, ByEarlier(what.configuration_id, latest(what.configuration_id)))


def _to_retry(what: Loaded, by_earlier: ByEarlier) -> int:
    found = count_misfits(what)
    return sum(one.number for one in found if by_earlier(one.workflow_id, one.version, one.columns))


def _loaded(what: Loaded, by_earlier: ByEarlier) -> list[LoadedCount]:
    """What was loaded; by its columns, too, where these decide whether earlier rules made something else of it."""
    found = count_loaded(what)
    asked = {one.workflow_id for one in found if by_earlier.asks(one.workflow_id, one.version)}
    if not asked:
        return found
    return [one for one in found if one.workflow_id not in asked] + count_loaded(what, asked)


def reload_earlier(
    what: Loaded,
    *,
    version: int,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Loads at most `wanted` executions again that went by earlier rules, the oldest first, for about `seconds`.

    Of those that were counted at `as_of` against this version. Each page is committed, so that a call that was broken
    off can be repeated. Runs in transactions of its own: do not call it in one. Raises RulesChangedError, also on the
    way; `rules_unreadable`, SnowflakeConfiguration.DoesNotExist.
    """
    check_unchanged(what.configuration_id, version)
    run = _Run(what, of_version(what.configuration_id, version), as_of, wanted, after)
    entry = counted_of_destination(Action.RULES_APPLIED, what.configuration_id, f"version {version}")
    return run.carried_out(entry, progress, seconds)


class _Run(ChangeRun[UUID]):
    def __init__(self, what: Loaded, rules: RuleSet, as_of: datetime, wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted, after)
        self._what, self._version, self._as_of = what, rules.version, as_of
        self._by_earlier = ByEarlier(what.configuration_id, rules)
        self.ended = not wanted

    def page(self) -> None:
        start = self.after or _FIRST
        page = loaded_page(self._what, (start.at, start.id), as_of=self._as_of, size=PAGE)
        found = self._made_otherwise([one for one in page if one.is_meant])
        wanted = found[: self.total - self.done]
        self.change([one.id for one in wanted])
        self.done += len(wanted)
        self.ended = len(page) < PAGE or self.done == self.total
        if last := next(reversed(wanted if self.done == self.total else page), None):
            self.after = Cursor(last.created_at, last.id)

    def _made_otherwise(self, items: list[LoadedItem]) -> list[LoadedItem]:
        asking = [one.id for one in items if self._by_earlier.asks(one.workflow_id, one.version)]
        columns = columns_of_items(asking)
        return [one for one in items if self._by_earlier(one.workflow_id, one.version, columns.get(one.id))]

    def change(self, ids: list[UUID]) -> None:
        check_unchanged(self._what.configuration_id, self._version)
        done = load_again(ids, as_of=self._as_of)
        self.changed += len(done.items)
        self.held += done.held
